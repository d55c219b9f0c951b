"""Batches as a function of (seed, epoch): which samples, in which order, as which tensor.

Batches are gathered from decoded pixels, so they cost a slice each; nothing per sample runs in Python. The one
module of `data` that imports torch. Knows nothing about augmentation, networks or how pixels were decoded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from striate.core import seeds

__all__ = ["Normalise", "Order", "gather", "steps_per_epoch"]


def gather(pixels: NDArray[np.uint8], rows: NDArray[np.int64], device: torch.device) -> torch.Tensor:
    """Images `rows` of pixels (N, H, W, C), in memory or mapped from disk, on `device`: uint8 (n, C, H, W), NHWC in memory."""
    images = torch.from_numpy(np.take(pixels, rows, axis=0)).permute(0, 3, 1, 2)
    return images.to(device, non_blocking=True)


def steps_per_epoch(n: int, batch_size: int) -> int:
    """Batches that cover `n` samples: ceil(n / batch_size), less one where the last would hold one sample.

    Batch norm has no variance for a single sample, so that sample joins the batch before it. Every sample
    is seen exactly once an epoch.
    """
    steps = -(-n // batch_size)
    return steps - 1 if steps > 1 and n % batch_size == 1 and batch_size > 1 else steps


@dataclass(frozen=True)
class Order:
    """The order in which `rows` (the training samples) are visited, epoch by epoch."""

    rows: NDArray[np.int64]
    batch_size: int
    seed: int

    @property
    def steps(self) -> int:
        """Steps in an epoch."""
        return steps_per_epoch(len(self.rows), self.batch_size)

    def batches(self, epoch: int, first: int = 0) -> Iterator[NDArray[np.int64]]:
        """The rows of each batch of `epoch`, from batch `first` on: where an interrupted epoch goes on."""
        order = self.rows[seeds.permutation(self.seed, "order", epoch, len(self.rows))]
        for step in range(first, self.steps):
            stop = len(order) if step == self.steps - 1 else (step + 1) * self.batch_size
            yield order[step * self.batch_size : stop]


class Normalise:
    """uint8 pixels to network input: (x / 255 - mean) / std per channel, in float32."""

    def __init__(self, mean: tuple[float, ...], std: tuple[float, ...], device: torch.device) -> None:
        # One multiply and one add instead of a division, a subtraction and another division.
        scale = torch.tensor([1.0 / (255.0 * s) for s in std], dtype=torch.float32, device=device)
        shift = torch.tensor(
            [-m / s for m, s in zip(mean, std, strict=True)], dtype=torch.float32, device=device
        )
        self._scale, self._shift = scale[None, :, None, None], shift[None, :, None, None]

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W) uint8 or float in 0..255 -> float32, same memory layout."""
        return images.float().mul_(self._scale).add_(self._shift)
