"""Which pixels a unit can see through a chain of windows: exact, in whole numbers.

Along one axis; an image is two such axes. Knows nothing about branches, nor about networks that exist: a chain is
a list of windows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from striate.conv.arguments import whole
from striate.conv.geometry import Ends, effective_kernel, ends

__all__ = ["AxisWindow", "ReceptiveField", "receptive_fields"]


@dataclass(frozen=True)
class AxisWindow:
    """A convolution or pooling along one axis: pixels of kernel, stride and padding, and dilation.

    Raises ArgumentOutOfRange where a number is none of a window.
    """

    kernel: int
    stride: int = 1
    padding: Ends = 0
    dilation: int = 1

    def __post_init__(self) -> None:
        effective_kernel(self.kernel, self.dilation)
        whole("stride", self.stride, 1)
        ends(self.padding)


@dataclass(frozen=True)
class ReceptiveField:
    """The pixels that unit 0 of a map sees, and how far the next unit's lie from them.

    `size` in pixels; `jump`, pixels from one unit's field to the next; `start`, the first pixel of unit 0's field, negative
    where that is padding. The pixel itself is a field of size 1, jump 1, start 0.
    """

    size: int = 1
    jump: int = 1
    start: int = 0

    @property
    def centre(self) -> float:
        """The middle of unit 0's field, in pixels: a half where the size is even."""
        return self.start + (self.size - 1) / 2

    def pixels(self, unit: int, image: int | None = None) -> range:
        """The pixels that a unit sees; those outside an image of so many pixels are left out.

        >>> field = ReceptiveField(size=3, jump=2, start=-1)
        >>> field.pixels(0), field.pixels(0, image=8), field.pixels(4, image=8)
        (range(-1, 2), range(0, 2), range(7, 8))
        """
        first = self.start + unit * self.jump
        if image is None:
            return range(first, first + self.size)
        return range(max(first, 0), min(first + self.size, image))

    def through(self, window: AxisWindow) -> ReceptiveField:
        """The field of a unit whose window lies on a map with this field.

            r' = r + (d (k - 1)) j,   j' = s j,   start' = start - p_before j

        Padding moves the field and never changes its size.
        """
        before, _ = ends(window.padding)
        return ReceptiveField(
            size=self.size + (effective_kernel(window.kernel, window.dilation) - 1) * self.jump,
            jump=self.jump * window.stride,
            start=self.start - before * self.jump,
        )


def receptive_fields(chain: Iterable[AxisWindow]) -> list[ReceptiveField]:
    """The field after each window of a chain, the first window lying on the image.

    r_0 = 1, j_0 = 1, start_0 = 0, then `ReceptiveField.through`. An empty chain has no fields. The field is what a unit can
    see at all; how much each pixel weighs is another question (Luo et al. 2016).

    >>> [field.size for field in receptive_fields([AxisWindow(3)] * 3)]  # as far as one 7x7 kernel
    [3, 5, 7]
    >>> [field.size for field in receptive_fields(AxisWindow(3, dilation=d) for d in (1, 2, 4))]
    [3, 7, 15]
    >>> pool = AxisWindow(2, stride=2)
    >>> [field.size for field in receptive_fields([AxisWindow(3), pool, AxisWindow(3), AxisWindow(3)])]
    [3, 4, 8, 12]

    Source: Araujo, Norris & Sim 2019, "Computing receptive fields of convolutional neural networks", Distill.
    """
    field, fields = ReceptiveField(), []
    for window in chain:
        field = field.through(window)
        fields.append(field)
    return fields
