"""A box of each image is wiped out: filled with the image's own mean, or with noise.

Knows nothing about what is in the box.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray

from striate.augment.number import LARGEST, Number
from striate.augment.pixel_noise import noise_words, uniform_at
from striate.augment.transform import Draw, ImageTransform, Key, Shape
from striate.augment.whole_pixels import lie_side_by_side, put_pixels

__all__ = ["Cutout", "RandomErasing"]

SHARE = 4
"""Without a number the side of `cutout` is a quarter of the shorter side: 8 pixels of 32, which DeVries & Taylor found best
for CIFAR-100; for the ten classes of CIFAR-10 they found half."""

SMALLEST = 0.02
ASPECT = (0.3, 3.3)
"""The smallest share of the area that `erasing` wipes out, and the aspects h / w (Zhong et al. 2020, as torchvision has it)."""


class _Erasing(ImageTransform):
    """A draw has a "box" (N, 4): top, bottom, left, right, in whole pixels; bottom and right are excluded."""

    def _apply(self, batch: torch.Tensor, draw: Draw) -> torch.Tensor:
        _, _, H, W = batch.shape
        places = _covered(draw["box"])
        n, i, j = (torch.from_numpy(place).to(batch.device) for place in places)
        colours = self._colours(batch, draw, n, i, j).to(batch.dtype)
        out = batch.clone()
        if lie_side_by_side(out):
            put_pixels(out, (places[0] * H + places[1]) * W + places[2], colours)
        else:
            out.permute(0, 2, 3, 1)[n, i, j] = colours
        return out

    @abstractmethod
    def _colours(
        self, batch: torch.Tensor, draw: Draw, n: torch.Tensor, i: torch.Tensor, j: torch.Tensor
    ) -> torch.Tensor:
        """(M, C): what pixels (i, j) of images n, (M,) each, become."""


def _covered(box: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Image, row and column of every pixel in the boxes (N, 4), box after box: (M,) each."""
    # Counted rather than searched in masks: most pixels of most images are in no box.
    top, bottom, left, right = box.T
    width = right - left
    pixels = (bottom - top) * width
    n = np.repeat(np.arange(len(box)), pixels)
    within = np.arange(len(n)) - np.repeat(np.cumsum(pixels) - pixels, pixels)
    i, j = np.divmod(within, width[n])
    return n, top[n] + i, left[n] + j


class Cutout(_Erasing):
    """Fill a square of n by n pixels with the image's own mean colour.

    The centre is any pixel, equally likely; what reaches over the edge is cut off, so that the rim is covered as often as the
    middle, and many squares are smaller (DeVries & Taylor 2017, "Improved regularization of convolutional neural networks
    with Cutout"). They fill with the mean of the data, which is 0 after normalising; the image's own mean needs no
    statistics of the data, and is no more of a signal.

    Teaches to recognise a thing by more than its most telling part, occluded or not. Destroys that part, which is all there is
    where the thing is no larger than the square: small objects, single strokes of a digit, a lesion.

    Policy: `cutout8` (8 pixels a side), `cutout` (a quarter of the shorter side), `cutout8@0.5` (half of the images).
    """

    name = "cutout"
    takes = Number("the side of the square in pixels", 1, LARGEST, whole=True)

    def fit(self, shape: Shape) -> Self:
        shorter = min(shape[1:])
        side = max(1, shorter // SHARE) if self.number is None else self.number
        if side > shorter:
            raise self._misfit(
                shape,
                "wipes out more than the image",
                f"cutout1 to cutout{shorter}",
                "cutout alone takes a quarter of the shorter side",
            )
        return self.at(side)

    def _draw(self, key: Key, indices: NDArray[Any], shape: Shape) -> Draw:
        side, (_, height, width) = int(self.fit(shape).strength), shape
        u, ends = key.uniform(indices, 2), []
        for axis, size in enumerate((height, width)):
            first = np.floor(u[:, axis] * size).astype(np.int64) - side // 2
            ends += [np.maximum(first, 0), np.minimum(first + side, size)]
        return {"box": np.stack(ends, axis=1)}

    def _colours(
        self, batch: torch.Tensor, draw: Draw, n: torch.Tensor, i: torch.Tensor, j: torch.Tensor
    ) -> torch.Tensor:
        mean = _sums(batch).double() / (batch.shape[2] * batch.shape[3])
        return (mean if batch.is_floating_point() else mean.round()).to(batch.dtype).index_select(0, n)


def _sums(batch: torch.Tensor) -> torch.Tensor:
    """(N, C): of each channel of each image, as whole numbers, or in float64 where such sums are exact: in any order alike."""
    # In two steps: a row or a column of bytes fits 32 bits, and torch copies the batch into the type it sums in.
    kind = torch.float64 if batch.is_floating_point() else torch.int32
    if batch.is_contiguous(memory_format=torch.channels_last):
        # Row upon row: adding pixels of three channels one by one is three times slower.
        rows = batch.permute(0, 2, 3, 1).flatten(2).sum(1, dtype=kind)
        return rows.unflatten(1, (batch.shape[3], batch.shape[1])).sum(1)
    return batch.sum(3, dtype=kind).sum(2)


class RandomErasing(_Erasing):
    """Fill a box with noise: every channel of every pixel uniform from black to white.

    The box has a share of the area, uniform from 0.02 to s, and an aspect h / w with its logarithm uniform between log 0.3 and
    log 3.3; cut down to the image where it is wider or higher; in whole pixels, every place inside equally likely (Zhong
    et al. 2020, "Random erasing data augmentation"). Cutting down replaces their drawing again until a box fits.

    Teaches to recognise a thing by any part of it, and that noise means nothing. Destroys what `cutout` destroys, and more of it:
    a third of an image may hold all of the thing; where noise is the signal (textures, sensor faults) it writes a label.

    Policy: `erasing` (half of the images, up to a third of the area), `erasing0.2`, `erasing@0.25` (a quarter of the images).
    """

    name = "erasing"
    takes = Number("the largest share of the area that is erased", SMALLEST, 1.0, usual=0.33)
    usual_p = 0.5

    def _draw(self, key: Key, indices: NDArray[Any], shape: Shape) -> Draw:
        u, low, high = key.uniform(indices, 4), *np.log(ASPECT)
        area = (SMALLEST + (self.strength - SMALLEST) * u[:, 0]) * shape[1] * shape[2]
        aspect = np.exp(low + (high - low) * u[:, 1])
        ends = []
        for axis, side in enumerate((np.sqrt(area * aspect), np.sqrt(area / aspect))):
            size = shape[1 + axis]
            length = np.clip(np.round(side), 1, size).astype(np.int64)
            first = np.floor(u[:, 2 + axis] * (size - length + 1)).astype(np.int64)
            ends += [first, first + length]
        return {"box": np.stack(ends, axis=1), "word": noise_words(key.within("noise"), indices)}

    def _colours(
        self, batch: torch.Tensor, draw: Draw, n: torch.Tensor, i: torch.Tensor, j: torch.Tensor
    ) -> torch.Tensor:
        _, C, H, W = batch.shape
        words = torch.from_numpy(draw["word"].view(np.int64)).to(batch.device)
        numbers = torch.arange(C, device=batch.device) * (H * W) + (i * W + j)[:, None]
        noise = uniform_at(words.index_select(0, n)[:, None], numbers)
        return noise if batch.is_floating_point() else noise.mul_(256.0).floor_()
