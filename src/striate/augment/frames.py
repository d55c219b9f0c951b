"""Affine maps of the plane of an image, and a batch sampled where they point.

A frame (N, 2, 3) says for each image where the pixels of the result are taken from. With x to the right and y down, in pixels
from the image's centre,

    (x_in, y_in) = frame[:, :2] (x_out, y_out) + frame[:, 2]

Frames compose by multiplication, so that any number of warps costs one sampling. Knows nothing about what is drawn.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

__all__ = ["Frames", "linear", "still", "then", "warp"]

Frames = NDArray[np.float64]


def still(n: int) -> Frames:
    """Every pixel where it is."""
    return np.tile(np.eye(2, 3), (n, 1, 1))


def linear(
    a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64], d: NDArray[np.float64]
) -> Frames:
    """x_in = a x + b y, y_in = c x + d y, for (N,) numbers each: about the centre, which stays."""
    zero = np.zeros_like(a)
    return np.stack([a, b, zero, c, d, zero], axis=1).reshape(-1, 2, 3)


def then(first: Frames, later: Frames) -> Frames:
    """The warp `first` and, on its result, `later`: first's matrix times later's, since both look back at the source."""
    out = first[:, :, :2] @ later
    out[:, :, 2] += first[:, :, 2]
    return out


def warp(batch: torch.Tensor, frames: Frames) -> torch.Tensor:
    """The batch with every pixel taken from where `frames` says, between four pixels bilinearly.

    What lies outside is the image mirrored at its border pixels, which are not repeated: no colour that the data does not
    have there, whereas black corners would give away what was done to the image. Computed in float32; whole numbers are
    rounded. Images whose frame moves nothing stay as they are, to the bit; where none moves it is the very same tensor.
    """
    moved = np.flatnonzero((frames != np.eye(2, 3)).any(axis=(1, 2)))
    if len(moved) == 0:
        return batch
    if len(moved) == len(batch):
        return _sampled(batch, frames)
    where = torch.from_numpy(moved).to(batch.device)
    # A copy keeps its memory format; index_copy without the underscore makes one of its own.
    return batch.clone().index_copy_(0, where, _sampled(batch.index_select(0, where), frames[moved]))


def _sampled(batch: torch.Tensor, frames: Frames) -> torch.Tensor:
    """`warp` of every image, in the dtype and memory format of the batch."""
    # align_corners: -1 and 1 are the centres of the first and the last pixel, at which "reflection" then mirrors.
    values = functional.grid_sample(
        batch.to(torch.float32),
        _grid(frames, batch.shape[2], batch.shape[3], batch.device),
        mode="bilinear",
        padding_mode="reflection",
        align_corners=True,
    )
    if not batch.is_floating_point():
        values = values.round_()
    out = torch.empty_like(batch)
    # Channel by channel: one copy from planes to pixels takes four times as long.
    for c in range(batch.shape[1]):
        out[:, c] = values[:, c]
    return out


def _grid(frames: Frames, height: int, width: int, device: torch.device) -> torch.Tensor:
    """Float32 (N, H, W, 2): x and y of the source of every pixel, from -1 to 1.

    By additions of a row and a column rather than a matrix product, whose last bits depend on the size of the batch.
    """
    # One pixel across: its centre is 0 wherever the frame points, and so is the scale.
    scale = np.array([2.0 / (size - 1) if size > 1 else 0.0 for size in (width, height)])
    x, y, offset = (
        torch.from_numpy((frames[:, :, k] * scale).astype(np.float32)).to(device) for k in range(3)
    )
    across = torch.arange(width, device=device, dtype=torch.float32) - (width - 1) / 2
    down = torch.arange(height, device=device, dtype=torch.float32) - (height - 1) / 2
    along_rows = x[:, :, None] * across
    along_columns = torch.addcmul(offset[:, :, None], y[:, :, None], down)
    return (along_rows[:, :, None] + along_columns[:, :, :, None]).permute(0, 2, 3, 1)
