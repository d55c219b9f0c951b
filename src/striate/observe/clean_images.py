"""A fixed sample of training images as they came, for figures in eval mode.

A few images of every batch of the first pass, so that an ordered loader gives no lopsided sample. Knows nothing about networks.
"""

from __future__ import annotations

import math

import torch

from striate.observe.epoch_points import EpochPoints
from striate.observe.inside import InsideWatch

__all__ = ["LEAST", "CleanImages"]

MOST = 512
"""Images: an accuracy near 0.9 is then known to +- 2.6 points."""
ROOM = 32 * 2**20
"""Bytes."""
AT_ONCE = 128
LEAST = 32
"""Fewer images say too little to be worth a pass."""


class CleanImages:
    """Keeps copies on the device where the network gets its images."""

    def __init__(self, most: int = MOST, room: int = ROOM) -> None:
        self._most, self._room = most, room
        self._images: list[torch.Tensor] = []
        self._targets: list[torch.Tensor] = []
        self.n = 0

    def take(self, images: torch.Tensor, targets: torch.Tensor, batches: int) -> None:
        """Keep some images of one of `batches` batches (0: nobody knows how many)."""
        if not len(images):
            return
        fits = min(self._most, self._room // max(1, images[0].numel() * images.element_size()))
        each = math.ceil(fits / batches) if batches else max(1, len(images) // 8)
        take = min(each, len(images), fits - self.n)
        if take <= 0:
            return
        stride = len(images) // take
        self._images.append(images[: take * stride : stride].detach().clone())
        self._targets.append(targets[: take * stride : stride].detach().clone())
        self.n += take

    def score(self, inside: InsideWatch, points: EpochPoints, step: int, most: int) -> int:
        """Loss and accuracy of up to `most` of them in eval mode, as the clean figures of the last point; returns how many were scored.

        None are where the weights are no longer those of the point (`step` is another), or it has figures on as many.
        """
        most = min(most, self.n)
        last = points.points[-1] if points.points else None
        if last is None or step != last.step or most < max(LEAST, last.clean_n + 1):
            return 0
        loss, hits, n = 0.0, 0.0, 0
        for images, targets in self.batches(most):
            some = inside.evaluate(images, targets)
            loss, hits, n = loss + some[0], hits + some[1], n + some[2]
        if n:
            points.set_clean(loss / n, hits / n, n)
        return n

    def batches(self, most: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """Up to `most` of them spread over what is kept, in batches."""
        if not self.n:
            return []
        images, targets = torch.cat(self._images), torch.cat(self._targets)
        stride = max(1, math.ceil(self.n / max(1, most)))
        images, targets = images[::stride], targets[::stride]
        return list(zip(images.split(AT_ONCE), targets.split(AT_ONCE), strict=True))
