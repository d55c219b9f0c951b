"""Neighbouring transforms done at once: moves in one gather, warps in one sampling.

Knows nothing about draws.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from itertools import groupby

import torch

from striate.augment.frames import then, warp
from striate.augment.moves import Moves, MovingTransform, move
from striate.augment.transform import Draw, ImageTransform
from striate.augment.warps import WarpingTransform

__all__ = ["apply_fused"]

Step = tuple[ImageTransform, Draw]


def apply_fused(batch: torch.Tensor, steps: Iterable[Step]) -> torch.Tensor:
    """The batch (N, C, H, W) after `steps`, each run of moves and each run of warps in one.

    Moves together are equal to the bit to moves one by one. Warps together are not, on purpose: each sampling blurs, and
    mirrors at the border what came from there before, whereas one sampling at the places that their product points to blurs
    once and mirrors once.
    """
    shape = (batch.shape[1], batch.shape[2], batch.shape[3])
    for kind, run in groupby(steps, key=lambda step: _kind(step[0])):
        transforms = list(run)
        if kind is MovingTransform:
            moves = (t.moves(draw, shape) for t, draw in transforms if isinstance(t, MovingTransform))
            batch = move(batch, reduce(Moves.then, moves))
        elif kind is WarpingTransform:
            frames = (t.matrix(draw, shape) for t, draw in transforms if isinstance(t, WarpingTransform))
            batch = warp(batch, reduce(then, frames))
        else:
            for transform, draw in transforms:
                batch = transform.apply(batch, draw)
    return batch


def _kind(transform: ImageTransform) -> type[ImageTransform]:
    for kind in (MovingTransform, WarpingTransform):
        if isinstance(transform, kind):
            return kind
    return ImageTransform
