"""What the walk through a network says about a layer's field and stride.

Knows nothing about how the walk is done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import nn

from striate.analysis.receptive_field import described, fields_of, receptive_field
from striate.analysis.trace import walk

__all__ = ["Theory", "strides_of", "theoretical_field"]

Pair = tuple[int, int]
Size = tuple[int, int, int]


@dataclass(frozen=True)
class Theory:
    """Size and first pixel of one unit's theoretical field, None where there is none; and what it is, in words."""

    size: Pair | None
    start: Pair | None
    because: str


def theoretical_field(model: nn.Module, input_size: Size, layer: str, unit: Pair) -> Theory:
    """The field of the unit at `unit` (row, column) of `layer`. Raises what `receptive_field` raises."""
    found = receptive_field(model, input_size, layer)
    if found.reach in ("none", "unknown"):
        return Theory(None, None, found.because or "it does not depend on the image")
    if found.reach == "local" and len(found.output_shape) == 3:
        size = [axis.size for axis in found.axes]
        # Of unit 0, and a stride for each unit: exact where the stride is whole, else the pixel before.
        start = [
            a.start + place * a.stride[0] // a.stride[1] for a, place in zip(found.axes, unit, strict=True)
        ]
        return Theory((size[0], size[1]), (start[0], start[1]), "its theoretical field")
    box = found.box(*unit)
    (top, bottom), (left, right) = box
    return Theory((bottom - top + 1, right - left + 1), (top, left), found.because or "the whole image")


def strides_of(model: nn.Module, input_size: Size, layers: Sequence[str]) -> dict[str, Pair]:
    """Pixels of the image from unit to unit (down, right) of the layers for which there is one whole number."""
    walked = walk(model, input_size)
    fields = fields_of(walked)
    strides: dict[str, Pair] = {}
    for call in walked.calls:
        if call.name in layers and call.outputs:
            stride = described(fields, call.outputs[0], input_size).stride
            if stride is not None and len(stride) == 2 and all(s.denominator == 1 for s in stride):
                strides[call.name] = (int(stride[0]), int(stride[1]))
    return strides
