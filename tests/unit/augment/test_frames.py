"""Frames against SciPy, borders included, and against themselves in other batches and memory formats."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.ndimage import affine_transform

from striate.augment.frames import Frames, linear, still, then, warp

SHAPES = [(3, 8, 8), (1, 7, 10), (2, 12, 5), (3, 2, 3), (1, 1, 6), (1, 6, 1), (1, 1, 1)]


def images(n: int, shape: tuple[int, int, int], dtype: torch.dtype = torch.uint8) -> torch.Tensor:
    values = torch.randint(0, 256, (n, *shape), generator=torch.Generator().manual_seed(n + sum(shape)))
    return values.to(dtype) / 255 if dtype.is_floating_point else values.to(dtype)


def random_frames(n: int, seed: int, reach: float = 4.0) -> Frames:
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.normal(0, 1, (n, 2, 2)), rng.normal(0, reach, (n, 2, 1))], axis=2)


def scipys(image: np.ndarray, frame: np.ndarray) -> np.ndarray:
    """(C, H, W) in float64: rows first, about the corner, which is how SciPy counts."""
    centre = (np.array(image.shape[1:]) - 1) / 2
    matrix, offset = frame[::-1, 1::-1], frame[::-1, 2]
    offset = offset + centre - matrix @ centre
    return np.stack(
        [
            affine_transform(plane.astype(np.float64), matrix, offset, order=1, mode="mirror")
            for plane in image
        ]
    )


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("shape", SHAPES)
def test_warp_is_scipys(shape: tuple[int, int, int], memory_format: torch.memory_format) -> None:
    """Far outside as well: places are up to some sizes away, and mirrored more than once."""
    frames = random_frames(40, seed=1)
    whole = images(40, shape).contiguous(memory_format=memory_format)
    wanted = np.stack([scipys(image.numpy(), frame) for image, frame in zip(whole, frames, strict=True)])
    out = warp(whole, frames)
    # One level where float32 rounds the other way, and nowhere more than the rounding itself.
    assert np.abs(out.numpy() - wanted).max() < 0.5 + 0.01
    floats = warp(images(40, shape, torch.float32).contiguous(memory_format=memory_format), frames)
    assert np.abs(floats.numpy() - wanted / 255).max() < 1e-5 * max(shape)
    assert (out.dtype, out.stride()) == (torch.uint8, whole.stride())
    assert floats.stride() == whole.stride()


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_what_does_not_move_stays_to_the_bit(dtype: torch.dtype, memory_format: torch.memory_format) -> None:
    batch = images(6, (3, 9, 7), dtype).contiguous(memory_format=memory_format)
    assert warp(batch, still(6)) is batch
    frames = random_frames(6, seed=2)
    frames[[1, 4]] = still(2)
    out = warp(batch, frames)
    assert torch.equal(out[[1, 4]], batch[[1, 4]])
    assert not torch.equal(out[0], batch[0])
    assert (out.dtype, out.stride()) == (dtype, batch.stride())


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32, torch.bfloat16])
def test_pixels_depend_neither_on_the_batch_nor_on_the_memory_format(dtype: torch.dtype) -> None:
    batch, frames = images(19, (3, 11, 13), dtype), random_frames(19, seed=3)
    frames[5] = still(1)
    whole, before = warp(batch, frames), batch.clone()
    for n in range(19):
        assert torch.equal(warp(batch[n : n + 1], frames[n : n + 1]), whole[n : n + 1])
    for some in (slice(0, 7), slice(7, 19), slice(0, 0), slice(None, None, 3)):
        assert torch.equal(warp(batch[some], frames[some]), whole[some])
    assert torch.equal(warp(batch.contiguous(memory_format=torch.channels_last), frames), whole)
    assert torch.equal(batch, before)


def test_a_constant_image_stays_constant() -> None:
    """Nothing enters that the image does not have: no black corners."""
    batch = torch.full((50, 3, 9, 12), 200, dtype=torch.uint8)
    assert torch.equal(warp(batch, random_frames(50, seed=4, reach=30.0)), batch)


def test_then_looks_first_through_the_later_one() -> None:
    """An image twice warped is the image sampled at first(later(place)): exact where both move by whole pixels."""
    turn = linear(*np.array([[0.0], [-1.0], [1.0], [0.0]]))
    shift = still(1)
    shift[:, 0, 2] = 1.0
    batch = images(1, (1, 9, 9))
    for first, later in ((turn, shift), (shift, turn)):
        at_once, one_by_one = warp(batch, then(first, later)), warp(warp(batch, first), later)
        # The rim is mirrored once rather than twice.
        assert torch.equal(at_once[..., 1:-1, 1:-1], one_by_one[..., 1:-1, 1:-1])
    assert not torch.equal(warp(batch, then(turn, shift)), warp(batch, then(shift, turn)))


def test_then_is_the_product_of_the_matrices() -> None:
    first, later = random_frames(9, seed=5), random_frames(9, seed=6)
    whole = np.tile(np.eye(3), (3, 9, 1, 1))
    whole[0, :, :2], whole[1, :, :2] = first, later
    assert np.allclose(then(first, later), (whole[0] @ whole[1])[:, :2], rtol=1e-14, atol=1e-14)
    assert np.array_equal(then(first, still(9)), first)
    assert np.array_equal(then(still(9), later), later)
