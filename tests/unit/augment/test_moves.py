"""Moves against a pixel-by-pixel oracle, in every memory format and dtype."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from striate.augment.moves import OUTSIDE, Moves, move

DTYPES = [torch.uint8, torch.float32, torch.float64, torch.bfloat16, torch.float16, torch.int64]


def random_moves(n: int, height: int, width: int, seed: int) -> Moves:
    rng = np.random.default_rng(seed)
    return Moves(rng.integers(OUTSIDE, height, (n, height)), rng.integers(OUTSIDE, width, (n, width)))


def by_pixels(batch: torch.Tensor, moves: Moves) -> torch.Tensor:
    """The formula, one pixel after the other."""
    out = torch.zeros_like(batch)
    for n, i, j in np.ndindex(batch.shape[0], batch.shape[2], batch.shape[3]):
        row, column = moves.rows[n, i], moves.columns[n, j]
        if OUTSIDE not in (row, column):
            out[n, :, i, j] = batch[n, :, row, column]
    return out


def images(n: int, c: int, h: int, w: int, dtype: torch.dtype = torch.uint8) -> torch.Tensor:
    generator = torch.Generator().manual_seed(n + c + h + w)
    return torch.randint(1, 255, (n, c, h, w), generator=generator).to(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("shape", [(3, 3, 4, 5), (2, 1, 5, 4), (1, 2, 1, 3), (4, 3, 6, 1), (1, 1, 1, 1)])
def test_move_is_its_formula(
    shape: tuple[int, int, int, int], memory_format: torch.memory_format, dtype: torch.dtype
) -> None:
    batch = images(*shape, dtype).contiguous(memory_format=memory_format)
    moves = random_moves(shape[0], shape[2], shape[3], seed=1)
    before = batch.clone()
    out = move(batch, moves)
    assert torch.equal(out, by_pixels(batch, moves))
    assert torch.equal(batch, before)
    assert out.dtype == dtype
    assert out.is_contiguous(memory_format=memory_format)


def test_a_strided_view() -> None:
    batch = images(4, 3, 9, 12)[::2, :, 1:7, ::2]
    moves = random_moves(2, 6, 6, seed=2)
    assert torch.equal(move(batch, moves), by_pixels(batch, moves))


def test_then_is_one_move_after_the_other() -> None:
    batch = images(3, 2, 5, 6)
    first, later = random_moves(3, 5, 6, seed=3), random_moves(3, 5, 6, seed=4)
    assert torch.equal(move(batch, first.then(later)), move(move(batch, first), later))


def test_no_move_copies() -> None:
    batch = images(2, 3, 4, 4)
    out = move(batch, Moves.none(2, 4, 4))
    assert torch.equal(out, batch)
    assert out.data_ptr() != batch.data_ptr()
