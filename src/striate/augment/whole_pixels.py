"""Pixels copied whole, all channels at once, where they lie side by side in memory.

On a CPU a pixel is one NumPy item of C values: taking three bytes as an item costs half of what torch's index_select costs for rows of
three, and putting them a tenth. Elsewhere torch does it. Knows nothing about which pixels are meant.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

__all__ = ["lie_side_by_side", "put_pixels", "take_pixels"]


def lie_side_by_side(batch: torch.Tensor) -> bool:
    """Whether the channels of a pixel of (N, C, H, W) are neighbours in memory: channels_last, and not both formats."""
    return not batch.is_contiguous() and batch.is_contiguous(memory_format=torch.channels_last)


def take_pixels(batch: torch.Tensor, numbers: NDArray[np.int64]) -> torch.Tensor:
    """(N, C, H, W) in channels_last: pixel k of the result is pixel ``numbers.flat[k]`` of `batch`, both counted through the batch."""
    N, C, H, W = batch.shape
    if batch.device.type == "cpu":
        taken = np.take(_items(batch), numbers.ravel())
        bytes_ = torch.from_numpy(taken.view(np.uint8))
        return bytes_.view(batch.dtype).view(N, H, W, C).permute(0, 3, 1, 2)
    pixels = batch.permute(0, 2, 3, 1).view(N * H * W, C)
    where = torch.from_numpy(numbers.ravel()).to(batch.device, non_blocking=True)
    return pixels.index_select(0, where).view(N, H, W, C).permute(0, 3, 1, 2)


def put_pixels(batch: torch.Tensor, numbers: NDArray[np.int64], colours: torch.Tensor) -> None:
    """Write `colours` (M, C), of the batch's type, over the pixels `numbers` (M,) of `batch`, which is in channels_last."""
    N, C, H, W = batch.shape
    if batch.device.type == "cpu":
        _items(batch)[numbers] = _as_items(colours)
        return
    where = torch.from_numpy(numbers).to(batch.device, non_blocking=True)
    batch.permute(0, 2, 3, 1).view(N * H * W, C).index_copy_(0, where, colours)


def _items(batch: torch.Tensor) -> NDArray[np.void]:
    """The memory of a channels_last batch as N H W items; writing to them writes to the batch."""
    return _as_items(batch.permute(0, 2, 3, 1).view(-1, batch.shape[1]))


def _as_items(rows: torch.Tensor) -> NDArray[np.void]:
    """(M, C) of any type -> M items of the bytes of a row."""
    bytes_ = rows.contiguous().view(torch.uint8).numpy()
    return bytes_.view(f"V{bytes_.shape[1]}").ravel()
