"""A fixed sample of training images as they came, for figures in eval mode.

A few images of every batch of the first pass, so that an ordered loader gives no lopsided sample. Knows nothing about networks.
"""

from __future__ import annotations

import math

import torch

__all__ = ["CleanImages"]

MOST = 512
"""Images: an accuracy near 0.9 is then known to +- 2.6 points."""
ROOM = 32 * 2**20
"""Bytes."""
AT_ONCE = 128


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

    def batches(self, most: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """Up to `most` of them spread over what is kept, in batches."""
        if not self.n:
            return []
        images, targets = torch.cat(self._images), torch.cat(self._targets)
        stride = max(1, math.ceil(self.n / max(1, most)))
        images, targets = images[::stride], targets[::stride]
        return list(zip(images.split(AT_ONCE), targets.split(AT_ONCE), strict=True))
