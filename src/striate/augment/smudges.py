"""Blur and noise: what a lens and a sensor do to an image, each image by its own amount.

Computed in float32, clamped to [0, white], whole numbers rounded. Knows nothing about colour: channels are treated alike,
any number of them.
"""

from __future__ import annotations

import math
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from striate.augment.levels import column, floats, pixels
from striate.augment.number import LARGEST, Number
from striate.augment.pixel_noise import noise_words, normal_pixels
from striate.augment.transform import Draw, ImageTransform, Key, Shape, white

__all__ = ["Blur", "Noise", "blurred", "noisy"]

SHARE = 32
"""Without a number the largest sigma is a 32nd of the shorter side: 7 pixels of 224, 1 of 32. A number of pixels that is
mild on photographs wipes small images out."""
SMALLEST = 0.1
"""Below this sigma (in pixels) a neighbour weighs less than e^-50: nothing happens."""
WIDE = 3.0
"""Kernels end at so many of the largest sigma: 0.3% of a Gaussian lies beyond."""


def blurred(batch: torch.Tensor, sigma: NDArray[Any], radius: int) -> torch.Tensor:
    """Each image with every pixel replaced by the weighted mean of those around it, along columns and rows in turn.

    w(u) = exp(-u^2 / (2 sigma^2)) for u = -radius, ..., radius, divided by its sum. Outside of the image are the pixels
    next to its border mirrored at it; where it has no more than `radius` of them, the border pixel itself goes on.

    sigma: (N,) pixels, above 0.
    """
    N, C, H, W = batch.shape
    if N == 0:  # which padding refuses
        return batch
    u = np.arange(-radius, radius + 1) / np.asarray(sigma, dtype=np.float64)[:, None]
    weights = np.exp(-0.5 * u**2)
    weights = np.repeat(weights / weights.sum(axis=1, keepdims=True), C, axis=0)  # (N C, K)
    kernel = torch.from_numpy(weights).to(batch.device, torch.float32)
    # One image of N C channels, each a group of its own: then every sample can have its own kernel.
    x = floats(batch).reshape(1, N * C, H, W)
    # Autocast would round pixels to 8 bits of mantissa, fewer than they have.
    with torch.autocast(batch.device.type, enabled=False):
        for shape, sides in (((1, -1), (radius, radius, 0, 0)), ((-1, 1), (0, 0, radius, radius))):
            size = W if sides[0] else H
            padded = functional.pad(x, sides, mode="reflect" if radius < size else "replicate")
            x = functional.conv2d(padded, kernel.view(N * C, 1, *shape), groups=N * C)
    return pixels(x.view(N, C, H, W), batch)


def noisy(batch: torch.Tensor, sd: NDArray[Any], words: NDArray[Any]) -> torch.Tensor:
    """Add noise: x + white sd e, e standard normal, one for each pixel and channel. sd, words: (N,)."""
    shape = (batch.shape[1], batch.shape[2], batch.shape[3])
    noise = normal_pixels(words, shape, batch.device).mul_(column(sd * white(batch), batch))
    return pixels(floats(batch).add_(noise), batch)


class Blur(ImageTransform):
    """Blur half of the images with a Gaussian whose sigma is uniform in (0.1, s] pixels.

    Teaches that a thing is the same out of focus or compressed, and not to rest on the finest texture. Destroys just that
    texture where it is the label (fabrics, cells, text), and small things altogether. Chen et al. 2020 ("A simple framework
    for contrastive learning of visual representations", appendix A) blur half of their images so, by up to 2 of 224 pixels,
    which is `blur2`; a 32nd of the side is stronger.

    Policy: `blur` (s = a 32nd of the shorter side, at least 0.5), `blur2` (up to 2 pixels), `blur2@0.1` (a tenth of the
    images). Any number of channels.
    """

    name = "blur"
    takes = Number("the largest sigma in pixels", SMALLEST, LARGEST)
    usual_p = 0.5

    def fit(self, shape: Shape) -> Self:
        side = min(shape[1:])
        sigma = max(0.5, side / SHARE) if self.number is None else self.number
        if sigma > side:
            raise self._misfit(
                shape,
                "would leave nothing but a mean",
                f"a sigma up to the shorter side: {self.name}{side}",
                f"{self.name} alone takes a {SHARE}nd of the shorter side",
            )
        return self.at(sigma)

    def _draw(self, key: Key, indices: NDArray[Any], shape: Shape) -> Draw:
        s = self.fit(shape).strength
        return {"sigma": s - (s - SMALLEST) * key.uniform(indices)[:, 0]}

    def _apply(self, batch: torch.Tensor, draw: Draw) -> torch.Tensor:
        # Of the largest sigma there may be, not of this batch's: a sample's pixels do not depend on its neighbours.
        s = self.fit((batch.shape[1], batch.shape[2], batch.shape[3])).strength
        return blurred(batch, draw["sigma"], math.ceil(WIDE * s))


class Noise(ImageTransform):
    """Add Gaussian noise to every pixel: out = x + white sd e, sd uniform in [0, s), e normal and independent.

    Teaches to sum over many pixels rather than trust one: noise on the input is a penalty on the slope of the network (Bishop
    1995, "Training with noise is equivalent to Tikhonov regularization"). Destroys faint, fine structure, and the difference
    between a clean and a grainy image where that is the label. The noise is a function of one word a sample, which is in
    the draw.

    Policy: `noise` (sd up to 0.05 of white), `noise0.1`, `noise@0.5` (half of the images). Any number of channels.
    """

    name = "noise"
    takes = Number("the largest standard deviation as a share of white", 0.0, 1.0, usual=0.05)

    def _draw(self, key: Key, indices: NDArray[Any], shape: Shape) -> Draw:
        return {
            "sd": key.between(indices, 0.0, self.strength)[:, 0],
            "word": noise_words(key.within("word"), indices),
        }

    def _apply(self, batch: torch.Tensor, draw: Draw) -> torch.Tensor:
        return noisy(batch, draw["sd"], draw["word"])
