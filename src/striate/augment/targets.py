"""Images with the targets of a policy, and where a sample's partner comes from.

Targets are class numbers (N,), or shares of classes (N, K) once images are mixed. Knows nothing about transforms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

__all__ = ["Fetch", "Pool", "hard_targets", "soft_targets"]

Fetch = Callable[[NDArray[np.int64]], tuple[torch.Tensor, NDArray[np.int64]]]
"""Numbers of samples in the data set -> their images (N, C, H, W) and labels (N,), as they are before the policy."""


@dataclass(frozen=True)
class Pool:
    """All samples that may be somebody's partner: their numbers in the data set, and a way to their pixels."""

    rows: NDArray[np.int64]
    fetch: Fetch

    @classmethod
    def of_batch(cls, images: torch.Tensor, labels: NDArray[np.int64], rows: NDArray[np.int64]) -> Pool:
        """The batch itself: partners then depend on what is in it."""
        place = {int(row): i for i, row in enumerate(rows)}

        def fetch(wanted: NDArray[np.int64]) -> tuple[torch.Tensor, NDArray[np.int64]]:
            at = np.array([place[int(row)] for row in wanted], dtype=np.int64)
            return images.index_select(0, torch.from_numpy(at).to(images.device)), labels[at]

        return cls(np.asarray(rows), fetch)


def hard_targets(labels: NDArray[np.int64], device: torch.device) -> torch.Tensor:
    """(N,) int64 on `device`."""
    return torch.from_numpy(np.ascontiguousarray(labels)).to(device, non_blocking=True)


def soft_targets(
    labels: NDArray[np.int64],
    partners: NDArray[np.int64],
    own: NDArray[np.float64],
    classes: int,
    device: torch.device,
) -> torch.Tensor:
    """(N, K) float32, rows of sum 1: `own` (N,) of each sample's label, the rest of its partner's."""
    n = np.arange(len(labels))
    shares = np.zeros((len(labels), classes), dtype=np.float32)
    shares[n, labels] = own
    shares[n, partners] += (1.0 - own).astype(np.float32)
    return torch.from_numpy(shares).to(device, non_blocking=True)
