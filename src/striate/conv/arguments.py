"""What operations take: arrays with named axes, whole numbers, pairs, shares.

Knows nothing about what is done with them.
"""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from striate.conv.errors import ArgumentOutOfRange, ShapesDisagree

__all__ = [
    "Array",
    "Pair",
    "array",
    "fraction",
    "pair",
    "positive",
    "require_alike",
    "require_shape",
    "share",
    "whole",
]

Array = NDArray[np.float64]
Pair = int | tuple[int, int]

REAL = "fiub"  # NumPy's letters for floats, whole numbers, counts and truth values


def array(name: str, value: ArrayLike, axes: str = "") -> Array:
    """The value in float64, with one axis for each word of `axes`; with no words, of any shape.

    Nothing is copied that is float64 already. NaN and infinity are numbers here and pass. Raises ShapesDisagree.

    >>> array("x", [[1, 2]], "N C").shape
    (1, 2)
    """
    try:
        found = np.asarray(value)
    except ValueError as error:
        raise ShapesDisagree(f"{name} is no array", got="rows of different length") from error
    if found.dtype.kind not in REAL:
        raise ShapesDisagree(f"{name} holds no real numbers", got=f"an array of {found.dtype}")
    if axes and found.ndim != len(axes.split()):
        raise ShapesDisagree(
            f"{name} has the wrong number of axes", got=f"shape {found.shape}", expected=_axes(axes)
        )
    return found.astype(np.float64, copy=False)


def require_shape(name: str, value: NDArray[Any], shape: tuple[int, ...], axes: str) -> None:
    """Raises ShapesDisagree unless the value has this shape; `axes` names them for the message."""
    if value.shape != shape:
        raise ShapesDisagree(
            f"{name} has the wrong shape", got=f"{value.shape}", expected=f"{_axes(axes)} = {shape}"
        )


def require_alike(name: str, value: Array, other: str, shape: tuple[int, ...]) -> None:
    """Raises ShapesDisagree unless the value has the shape of the other."""
    if value.shape != shape:
        raise ShapesDisagree(
            f"{name} is not shaped as {other}",
            got=f"{value.shape}",
            expected=f"{shape}, the shape of {other}",
        )


def _axes(axes: str) -> str:
    """``"N C"`` as ``(N, C)``."""
    return f"({', '.join(axes.split())})"


def whole(name: str, value: object, least: int) -> int:
    """The value as an int of at least `least`; raises ArgumentOutOfRange. True and False are no numbers here."""
    if isinstance(value, bool | np.bool) or not isinstance(value, int | np.integer) or value < least:
        raise ArgumentOutOfRange(
            f"{name} does not fit", got=repr(value), expected=f"a whole number, {least} or more"
        )
    return int(value)


def pair(name: str, value: object, least: int) -> tuple[int, int]:
    """One whole number for both directions, or (rows, columns); raises ArgumentOutOfRange.

    >>> pair("stride", 2, least=1), pair("stride", (1, 2), least=1)
    ((2, 2), (1, 2))
    """
    if isinstance(value, tuple | list):
        if len(value) != 2:
            raise ArgumentOutOfRange(
                f"{name} does not fit", got=repr(value), expected="one whole number, or (rows, columns)"
            )
        return whole(name, value[0], least), whole(name, value[1], least)
    both = whole(name, value, least)
    return both, both


def share(name: str, value: object) -> float:
    """The value, which has to be in [0, 1]; raises ArgumentOutOfRange, for NaN too."""
    number = _real(value)
    if not 0.0 <= number <= 1.0:
        raise ArgumentOutOfRange(f"{name} does not fit", got=repr(value), expected="a number from 0 to 1")
    return number


def fraction(name: str, value: object) -> float:
    """The value, which has to be in [0, 1); raises ArgumentOutOfRange, for NaN too."""
    number = _real(value)
    if not 0.0 <= number < 1.0:
        raise ArgumentOutOfRange(
            f"{name} does not fit", got=repr(value), expected="a number from 0 to below 1"
        )
    return number


def positive(name: str, value: object, zero: bool = False) -> float:
    """The value, which has to be finite and above 0, or with `zero` at least 0; raises ArgumentOutOfRange."""
    number = _real(value)
    if not math.isfinite(number) or number < 0.0 or (number == 0.0 and not zero):
        expected = "a finite number, 0 or more" if zero else "a finite number above 0"
        raise ArgumentOutOfRange(f"{name} does not fit", got=repr(value), expected=expected)
    return number


def _real(value: object) -> float:
    """The number; NaN, which lies in no range, for what is none."""
    return float(value) if isinstance(value, Real) else math.nan
