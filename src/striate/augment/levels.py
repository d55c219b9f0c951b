"""Pixels as float32 and back: what every transform that computes new values needs.

    out = clamp(values, 0, white), rounded to the nearest level where pixels are whole numbers

Rounded and not cut off: cutting takes half a level from every image each time, and a whole one from a constant image
whose 117 comes out as 116.99999. Products and sums are separate steps, here and where this is used: fused ones are
used for some pixels of a tensor and not for others, which makes a pixel depend on its place in the batch. Knows nothing
about what is done to the values in between.
"""

from __future__ import annotations

from typing import Any

import torch
from numpy.typing import NDArray

from striate.augment.transform import white

__all__ = ["column", "floats", "pixels"]


def floats(batch: torch.Tensor) -> torch.Tensor:
    """A float32 copy of the batch on its own scale, 0 to `white`, that may be written over."""
    return batch.to(torch.float32, copy=True)


def pixels(values: torch.Tensor, batch: torch.Tensor) -> torch.Tensor:
    """`values` as pixels of the kind of `batch`: its dtype and memory format. Writes over `values`."""
    values = values.clamp_(0.0, white(batch))
    if not batch.is_floating_point():
        values = values.round_()
    return torch.empty_like(batch).copy_(values)


def column(numbers: NDArray[Any], batch: torch.Tensor) -> torch.Tensor:
    """Float32 (N, 1, 1, 1) beside the batch: one number for each sample."""
    return torch.from_numpy(numbers).to(batch.device, torch.float32)[:, None, None, None]
