"""Curves of tone, and sharpness: posterize, solarize, autocontrast, equalize, sharpen.

Kernels only, for the automatic policies (`striate.augment.automatic`): each image by its own strength. The formulas are
those of torchvision.transforms.v2.functional, which follow Pillow's ImageOps and ImageEnhance, to within a level: whole
numbers are rounded here and cut off there. Computed in float32. Knows nothing about what is drawn.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from striate.augment.levels import column, floats, pixels
from striate.augment.transform import white

__all__ = ["autocontrasted", "equalized", "posterized", "sharpened", "solarized"]

LEVELS = 256


def posterized(batch: torch.Tensor, bits: NDArray[np.int64]) -> torch.Tensor:
    """The first b of a pixel's 8 bits, the others 0; of floats floor(2^b x) / 2^b, at most 1 - 2^-b. Exact.

    bits: (N,), 0 to 8.
    """
    if not batch.is_floating_point():
        mask = (LEVELS - (1 << (8 - bits))).astype(np.uint8)
        return batch & torch.from_numpy(mask).to(batch.device)[:, None, None, None]
    steps = column(2.0**bits, batch)
    x = floats(batch).mul_(steps).floor_()
    return pixels(torch.minimum(x, steps - 1.0).div_(steps), batch)


def solarized(batch: torch.Tensor, threshold: NDArray[np.float64]) -> torch.Tensor:
    """The negative of what is light: white - x where x >= threshold white, else x. Exact.

    threshold: (N,), as a share of white.
    """
    if not batch.is_floating_point():
        # The first level that is inverted; the small step keeps 0.8 of 255 at 204.
        first = np.ceil(np.clip(threshold, 0.0, 1.0) * white(batch) - 1e-6).astype(np.uint8)
        inverted = batch >= torch.from_numpy(first).to(batch.device)[:, None, None, None]
        return torch.where(inverted, batch.bitwise_not(), batch)
    x = floats(batch)
    return pixels(torch.where(x >= column(threshold, batch), 1.0 - x, x), batch)


def autocontrasted(batch: torch.Tensor) -> torch.Tensor:
    """Each channel stretched over the whole scale: white (x - m) / (M - m), m its smallest and M its largest value.

    A channel of one value stays.
    """
    x = floats(batch)
    smallest, largest = x.amin((2, 3), keepdim=True), x.amax((2, 3), keepdim=True)
    flat = largest == smallest
    # x / white is x again, to within rounding: one formula for both, and 0 / 0 nowhere.
    smallest = torch.where(flat, 0.0, smallest)
    spread = torch.where(flat, white(batch), largest - smallest)
    return pixels(x.sub_(smallest).div_(spread).mul_(white(batch)), batch)


def equalized(batch: torch.Tensor) -> torch.Tensor:
    """Each channel by the curve that makes its histogram of 256 levels flat, as Pillow's ImageOps.equalize does it.

    With h the histogram, s = floor((HW - h of the last level there is) / 255) and H(v) the number of pixels below v, a
    pixel of level v becomes min(255, floor((H(v) + floor(s / 2)) / s)); where s = 0, as in all images of less than 256
    pixels, the channel stays. Floats are sorted into 256 levels first, floor(256 x). Exact.
    """
    N, C, H, W = batch.shape
    real = batch.is_floating_point()
    levels = floats(batch).mul_(LEVELS).clamp_(0, LEVELS - 1) if real else batch
    level = levels.reshape(N * C, H * W).to(torch.int64)
    counts = torch.zeros(N * C, LEVELS, dtype=torch.int32, device=batch.device)
    counts.scatter_add_(1, level, counts.new_ones(()).expand_as(level))
    last = counts.gather(1, level.amax(1, keepdim=True))
    step = (H * W - last).div_(LEVELS - 1, rounding_mode="floor")
    below = counts.cumsum(1, dtype=torch.int32) - counts
    curve = below.add_(step // 2).div_(step.clamp(min=1), rounding_mode="floor").clamp_(max=LEVELS - 1)
    stays = (step == 0).view(N, C, 1, 1)
    if not real:
        flattened = curve.to(torch.uint8).gather(1, level).view(N, C, H, W)
        return torch.empty_like(batch).copy_(torch.where(stays, batch, flattened))
    flattened = curve.to(torch.float32).div_(LEVELS - 1).gather(1, level).view(N, C, H, W)
    return pixels(torch.where(stays, batch.to(torch.float32), flattened), batch)


def sharpened(batch: torch.Tensor, factor: NDArray[Any]) -> torch.Tensor:
    """Sharper or smoother: factor x + (1 - factor) b, with b = (5 x + the sum of the eight neighbours) / 13.

    Border pixels stay, and so do images of less than 3 pixels a side. factor: (N,), 0 (smooth) to 2 (sharp).
    """
    if min(batch.shape[2:]) < 3:
        return batch
    x = floats(batch)
    rows = (x[:, :, :-2] + x[:, :, 1:-1]).add_(x[:, :, 2:])
    smooth = (rows[..., :-2] + rows[..., 1:-1]).add_(rows[..., 2:])
    inside = x[:, :, 1:-1, 1:-1]
    smooth.add_(inside * 4.0).div_(13.0).mul_(column(1.0 - factor, batch))
    inside.mul_(column(factor, batch)).add_(smooth)
    return pixels(x, batch)
