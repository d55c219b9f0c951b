"""Operators that change the resolution of a map.

Interpolation, and dealing channels out over positions. Unit i of m reads around ``(i + 1/2) n / m - 1/2`` of n, and a neighbour of weight zero is not read. Knows nothing about
windows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np

from striate.analysis.extents import Extent
from striate.analysis.field import Field
from striate.analysis.law import Taps
from striate.analysis.operations import Operation
from striate.analysis.rules.rule import Fields, Rule, place, spatial

__all__ = ["RULES"]

# Source coordinate -> the units in that have weight there, before those outside are moved to the border.
_Kernel = Callable[[Fraction], list[int]]


def _nearest(at: Fraction) -> list[int]:
    return [math.floor(at)]


def _linear(at: Fraction) -> list[int]:
    low = math.floor(at)
    return [low] if at == low else [low, low + 1]


def _cubic(at: Fraction) -> list[int]:
    low = math.floor(at)
    return [low] if at == low else [low - 1, low, low + 1, low + 2]


def interpolation(kernel: _Kernel, shift: Fraction) -> Rule:
    """``at = (i + shift) n / m - shift``: shift 1/2 where pixels are areas, 0 where they are points at their left edge."""

    def rule(op: Operation, of: Fields) -> Sequence[Field | None]:
        field, out = of(op["self"] if "self" in op.arguments else op["input"]), op.outputs[0]
        if field is None:
            return [None]
        for dim in spatial(out, len(out.shape) - 2):
            n, m = field.shape[dim], out.shape[dim]
            corners = bool(op.arguments.get("align_corners", False))
            if n != m or not corners:
                ratio = _ratio(op, dim - len(out.shape), n, m, corners)
                field = field.read(
                    dim, *_reads(kernel, n, m, ratio, Fraction(0) if corners else shift), place(op)
                )
        return [field]

    return rule


def _ratio(op: Operation, dim: int, n: int, m: int, corners: bool) -> Fraction:
    """Units in a unit out. A scale factor that the caller gave is taken at its word, as torch does."""
    if corners:
        return Fraction(n - 1, m - 1) if m > 1 else Fraction(0)
    names = {-1: ("scales_w", "scales"), -2: ("scales_h",), -3: ("scales_d",)}[dim]
    scale = next((op.arguments[name] for name in names if op.arguments.get(name)), None)
    factors = op.arguments.get("scale_factors")
    scale = factors[dim] if factors else scale
    return Fraction(n, m) if scale is None or abs(n * scale - m) < 1e-9 else 1 / Fraction(scale)


def _reads(kernel: _Kernel, n: int, m: int, ratio: Fraction, shift: Fraction) -> tuple[Extent, Taps | None]:
    units = [kernel((i + shift) * ratio - shift) for i in range(m)]
    width = max(map(len, units))
    reads = np.array([[*unit, *[unit[0]] * (width - len(unit))] for unit in units], dtype=np.int64)
    if kernel is _nearest and shift == 0:
        # torch multiplies in float32, and what it rounds down may be another unit than in exact arithmetic.
        rounded = np.floor(np.arange(m, dtype=np.float32) * np.float32(float(ratio))).astype(np.int64)[
            :, None
        ]
        if not np.array_equal(rounded, reads):
            return rounded.clip(0, n - 1), None
    if ratio != Fraction(n, m):
        return reads.clip(0, n - 1), None
    period = tuple(tuple(unit) for unit in units[: ratio.denominator])
    return reads.clip(0, n - 1), Taps(down=ratio.numerator, up=ratio.denominator, offsets=period)


def pixel_shuffle(op: Operation, of: Fields) -> Sequence[Field | None]:
    """(N, C r r, H, W) to (N, C, H r, W r)."""
    field, out, r = of(op["self"]), op.outputs[0], op["upscale_factor"]
    if field is None:
        return [None]
    n, _, h, w = field.shape
    apart = field.reshaped((n, out.shape[1], r, r, h, w), place(op)).permuted((0, 1, 4, 2, 5, 3))
    return [apart.reshaped(out.shape, place(op))]


def pixel_unshuffle(op: Operation, of: Fields) -> Sequence[Field | None]:
    """(N, C, H r, W r) to (N, C r r, H, W)."""
    field, out, r = of(op["self"]), op.outputs[0], op["downscale_factor"]
    if field is None:
        return [None]
    n, c, h, w = field.shape
    apart = field.reshaped((n, c, h // r, r, w // r, r), place(op)).permuted((0, 1, 3, 5, 2, 4))
    return [apart.reshaped(out.shape, place(op))]


_POINT, _AREA = Fraction(0), Fraction(1, 2)

RULES: dict[str, Rule] = {
    **{f"aten.upsample_nearest{a}d": interpolation(_nearest, _POINT) for a in (1, 2, 3)},
    **{
        f"aten.upsample_{kind}": interpolation(_linear, _AREA)
        for kind in ("linear1d", "bilinear2d", "trilinear3d")
    },
    "aten.upsample_bicubic2d": interpolation(_cubic, _AREA),
    "aten.pixel_shuffle": pixel_shuffle,
    "aten.pixel_unshuffle": pixel_unshuffle,
}
