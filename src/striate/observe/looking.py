"""One batch of images reduced to a few numbers an image, on the device where it lies.

A print tells images apart bit by bit (64 bits); a thumbnail of at most 16x16 by area pooling tells what they look like; lowest and
highest value, mean, root mean square and sharpness tell whether they are images at all. Large images are read on a
strided grid of about 32 x 32 pixels. Nothing here waits for an accelerator, keeps a tensor that it was given, or draws a random
number. Knows nothing about passes, splits or labels.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch

__all__ = ["SIDE", "Look", "area_weights", "as_images", "grid", "look", "prints", "ranges"]

SIDE = 16
"""Thumbnails have at most this many pixels a side."""
_GRID = 32
"""Sides of 2 * `_GRID` and more are read with a stride, so that about this many pixels are left: own choice, for cost."""
_PLANES = 4
"""Channels beyond these are not looked at."""
_CROP = 32
"""Sharpness needs neighbouring pixels: those of a central square of this side, of every other row."""
_BLACK = 0x5F356495
"""Print of an image of zeros: a print of 0 stands for an image that was not looked at."""
_NARROW = {torch.float16: torch.int16, torch.bfloat16: torch.int16}


@dataclass(frozen=True)
class Look:
    """What thinned batches are reduced to: a row an image, on the device of the images."""

    thumbs: torch.Tensor
    """(N, C, h, w), float32."""
    mean: torch.Tensor
    """(N, C) of the pixels."""
    square: torch.Tensor
    """(N, C): mean square of the pixels."""
    sharp: torch.Tensor
    """(N,): mean |difference of horizontal neighbours|."""


def as_images(given: object) -> torch.Tensor | None:
    """(N, C, H, W) without history; None where these are no images: 1-D features, text, video."""
    if (
        not isinstance(given, torch.Tensor)
        or given.ndim not in (3, 4)
        or given.is_sparse
        or given.is_complex()
    ):
        return None
    images = given.detach()
    if images.ndim == 3:
        images = images[:, None]
    elif images.shape[1] > 2 * _PLANES and images.shape[3] <= _PLANES:
        images = images.permute(0, 3, 1, 2)
    return images if min(images.shape[1:]) > 0 and images.shape[2] * images.shape[3] > 1 else None


def grid(images: torch.Tensor) -> torch.Tensor:
    """(N, C, H, W) -> (N, c, h, w), contiguous: every s-th pixel, s such that about 32 a side are left, from s // 2."""
    down, across = (max(1, side // _GRID) for side in images.shape[2:])
    return images[:, :_PLANES, down // 2 :: down, across // 2 :: across].contiguous()


@lru_cache(maxsize=8)
def _odd_words(n: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    words = np.random.default_rng(n).integers(-(2**62), 2**62, n, dtype=np.int64)
    return words | 1


def prints(pixels: torch.Tensor) -> torch.Tensor:
    """(N, ...) -> (N,), int64, never 0 for a black image: a constant + sum over words v of (v xor v >> 32) w, modulo 2**64, with fixed random odd w.

    Equal images have equal prints; of n different ones two share a print with a probability of about n**2 / 2**45 (the low
    bits of round numbers are zero, hence the shift). -0.0 and 0.0 are different bits.
    """
    flat = pixels.reshape(len(pixels), -1)
    if flat.dtype in _NARROW:
        flat = flat.view(_NARROW[flat.dtype])
    if flat.dtype == torch.float32:
        flat = torch.nn.functional.pad(flat, (0, 1)) if flat.shape[1] % 2 else flat
        words = flat.view(torch.int64)
    elif flat.dtype == torch.float64:
        words = flat.view(torch.int64)
    else:
        words = flat.to(torch.int64)
    odd = _odd_words(words.shape[1])
    if words.device.type == "cpu":
        values = words.numpy()
        return torch.from_numpy(np.einsum("ij,j->i", values ^ (values >> 32), odd) + _BLACK)
    return ((words ^ (words >> 32)) * torch.from_numpy(odd).to(words.device, non_blocking=True)).sum(
        1
    ) + _BLACK


def ranges(pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Lowest and highest value of each image and channel, (N, C), float32; NaN where there is one."""
    flat = pixels.flatten(2)
    return flat.amin(2).float(), flat.amax(2).float()


@lru_cache(maxsize=16)
def area_weights(n: int, m: int) -> torch.Tensor:
    """(m, n), float32: row i holds the shares of n pixels that the i-th of m equal stretches covers. Rows add up to 1."""
    edges = np.linspace(0, n, m + 1)
    left = np.maximum(edges[:-1, None], np.arange(n))
    right = np.minimum(edges[1:, None], np.arange(1, n + 1))
    return torch.from_numpy((np.clip(right - left, 0, None) * (m / n)).astype(np.float32))


def look(images: torch.Tensor, pixels: torch.Tensor) -> Look:
    """Thumbnails, moments and sharpness of `images`, whose `grid` is `pixels`. Pixels that are not finite make theirs so."""
    values = pixels.float()
    height, width = values.shape[2:]
    device = values.device
    with torch.autocast(device.type, enabled=False):
        rows = area_weights(height, min(SIDE, height)).to(device, non_blocking=True)
        columns = area_weights(width, min(SIDE, width)).to(device, non_blocking=True)
        thumbs = torch.matmul(rows, torch.matmul(values, columns.T))
    flat = values.flatten(2)
    norm = torch.linalg.vector_norm(flat, dim=2)
    top, side = (max(0, (length - _CROP) // 2) for length in images.shape[2:])
    crop = images[:, :_PLANES, top : top + _CROP : 2, side : side + _CROP].float()
    across = (crop[..., 1:] - crop[..., :-1]).abs_().flatten(1)
    sharp = across.mean(1) if across.shape[1] else torch.zeros(len(values), device=device)
    return Look(thumbs, flat.mean(2), norm * norm / flat.shape[2], sharp)
