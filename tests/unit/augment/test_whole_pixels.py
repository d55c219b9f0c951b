"""Whole pixels taken and put against indexing, for every type and number of channels."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from striate.augment.whole_pixels import lie_side_by_side, put_pixels, take_pixels

DTYPES = [torch.uint8, torch.float32, torch.bfloat16, torch.float64]


def batch(n: int, c: int, h: int, w: int, dtype: torch.dtype) -> torch.Tensor:
    values = torch.arange(n * c * h * w).reshape(n, c, h, w) % 251
    return values.to(dtype).contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("c", [2, 3, 4, 7])
def test_take_is_indexing(dtype: torch.dtype, c: int) -> None:
    images = batch(3, c, 4, 5, dtype)
    numbers = np.random.default_rng(0).integers(0, 60, (3, 4, 5))
    pixels = images.permute(0, 2, 3, 1).reshape(60, c)
    wanted = pixels[torch.from_numpy(numbers.ravel())].reshape(3, 4, 5, c).permute(0, 3, 1, 2)
    taken = take_pixels(images, numbers)
    assert torch.equal(taken, wanted)
    assert taken.dtype == dtype
    assert lie_side_by_side(taken)
    assert taken.data_ptr() != images.data_ptr()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("c", [2, 3])
def test_put_is_indexing(dtype: torch.dtype, c: int) -> None:
    images = batch(3, c, 4, 5, dtype)
    numbers = np.array([0, 59, 7, 23])
    colours = torch.full((4, c), 17).to(dtype)
    wanted = images.permute(0, 2, 3, 1).reshape(60, c).clone()
    wanted[torch.from_numpy(numbers)] = colours
    put_pixels(images, numbers, colours)
    assert torch.equal(images.permute(0, 2, 3, 1).reshape(60, c), wanted)


def test_nothing_to_put() -> None:
    images = batch(1, 3, 2, 2, torch.uint8)
    before = images.clone()
    put_pixels(images, np.zeros(0, dtype=np.int64), torch.zeros(0, 3, dtype=torch.uint8))
    assert torch.equal(images, before)


def test_which_batches_have_them() -> None:
    assert lie_side_by_side(batch(2, 3, 4, 4, torch.uint8))
    assert not lie_side_by_side(torch.zeros(2, 3, 4, 4))
    assert not lie_side_by_side(torch.zeros(2, 1, 4, 4).contiguous(memory_format=torch.channels_last))
