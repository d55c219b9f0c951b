"""The contract of a transform: a draw by (seed, epoch, sample), and an apply that is pure.

Knows nothing about any particular transform, about files or training. Images are (N, C, H, W), uint8 from 0 to 255 or float
from 0 to 1, of any memory format; draws are NumPy arrays, so that they can be stored, compared and replayed without torch.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray

from striate.augment.errors import TransformDoesNotFit, TransformOutOfRange
from striate.augment.number import Number
from striate.core import seeds

__all__ = ["Draw", "ImageTransform", "Key", "Shape", "Transform", "chosen", "number_text", "white"]

Shape = tuple[int, int, int]
"""(C, H, W) of one image."""

Draw = Mapping[str, NDArray[Any]]
"""What was drawn for a batch: arrays by name, each with one row per sample. "on" (N,) bool says whom it happens to."""


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

    def between(self, indices: NDArray[Any], low: float, high: float, k: int = 1) -> NDArray[np.float64]:
        """(n, k) numbers, uniform in [low, high)."""
        return low + (high - low) * self.uniform(indices, k)

    def within(self, name: str) -> Key:
        """A stream of its own inside this one."""
        return dataclasses.replace(self, stream=f"{self.stream}/{name}")


@dataclass(frozen=True)
class Transform(ABC):
    """One kind of augmentation at one strength: a frozen value.

    The docstring of a transform says what invariance it teaches and what it may destroy. Laws, all tested:
    ``draw`` depends on (key, sample index, shape) and on nothing else, not on the rest of the batch; applying changes
    neither its batch nor anything else, draws nothing, keeps shape, dtype, device and memory format; so
    equal draws give equal pixels, bit for bit.
    """

    name: ClassVar[str]
    """How a policy calls it."""
    takes: ClassVar[Number | None] = None
    """What its number means; None: it has none."""
    usual_p: ClassVar[float] = 1.0
    order: ClassVar[int] = 0
    """Done so many times it is undone, which lets a label map say what it makes of each class: 2 for a flip. 0: no map."""

    number: float | None = None
    """The strength; None: the usual one, which `fit` writes."""
    p: float | None = None
    """Share of the images it happens to, each by its own draw; None: `usual_p`."""

    @classmethod
    def of(cls, number: float | None = None, p: float | None = None) -> Self:
        """The transform at this strength, for this share of the images. Raises TransformOutOfRange."""
        if number is not None:
            if cls.takes is None:
                raise TransformOutOfRange(
                    f"{cls.name} takes no number",
                    got=f"{cls.name}{number:g}",
                    next_step=f"for a share of the images: {cls.name}@{number:g}"
                    if 0 < number <= 1
                    else f"{cls.name} alone",
                )
            cls.takes.check(cls.name, number)
        if p is not None and not 0.0 < p <= 1.0:
            raise TransformOutOfRange(
                "what follows @ is the share of images that a transform happens to",
                got=f"{cls.name}@{p:g}",
                expected="above 0, up to 1",
                next_step=f"{cls.name} alone means {cls.name}@{cls.usual_p:g}",
            )
        return cls(number, None if p == cls.usual_p else p)

    @property
    def share(self) -> float:
        """`p`, or the usual one."""
        return self.usual_p if self.p is None else self.p

    @property
    def text(self) -> str:
        """How a policy writes it: ``crop4``, ``flip``, ``gray@0.1``."""
        number = "" if self.number is None else number_text(self.number)
        return f"{self.name}{number}" + ("" if self.share == self.usual_p else f"@{number_text(self.share)}")

    def at(self, number: float | None) -> Self:
        """The same at another strength."""
        return dataclasses.replace(self, number=number)

    def always(self) -> Self:
        """The same, happening to every image."""
        return dataclasses.replace(self, p=1.0)

    def weaker(self) -> Self | None:
        """The same at half its strength; None where there is no less of it."""
        if self.takes is None:
            return None
        half = self.strength / 2
        if self.takes.whole:
            half = half // 1
        return self.at(half) if half >= self.takes.low and half > 0 else None

    @property
    def strength(self) -> float:
        """The number, or the usual one. Raises ValueError where only `fit` knows it."""
        number = self.takes.usual if self.number is None and self.takes is not None else self.number
        if number is None:
            raise ValueError(f"{self.name} is not fitted to an image's size")
        return number

    def fit(self, shape: Shape) -> Self:
        """This transform for images of `shape`, its strength written out. Raises TransformDoesNotFit."""
        if self.takes is None or self.number is not None or self.takes.usual is None:
            return self
        return self.at(self.takes.usual)

    def draw(self, key: Key, indices: NDArray[Any], shape: Shape) -> Draw:
        """What happens to the samples `indices` (their numbers in the data set) of images of `shape`."""
        if self.share >= 1.0:
            on = np.ones(len(indices), dtype=bool)
        else:
            on = key.within("on").uniform(indices)[:, 0] < self.share
        return {"on": on, **self._draw(key, np.asarray(indices), shape)}

    def _draw(self, key: Key, indices: NDArray[Any], shape: Shape) -> Draw:
        """What happens to those it happens to; nothing where there is no choice left."""
        return {}

    def once(self, draw: Draw) -> Draw:
        """The draw with the label map followed once by every sample: a quarter turn where several are possible."""
        return draw

    def turns(self, draw: Draw) -> NDArray[np.int64]:
        """(N,): how often the label map of this transform is to be followed for each sample."""
        return draw["on"].astype(np.int64)

    def _misfit(self, shape: Shape, why: str, expected: str, next_step: str | None) -> TransformDoesNotFit:
        channels = "grey" if shape[0] == 1 else "colour" if shape[0] == 3 else f"{shape[0]}-channel"
        return TransformDoesNotFit(
            f"{self.name} {why}",
            got=f"{self.text} on {channels} images of {shape[1]}x{shape[2]} pixels",
            expected=expected,
            next_step=next_step,
        )


class ImageTransform(Transform):
    """A transform of each image by itself."""

    def apply(self, batch: torch.Tensor, draw: Draw) -> torch.Tensor:
        """The batch with row n changed as row n of `draw` says; the very same tensor where nothing happens."""
        rows = np.flatnonzero(draw["on"])
        if len(rows) == len(batch):
            return self._apply(batch, draw)
        if len(rows) == 0:
            return batch
        where = torch.from_numpy(rows).to(batch.device)
        # A copy of the batch keeps its memory format; index_copy makes one of its own.
        return batch.clone().index_copy_(
            0, where, self._apply(batch.index_select(0, where), chosen(draw, rows))
        )

    @abstractmethod
    def _apply(self, batch: torch.Tensor, draw: Draw) -> torch.Tensor:
        """`apply` where it happens to every row."""


def chosen(draw: Draw, rows: NDArray[np.int64]) -> Draw:
    """The draws of some of the samples."""
    return {name: values[rows] for name, values in draw.items()}


def number_text(number: float) -> str:
    """The shortest text that reads back as `number`, without an exponent: a policy's letters are names."""
    return np.format_float_positional(number, trim="-")


def white(batch: torch.Tensor) -> float:
    """The largest value of a pixel: 255 for whole numbers, 1 for floats, as in torchvision."""
    return 1.0 if batch.is_floating_point() else 255.0
