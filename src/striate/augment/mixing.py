"""Two images become one, and so do their labels: Mixup and CutMix.

The partner of a sample is drawn from the whole pool of training samples, not from its batch, so that it is a function of
(seed, epoch, sample) like every other draw. Knows nothing about where the partner's pixels come from, nor about losses.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import special

from striate.augment.number import Number
from striate.augment.transform import Draw, Key, Shape, Transform

__all__ = ["CutMix", "MixingTransform", "Mixup"]


class MixingTransform(Transform):
    """A share of a sample's own image and label, and the rest of a partner's.

    The share is drawn from Beta(a, a), a the transform's number: 1 is uniform, towards 0 nearly every image is
    nearly one of the two.
    """

    takes = Number("the a of Beta(a, a), from which shares are drawn", 0.0, 100.0, usual=1.0)

    def partners(self, draw: Draw, n: int) -> NDArray[np.int64]:
        """(N,): each sample's partner, a place in a pool of `n`."""
        return np.minimum((draw["partner"] * n).astype(np.int64), n - 1)

    @abstractmethod
    def mix(self, batch: torch.Tensor, partners: torch.Tensor, draw: Draw) -> torch.Tensor:
        """The batch with a part of row n of `partners` in row n, for every row."""

    @abstractmethod
    def own(self, draw: Draw, shape: Shape) -> NDArray[np.float64]:
        """(N,): the share of each sample's own label."""

    def _draw(self, key: Key, indices: NDArray[Any], shape: Shape) -> Draw:
        u = key.uniform(indices, 2)
        # The inverse of Beta's distribution function: one uniform number in, one share out.
        share = special.betaincinv(self.strength, self.strength, u[:, 1])
        return {"partner": u[:, 0], "share": share}


class Mixup(MixingTransform):
    """Blend two images and their labels: x = s x1 + (1 - s) x2, y = s y1 + (1 - s) y2, s from Beta(a, a).

    Teaches the network to be linear between classes, hence less sure of itself far from the data (Zhang et al. 2018,
    "mixup: Beyond empirical risk minimization"). Destroys the claim that an image shows one thing: training accuracy means
    little, small objects fade, and with a tiny set there may be nothing left to fit.

    Policy: `mixup` (a = 1), `mixup0.2`, `mixup0.2@0.5` (half of the images). With `cutmix` in the same policy each image gets
    one of the two.
    """

    name = "mixup"

    def mix(self, batch: torch.Tensor, partners: torch.Tensor, draw: Draw) -> torch.Tensor:
        share = torch.from_numpy(draw["share"]).to(batch.device, torch.float32)[:, None, None, None]
        mixed = torch.lerp(partners.float(), batch.float(), share)
        return mixed.round_().to(batch.dtype) if not batch.is_floating_point() else mixed.to(batch.dtype)

    def own(self, draw: Draw, shape: Shape) -> NDArray[np.float64]:
        return np.asarray(draw["share"], dtype=np.float64)


class CutMix(MixingTransform):
    """Paste a box of another image, and give its label the box's share of the area.

    The box has sides sqrt(1 - s) of the image's, s from Beta(a, a), and its centre anywhere; what reaches over the edge is cut off,
    and the labels' shares are those of the area that is really covered (Yun et al. 2019, "CutMix").

    Teaches to recognise a thing by any part of it, occluded or not. Destroys what is told by the whole (counts, layouts), and
    gives a label to boxes that may hold nothing but background.

    Policy: `cutmix` (a = 1), `cutmix0.5`, `cutmix@0.5` (half of the images).
    """

    name = "cutmix"

    def _draw(self, key: Key, indices: NDArray[Any], shape: Shape) -> Draw:
        drawn = dict(super()._draw(key, indices, shape))
        side = np.sqrt(1.0 - drawn["share"])
        centre = key.within("centre").uniform(indices, 2)
        ends = []
        for axis in (0, 1):
            size = shape[1 + axis]
            half, middle = np.floor(size * side).astype(np.int64) // 2, np.floor(centre[:, axis] * size)
            ends += [np.clip(middle - half, 0, size), np.clip(middle + half, 0, size)]
        # Top, bottom, left, right; bottom and right are excluded.
        drawn["box"] = np.stack(ends, axis=1).astype(np.int64)
        return drawn

    def mix(self, batch: torch.Tensor, partners: torch.Tensor, draw: Draw) -> torch.Tensor:
        top, bottom, left, right = torch.from_numpy(draw["box"]).to(batch.device).T[:, :, None]
        i = torch.arange(batch.shape[2], device=batch.device)
        j = torch.arange(batch.shape[3], device=batch.device)
        rows, columns = (i >= top) & (i < bottom), (j >= left) & (j < right)
        return torch.where((rows[:, :, None] & columns[:, None, :])[:, None], partners, batch)

    def own(self, draw: Draw, shape: Shape) -> NDArray[np.float64]:
        top, bottom, left, right = draw["box"].T
        return 1.0 - (bottom - top) * (right - left) / (shape[1] * shape[2])
