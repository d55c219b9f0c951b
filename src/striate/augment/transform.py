"""The contract of a transform: a draw by (seed, epoch, sample), and an apply that is pure.

Knows nothing about any particular transform, about files or training. Images are (N, C, H, W) of any dtype and memory
format; draws are NumPy arrays, so that they can be stored, compared and replayed without torch.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray

from striate.core import seeds

__all__ = ["Draw", "Key", "Shape", "Transform"]

Shape = tuple[int, int, int]
"""(C, H, W) of one image."""

Draw = Mapping[str, NDArray[Any]]
"""What was drawn for a batch: arrays by name, each with one row per sample."""


@dataclass(frozen=True)
class Key:
    """Where draws come from. Two transforms of one policy have different streams, hence independent draws."""

    seed: int
    epoch: int
    stream: str = "augment"

    def uniform(self, indices: NDArray[Any], k: int = 1) -> NDArray[np.float64]:
        """(n, k) numbers in [0, 1): row i depends on the key and on indices[i] alone."""
        return seeds.uniform(self.seed, self.stream, self.epoch, indices, k)

    def integers(self, indices: NDArray[Any], low: int, high: int, k: int = 1) -> NDArray[np.int64]:
        """(n, k) whole numbers, each of low, ..., high equally likely (to within 2^-53)."""
        return low + np.floor(self.uniform(indices, k) * (high - low + 1)).astype(np.int64)


class Transform(ABC):
    """One kind of augmentation at one strength: a frozen value.

    The docstring of a transform says what invariance it teaches and what it may destroy. Laws, all tested:
    ``draw`` depends on (key, sample index, shape) and on nothing else, not on the rest of the batch; ``apply`` changes
    neither its batch nor anything else, draws nothing, keeps shape, dtype, device and memory format; so
    equal draws give equal pixels, bit for bit.
    """

    name: ClassVar[str]
    """How a policy calls it."""

    @classmethod
    @abstractmethod
    def from_number(cls, number: float | None) -> Self:
        """The transform at the strength that a policy's text gives; None where it gives none.

        Raises TransformOutOfRange.
        """

    @property
    @abstractmethod
    def text(self) -> str:
        """How a policy writes it: ``from_number`` of what follows the name gives this transform back."""

    def fit(self, height: int, width: int) -> Transform:
        """This transform for images of this size: relative strengths in pixels. Raises TransformDoesNotFit."""
        return self

    @abstractmethod
    def draw(self, key: Key, indices: NDArray[Any], shape: Shape) -> Draw:
        """What happens to the samples `indices` (their numbers in the data set) of images of `shape`."""

    @abstractmethod
    def apply(self, batch: torch.Tensor, draw: Draw) -> torch.Tensor:
        """The batch (N, C, H, W) with row n changed as row n of `draw` says."""
