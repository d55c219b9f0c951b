"""Operators that move numbers without computing: reshape, permute, repeat, pad.

Knows nothing about arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from striate.analysis.extents import Extent
from striate.analysis.field import Field
from striate.analysis.law import Taps
from striate.analysis.operations import Operation
from striate.analysis.rules.rule import Fields, Refused, Rule, place

__all__ = ["RULES"]

# Larger than any axis: what torch writes for "to the end".
_END = 2**63 - 1


def reshape(op: Operation, of: Fields) -> Sequence[Field | None]:
    """The same numbers in the same order."""
    field = of(op["self"])
    return [field.reshaped(op.outputs[0].shape, place(op)) if field else None]


def permute(op: Operation, of: Fields) -> Sequence[Field | None]:
    """``permute``, ``transpose``, ``t``."""
    field, rank = of(op["self"]), len(op["self"].shape)
    order = list(range(rank))
    if "dims" in op.arguments:
        order = [d % rank for d in op["dims"]]
    elif "dim0" in op.arguments:
        a, b = op["dim0"] % rank, op["dim1"] % rank
        order[a], order[b] = order[b], order[a]
    else:
        order = order[::-1]
    return [field.permuted(order) if field else None]


def expand(op: Operation, of: Fields) -> Sequence[Field | None]:
    """Axes of length 1 repeated."""
    field = of(op["self"])
    return [field.stretched(op.outputs[0].shape, place(op)) if field else None]


def squeeze(op: Operation, of: Fields) -> Sequence[Field | None]:
    """All axes of length 1, or those named, left out."""
    field, shape = of(op["self"]), op["self"].shape
    dim = op.arguments.get("dim")
    named = (
        range(len(shape))
        if dim is None
        else [d % len(shape) for d in ([dim] if isinstance(dim, int) else dim)]
    )
    kept = [d for d in range(len(shape)) if shape[d] != 1 or d not in named]
    return [field.laid_out(op.outputs[0].shape, kept) if field else None]


def unsqueeze(op: Operation, of: Fields) -> Sequence[Field | None]:
    """One axis of length 1 put in."""
    field, rank = of(op["self"]), len(op.outputs[0].shape)
    kept = list(range(rank - 1))
    kept.insert(op["dim"] % rank, -1)
    return [field.laid_out(op.outputs[0].shape, kept) if field else None]


# -- moving ------------------------------------------------------------------------------------------------------


def _every_read(op: Operation, of: Fields, reads: dict[int, Extent]) -> Sequence[Field | None]:
    """Along every axis named, unit i reads the one unit ``reads[dim][i]``."""
    field = of(op["self"])
    if field is None:
        return [None]
    for dim, source in reads.items():
        field = field.read(dim, source[:, None], None, place(op))
    return [field]


def flip(op: Operation, of: Fields) -> Sequence[Field | None]:
    """Axes reversed."""
    shape = op["self"].shape
    return _every_read(op, of, {d % len(shape): np.arange(shape[d])[::-1] for d in op["dims"]})


def roll(op: Operation, of: Fields) -> Sequence[Field | None]:
    """Axes moved round."""
    shape = op["self"].shape
    if not op["dims"]:
        raise Refused(f"{place(op)} over all axes at once")
    pairs = zip(op["dims"], op["shifts"], strict=True)
    return _every_read(op, of, {d % len(shape): (np.arange(shape[d]) - by) % shape[d] for d, by in pairs})


def repeat(op: Operation, of: Fields) -> Sequence[Field | None]:
    """Tiles: an axis of length n read again and again."""
    field, out = of(op["self"]), op.outputs[0]
    if field is None:
        return [None]
    new = len(out.shape) - len(field.shape)
    field = field.laid_out((1,) * new + field.shape, [-1] * new + list(range(len(field.shape))))
    for dim, length in enumerate(out.shape):
        n = field.shape[dim]
        if n not in (1, length):
            field = field.read(dim, (np.arange(length) % n)[:, None], None, place(op))
    return [field.stretched(out.shape, place(op))]


# -- padding -----------------------------------------------------------------------------------------------------


def _padding(fold: str) -> Rule:
    """Positions outside the map: nothing, its mirror, or its border. An image without borders knows no difference."""

    def rule(op: Operation, of: Fields) -> Sequence[Field | None]:
        field = of(op["self"])
        if field is None:
            return [None]
        pad = op["pad" if fold == "nothing" else "padding"]
        for a, (before, _) in enumerate(zip(pad[::2], pad[1::2], strict=True)):
            dim = len(field.shape) - 1 - a
            n, length = field.shape[dim], op.outputs[0].shape[dim]
            at = np.arange(length) - before
            if fold == "mirror":
                at = n - 1 - np.abs(n - 1 - np.abs(at))
            elif fold == "border":
                at = at.clip(0, n - 1)
            if length != n or before:
                taps = Taps(down=1, up=1, offsets=((-before,),))
                field = field.read(dim, at[:, None], taps, place(op))
        return [field]

    return rule


RULES: dict[str, Rule] = {
    **{f"aten.{name}": reshape for name in ("view", "_unsafe_view", "_reshape_alias", "reshape", "flatten")},
    **{f"aten.{name}": permute for name in ("permute", "transpose", "t", "numpy_T")},
    "aten.expand": expand,
    "aten.squeeze": squeeze,
    "aten.unsqueeze": unsqueeze,
    "aten.flip": flip,
    "aten.roll": roll,
    "aten.repeat": repeat,
    "aten.constant_pad_nd": _padding("nothing"),
    **{f"aten.reflection_pad{a}d": _padding("mirror") for a in (1, 2, 3)},
    **{f"aten.replication_pad{a}d": _padding("border") for a in (1, 2, 3)},
}
