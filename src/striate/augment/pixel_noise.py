"""Noise for pixels from one 64-bit word a sample: equal on replay, never drawn.

The word of pixel p of a sample is SplitMix64's p-th output after the sample's own word w (see `striate.core.seeds`):

    word(w, p) = mix(w + (p + 1) G),   all modulo 2^64

computed on torch tensors, so that noise for a batch is made where the batch is. Knows nothing about images' values, nor about
which transform wants noise.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from striate.augment.transform import Key, Shape

__all__ = ["noise_words", "normal_pixels", "pixel_bits", "uniform_at", "uniform_pixels"]


def _signed(word: int) -> int:
    """The int64 of the same bits: torch multiplies and adds those modulo 2^64."""
    return word - 2**64 if word >= 2**63 else word


_GOLDEN = _signed(0x9E3779B97F4A7C15)
_MIX_1 = _signed(0xBF58476D1CE4E5B9)
_MIX_2 = _signed(0x94D049BB133111EB)
_UNIT = 2.0**-24
"""The step of a uniform float32: 24 bits are what its mantissa holds."""


def noise_words(key: Key, indices: NDArray[Any]) -> NDArray[np.uint64]:
    """(n,): for a draw, the word from which the noise of each sample is made."""
    # 53 random bits are plenty to tell samples apart; mixing spreads them over all 64.
    return (key.uniform(indices)[:, 0] * 2.0**53).astype(np.uint64)


def pixel_bits(words: torch.Tensor, numbers: torch.Tensor) -> torch.Tensor:
    """64 random bits, as int64, for each number 0, 1, ... of a sample with the word `words` (int64); both are broadcast."""
    z = words + (numbers + 1) * _GOLDEN
    z = z.bitwise_xor_(_shifted(z, 30)).mul_(_MIX_1)
    z = z.bitwise_xor_(_shifted(z, 27)).mul_(_MIX_2)
    return z.bitwise_xor_(_shifted(z, 31))


def _shifted(z: torch.Tensor, by: int) -> torch.Tensor:
    """A logical shift to the right: torch's own copies the sign."""
    return (z >> by).bitwise_and_((1 << (64 - by)) - 1)


def uniform_at(words: torch.Tensor, numbers: torch.Tensor) -> torch.Tensor:
    """Float32 in [0, 1), of 24 random bits, for some pixels: for `uniform_pixels` of a part of the image."""
    return _shifted(pixel_bits(words, numbers), 40).to(torch.float32).mul_(_UNIT)


def uniform_pixels(words: NDArray[Any], shape: Shape, device: torch.device | str) -> torch.Tensor:
    """Float32 (N, C, H, W) on `device`, uniform in [0, 1), 24 random bits each; equal to the bit on every device.

    words: (N,) uint64 or int64, one for each sample. Pixels are counted c H W + i W + j.
    """
    numbers = torch.arange(math.prod(shape), device=device)
    return uniform_at(_column(words, device), numbers).view(-1, *shape)


def normal_pixels(words: NDArray[Any], shape: Shape, device: torch.device | str) -> torch.Tensor:
    """Float32 (N, C, H, W) on `device`, of the standard normal distribution.

    Box & Muller (1958): two uniform numbers u, v make two normal ones, sqrt(-2 ln u) cos(2 pi v) and the same with sin,
    here from one word for two pixels. |value| < 5.8. Equal on replay on one device; two devices may differ in the last bit
    of ln, cos and sin. words: (N,) uint64 or int64.
    """
    pixels = math.prod(shape)
    bits = pixel_bits(_column(words, device), torch.arange((pixels + 1) // 2, device=device))
    # (0, 1] for the logarithm.
    radius = (_shifted(bits, 40) + 1).to(torch.float32).mul_(_UNIT).log_().mul_(-2.0).sqrt_()
    angle = (_shifted(bits, 8) & 0xFFFFFF).to(torch.float32).mul_(2.0 * math.pi * _UNIT)
    pairs = torch.stack((radius * angle.cos(), radius * angle.sin()), dim=-1)
    return pairs.flatten(1)[:, :pixels].reshape(-1, *shape)


def _column(words: NDArray[Any], device: torch.device | str) -> torch.Tensor:
    """(N, 1) int64 of the same bits."""
    return torch.from_numpy(np.ascontiguousarray(words).view(np.int64)).to(device)[:, None]
