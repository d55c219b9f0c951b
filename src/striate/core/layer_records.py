"""Frozen records of what each layer of a network is: shape, cost, what it sees.

Axes are those of the image after the channels: (H, W) for pictures. Knows nothing about torch or how anything was found
out.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from striate.core.records import Record

__all__ = ["AxisField", "Inspection", "LayerFact", "Reach", "ReceptiveField"]

Reach = Literal["local", "global", "irregular", "none", "unknown"]
"""One size for all units; every unit sees all there was to see; it differs from unit to unit; nothing; no rule."""


class AxisField(Record):
    """What units see along one axis of the image."""

    reach: Reach
    because: str = ""
    size: int = 0
    """Positions from the first to the last that a unit sees, on an image without borders; 0 unless the reach is local."""
    stride: tuple[int, int] = (0, 1)
    """Pixels from a unit to the next, as a fraction: (1, 2) after upsampling by two."""
    start: int = 0
    """First position that unit 0 sees; negative inside the padding."""
    first: tuple[int, ...] = ()
    last: tuple[int, ...] = ()
    """By position along the axis, clipped to the image, borders counted exactly; -1 for a unit that sees nothing. Of length
    1 where the output has no such axis."""

    @property
    def padding(self) -> int:
        """How far unit 0 reaches beyond the image: ``-start``."""
        return -self.start

    @property
    def centre(self) -> float:
        """Of unit 0, in pixels; pixel 0 has its centre at 0."""
        return self.start + (self.size - 1) / 2

    @property
    def seen(self) -> int:
        """The most that a unit sees of this image."""
        return max((b - a + 1 for a, b in zip(self.first, self.last, strict=True) if a >= 0), default=0)


class ReceptiveField(Record):
    """What the units of one tensor see of the image."""

    input_size: tuple[int, ...]
    """(H, W) of the image."""
    output_shape: tuple[int, ...]
    """Without the batch axis."""
    reach: Reach
    because: str = ""
    axes: tuple[AxisField, ...]
    """One for each axis of the image; empty where the reach is none or unknown."""
    misaligned: str = ""
    """The first place where branches met whose fields have different centres; the field is then their hull."""

    @property
    def size(self) -> tuple[int, ...] | None:
        """(71, 71); None where there is no one size."""
        return tuple(axis.size for axis in self.axes) if self.reach == "local" else None

    @property
    def stride(self) -> tuple[Fraction, ...] | None:
        """Pixels from unit to unit; None where there is no one stride."""
        return tuple(Fraction(*axis.stride) for axis in self.axes) if self.reach == "local" else None

    @property
    def padding(self) -> tuple[int, ...] | None:
        """Effective padding: how far unit 0 reaches beyond the image."""
        return tuple(axis.padding for axis in self.axes) if self.reach == "local" else None

    @property
    def centre(self) -> tuple[float, ...] | None:
        """Of unit 0."""
        return tuple(axis.centre for axis in self.axes) if self.reach == "local" else None

    @property
    def seen(self) -> float:
        """The largest part of the image that a unit sees, borders counted; NaN where it is unknown."""
        if self.reach == "unknown":
            return float("nan")
        share = 1.0 if self.axes else 0.0
        for axis, n in zip(self.axes, self.input_size, strict=False):
            share *= axis.seen / n
        return share

    def box(self, *position: int) -> tuple[tuple[int, int], ...]:
        """First and last pixel on each axis that the unit at `position` (i, j) sees, clipped to the image.

        (-1, -1) for nothing. Where the output has no such axis every position is the same. Raises IndexError beyond the map.
        """
        return tuple(
            (axis.first[i], axis.last[i]) if len(axis.first) > 1 else (axis.first[0], axis.last[0])
            for axis, i in zip(self.axes, position, strict=True)
        )


class LayerFact(Record):
    """One layer that ran, in order of execution: a module, or an operator outside of one."""

    name: str
    kind: str
    output_shape: tuple[int, ...]
    """Without the batch axis: (C, H, W) or (F,)."""
    parameters: int
    kernel: tuple[int, ...] = ()
    stride: tuple[int, ...] = ()
    padding: tuple[int, ...] = ()
    dilation: tuple[int, ...] = ()
    groups: int = 1
    multiply_adds: int = 0
    """Of matrix products and convolutions, for one image."""
    activation_bytes: int = 0
    """New memory that its results take, for one image."""
    dense_parameters: int = 0
    """Weights and biases of the dense layer that maps the same input to the same output; 0 where that says nothing."""
    field: ReceptiveField | None = None
    """What its units see; None where it was not asked for."""
    input_field: tuple[int, ...] = ()
    """Size of what the units of its input see; () where there is no one size."""


class Inspection(Record):
    """A network as a whole, for one image of one size."""

    network: str
    weights: str = ""
    """Where they come from, in words."""
    input_size: tuple[int, ...]
    """(C, H, W)."""
    training: bool = False
    layers: tuple[LayerFact, ...]
    parameters: int
    """Shared ones once."""
    multiply_adds: int
    activation_bytes: int
    hints: tuple[str, ...] = ()
    """What is unusual about these facts, in words."""
