"""A batch is reduced to what a slow and plain computation gives, whatever its type, layout and size."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from striate.observe.looking import area_weights, as_images, grid, look, prints, ranges


def pictures(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


DTYPES = [torch.uint8, torch.int64, torch.float16, torch.bfloat16, torch.float32, torch.float64]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("side", [3, 8])
def test_equal_images_and_only_they_have_equal_prints(dtype: torch.dtype, side: int) -> None:
    images = (pictures(40, 1, side, side) * 200).to(dtype)
    images[7] = images[3]
    images[9] = images[3]
    images[9, 0, -1, -1] += 1
    found = prints(images)
    assert found[7] == found[3]
    assert len(found.unique()) == 39


def test_a_black_image_has_a_print() -> None:
    assert prints(torch.zeros(2, 1, 8, 8)).tolist() == [prints(torch.zeros(1, 1, 8, 8)).item()] * 2
    assert (prints(torch.zeros(2, 1, 8, 8, dtype=torch.uint8)) != 0).all()


def test_a_print_depends_on_the_image_alone() -> None:
    images = pictures(64, 3, 32, 32)
    assert torch.equal(prints(images)[10:13], prints(images[10:13]))
    assert torch.equal(prints(images), prints(images.to(memory_format=torch.channels_last)))


def test_prints_of_round_numbers_differ() -> None:
    """One pixel of 64 among 17 round values: low bits are all zero, and each of the 1,088 images is its own."""
    images = torch.zeros(64 * 17, 1, 8, 8)
    for i in range(64 * 17):
        images[i].view(-1)[i // 17] = (i % 17) / 16
    assert len(prints(images).unique()) == 64 * 16 + 1


def test_area_weights_are_shares_of_overlap() -> None:
    weights = area_weights(28, 16)
    fine = np.repeat(np.arange(28), 16)  # 448 cells: 28 pixels of 16, 16 stretches of 28
    by_hand = np.stack([np.bincount(fine[i * 28 : (i + 1) * 28], minlength=28) / 28 for i in range(16)])
    assert np.allclose(weights.numpy(), by_hand)


def test_looks_are_plain_means() -> None:
    images = pictures(5, 3, 32, 32) * 4 - 1
    seen = look(images, grid(images))
    values = images.numpy().astype(np.float64)
    assert np.allclose(seen.thumbs, values.reshape(5, 3, 16, 2, 16, 2).mean((3, 5)), atol=1e-5)
    assert np.allclose(seen.mean, values.mean((2, 3)), atol=1e-5)
    assert np.allclose(seen.square, (values**2).mean((2, 3)), rtol=1e-4)
    assert np.allclose(seen.sharp, np.abs(np.diff(values[:, :, ::2], axis=3)).mean((1, 2, 3)), atol=1e-5)


def test_large_images_are_read_on_a_grid() -> None:
    pixels = grid(pictures(2, 3, 224, 200))
    assert pixels.shape == (2, 3, 32, 33)
    assert look(pictures(2, 3, 224, 200), pixels).thumbs.shape == (2, 3, 16, 16)


def test_a_mirrored_image_has_the_mirrored_thumbnail() -> None:
    images = pictures(3, 1, 28, 28)
    plain, mirrored = (look(part, grid(part)).thumbs for part in (images, images.flip(3)))
    assert torch.allclose(plain.flip(3), mirrored, atol=1e-6)


def test_ranges_are_by_channel_and_show_what_is_not_finite() -> None:
    images = pictures(3, 2, 4, 4)
    images[1, 1, 2, 2] = float("nan")
    low, high = ranges(images)
    assert low.shape == (3, 2)
    assert torch.equal(low[0], images[0].flatten(1).amin(1))
    assert torch.isnan(high).tolist() == [[False, False], [False, True], [False, False]]


@pytest.mark.parametrize(
    ("given", "shape"),
    [
        (torch.zeros(2, 3, 8, 8), (2, 3, 8, 8)),
        (torch.zeros(2, 8, 8), (2, 1, 8, 8)),
        (torch.zeros(2, 32, 32, 3), (2, 3, 32, 32)),
        (torch.zeros(2, 10), None),
        (torch.zeros(2, 3, 4, 8, 8), None),
        (torch.zeros(2, 3, 1, 1), None),
        (torch.zeros(2, 8, 8, dtype=torch.complex64), None),
        (["a"], None),
    ],
    ids=["nchw", "nhw", "nhwc", "features", "video", "one-pixel", "complex", "text"],
)
def test_what_counts_as_images(given: object, shape: tuple[int, ...] | None) -> None:
    images = as_images(given)
    assert (None if images is None else tuple(images.shape)) == shape
