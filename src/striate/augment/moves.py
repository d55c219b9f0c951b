"""Transforms that only move pixels along rows and columns: any number in one gather.

A move says from which row and which column of its image each output pixel is taken:

    out[n, c, i, j] = in[n, c, rows[n, i], columns[n, j]],  or 0 where either source is -1

Moves compose by indexing maps with maps, (rows_2 after rows_1)[n, i] = rows_1[n, rows_2[n, i]], so a flip and a crop
together read and write each pixel once. Knows nothing about randomness or policies.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from striate.augment.transform import Draw, ImageTransform, Shape
from striate.augment.whole_pixels import lie_side_by_side, take_pixels

__all__ = ["Moves", "MovingTransform", "move"]

OUTSIDE = -1
"""The source of a pixel that comes from outside of the image."""


@dataclass(frozen=True)
class Moves:
    """Source rows (N, H) and columns (N, W) of each image of a batch."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]

    @classmethod
    def none(cls, n: int, height: int, width: int) -> Moves:
        """Every pixel stays."""
        return cls(np.tile(np.arange(height), (n, 1)), np.tile(np.arange(width), (n, 1)))

    def where(self, on: NDArray[np.bool_]) -> Moves:
        """This move for some of the images; the others stay."""
        if on.all():
            return self
        stay = Moves.none(len(on), self.rows.shape[1], self.columns.shape[1])
        return Moves(
            np.where(on[:, None], self.rows, stay.rows), np.where(on[:, None], self.columns, stay.columns)
        )

    def then(self, later: Moves) -> Moves:
        """This move and, on its result, `later`."""
        return Moves(_chain(self.rows, later.rows), _chain(self.columns, later.columns))


def _chain(first: NDArray[np.int64], later: NDArray[np.int64]) -> NDArray[np.int64]:
    """first[later], and OUTSIDE where either is."""
    source = np.take_along_axis(first, np.maximum(later, 0), axis=1)
    return np.where(later == OUTSIDE, OUTSIDE, source)


class MovingTransform(ImageTransform):
    """A transform that is a move."""

    def moves(self, draw: Draw, shape: Shape) -> Moves:
        """Where each pixel comes from; of those it does not happen to, from where it is."""
        return self._moves(draw, shape).where(draw["on"])

    @abstractmethod
    def _moves(self, draw: Draw, shape: Shape) -> Moves:
        """`moves` where it happens to every image."""

    def _apply(self, batch: torch.Tensor, draw: Draw) -> torch.Tensor:
        return move(batch, self._moves(draw, (batch.shape[1], batch.shape[2], batch.shape[3])))


def move(batch: torch.Tensor, moves: Moves) -> torch.Tensor:
    """The batch with every pixel taken from where `moves` says.

    Exact: values are copied, never computed. Strided views that are in neither of the two dense memory formats
    come out contiguous.
    """
    out = _taken(batch, np.maximum(moves.rows, 0), np.maximum(moves.columns, 0))
    if (moves.rows == OUTSIDE).any() or (moves.columns == OUTSIDE).any():
        outside = (moves.rows == OUTSIDE)[:, :, None] | (moves.columns == OUTSIDE)[:, None, :]  # (N, H, W)
        out = out.masked_fill_(torch.from_numpy(outside).to(batch.device)[:, None], 0)
    return out


def _taken(batch: torch.Tensor, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> torch.Tensor:
    """out[n, c, i, j] = batch[n, c, rows[n, i], columns[n, j]], in the memory format of the batch.

    Two paths because a pixel's channels lie side by side in one format (whole pixels are copied) and
    apart in the other.
    """
    N, C, H, W = batch.shape
    if lie_side_by_side(batch):
        first = (rows + np.arange(N)[:, None] * H) * W  # (N, H): counted through the whole batch
        return take_pixels(batch, first[:, :, None] + columns[:, None, :])
    numbers = torch.from_numpy((rows * W)[:, :, None] + columns[:, None, :]).to(
        batch.device, non_blocking=True
    )
    source = numbers.view(N, 1, H * W).expand(N, C, H * W)
    return batch.contiguous().view(N, C, H * W).gather(2, source).view(N, C, H, W)
