"""Mean and std as by float64 over everything at once; exact where floats are not."""

from __future__ import annotations

import numpy as np
import pytest

from striate.data.pixel_statistics import LEAST_STD, channel_statistics


@pytest.mark.parametrize("shape", [(7, 5, 3, 3), (2000, 32, 32, 3), (9, 28, 28, 1)])
def test_they_are_numpys_mean_and_std_of_the_chosen_rows(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, shape, dtype=np.uint8)
    rows = rng.permutation(shape[0])[: shape[0] // 2 + 1]
    mean, std = channel_statistics(pixels, rows)
    oracle = pixels[rows].astype(np.float64) / 255
    np.testing.assert_allclose(mean, oracle.mean(axis=(0, 1, 2)), rtol=1e-13)
    np.testing.assert_allclose(std, oracle.std(axis=(0, 1, 2)), rtol=1e-12)


def test_the_order_of_rows_changes_no_bit() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (500, 6, 6, 3), dtype=np.uint8)
    rows = np.arange(500)
    assert channel_statistics(pixels, rows) == channel_statistics(pixels, rows[::-1])


def test_channels_are_kept_apart() -> None:
    pixels = np.zeros((4, 2, 2, 3), np.uint8)
    pixels[..., 1] = 51
    pixels[:2, ..., 2] = 255
    assert channel_statistics(pixels, np.arange(4)) == ((0.0, 0.2, 0.5), (LEAST_STD, LEAST_STD, 0.5))
