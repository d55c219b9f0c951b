"""Operators that move numbers without computing: reshape, permute, cut, pad, repeat, join, write into a part.

Knows nothing about arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from striate.analysis.aliases import WRITTEN_THROUGH
from striate.analysis.extents import Extent
from striate.analysis.field import Field, blank, lined_up, overwritten
from striate.analysis.law import Taps
from striate.analysis.rules.rule import Fields, Refused, Rule, place
from striate.analysis.trace import Operation

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


# -- cutting -----------------------------------------------------------------------------------------------------


def _cut(field: Field, dim: int, start: int, length: int, step: int, where: str) -> Field:
    reads = (start + step * np.arange(length))[:, None]
    return field.read(dim, reads, Taps(down=step, up=1, offsets=((start,),)), where)


def select(op: Operation, of: Fields) -> Sequence[Field | None]:
    """One position along an axis, which goes."""
    field, rank = of(op["self"]), len(op["self"].shape)
    if field is None:
        return [None]
    dim = op["dim"] % rank
    one = field.read(dim, np.array([[op["index"] % field.shape[dim]]]), None, place(op))
    return [one.laid_out(op.outputs[0].shape, [d for d in range(rank) if d != dim])]


def cut(op: Operation, of: Fields) -> Sequence[Field | None]:
    """``slice``: from `start` by `step`."""
    field = of(op["self"])
    if field is None:
        return [None]
    dim = op["dim"] % len(field.shape)
    start = _start(op["start"], field.shape[dim])
    return [_cut(field, dim, start, op.outputs[0].shape[dim], op["step"], place(op))]


def _start(start: int | None, length: int) -> int:
    start = start or 0
    return min(max(start + length if start < 0 else start, 0), length)


def split(op: Operation, of: Fields) -> Sequence[Field | None]:
    """Consecutive pieces."""
    field = of(op["self"])
    if field is None:
        return [None for _ in op.outputs]
    dim = op["dim"] % len(field.shape)
    starts = accumulate((out.shape[dim] for out in op.outputs), initial=0)
    return [
        _cut(field, dim, start, out.shape[dim], 1, place(op))
        for start, out in zip(starts, op.outputs, strict=False)
    ]


def unbind(op: Operation, of: Fields) -> Sequence[Field | None]:
    """Every position along an axis for itself."""
    field = of(op["self"])
    if field is None:
        return [None for _ in op.outputs]
    rank, dim = len(field.shape), op["dim"] % len(field.shape)
    kept = [d for d in range(rank) if d != dim]
    return [
        field.read(dim, np.array([[i]]), None, place(op)).laid_out(out.shape, kept)
        for i, out in enumerate(op.outputs)
    ]


def unfold(op: Operation, of: Fields) -> Sequence[Field | None]:
    """Windows along one axis: (..., n, ...) to (..., windows, ..., size)."""
    field = of(op["self"])
    if field is None:
        return [None]
    dim, rank = op["dimension"] % len(field.shape), len(field.shape)
    windows, size = op.outputs[0].shape[dim], op["size"]
    reads = (op["step"] * np.arange(windows)[:, None] + np.arange(size)).reshape(-1, 1)
    flat = field.read(dim, reads, None, place(op))
    apart = flat.reshaped((*flat.shape[:dim], windows, size, *flat.shape[dim + 1 :]), place(op))
    return [apart.permuted([d for d in range(rank + 1) if d != dim + 1] + [dim + 1])]


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


# -- joining -----------------------------------------------------------------------------------------------------


def cat(op: Operation, of: Fields) -> Sequence[Field | None]:
    """One behind the other; what does not depend on the image sees nothing."""
    values = op["tensors"]
    known = [field for value in values if (field := of(value)) is not None]
    if not known:
        return [None]
    out = op.outputs[0]
    fields = [of(value) or blank(known[0], value.shape) for value in values if value.numel]
    return [lined_up(fields, op["dim"] % len(out.shape), out.shape, place(op))]


def stack(op: Operation, of: Fields) -> Sequence[Field | None]:
    """The same along an axis that is new."""
    values, out = op["tensors"], op.outputs[0]
    rank = len(out.shape)
    dim = op["dim"] % rank
    kept = [d - (d > dim) if d != dim else -1 for d in range(rank)]
    one = [1 if d == dim else n for d, n in enumerate(out.shape)]
    fields = [(value, of(value)) for value in values]
    known = [field.laid_out(one, kept) for _, field in fields if field is not None]
    if not known:
        return [None]
    new = [field.laid_out(one, kept) if field else blank(known[0], one) for _, field in fields]
    return [lined_up(new, dim, out.shape, place(op))]


def scatter(op: Operation, of: Fields) -> Sequence[Field | None]:
    """A part of a tensor written over: ``slice_scatter`` and ``select_scatter``."""
    base, src, shape = of(op["self"]), of(op["src"]), op["self"].shape
    dim, rank = op["dim"] % len(shape), len(shape)
    if "index" in op.arguments:
        at = np.array([op["index"] % shape[dim]])
        one = [1 if d == dim else n for d, n in enumerate(shape)]
        if src is not None:
            src = src.laid_out(one, [d - (d > dim) if d != dim else -1 for d in range(rank)])
    else:
        end = shape[dim] if op["end"] is None or op["end"] >= _END else _start(op["end"], shape[dim])
        at = np.arange(_start(op["start"], shape[dim]), end, op["step"])
        one = [len(at) if d == dim else n for d, n in enumerate(shape)]
    if src is None:
        return [None if base is None else overwritten(base, blank(base, one), dim, at, place(op))]
    return [overwritten(base or blank(src, shape), src, dim, at, place(op))]


def written_through(op: Operation, of: Fields) -> Sequence[Field | None]:
    """A write that no rule describes; harmless only where nothing depends on the image."""
    if any(of(value) for value in op.inputs):
        raise Refused(f"{place(op)} writes through a view")
    return [None]


RULES: dict[str, Rule] = {
    **{f"aten.{name}": reshape for name in ("view", "_unsafe_view", "_reshape_alias", "reshape", "flatten")},
    **{f"aten.{name}": permute for name in ("permute", "transpose", "t", "numpy_T")},
    "aten.expand": expand,
    "aten.squeeze": squeeze,
    "aten.unsqueeze": unsqueeze,
    "aten.select": select,
    "aten.slice": cut,
    "aten.split": split,
    "aten.split_with_sizes": split,
    "aten.unbind": unbind,
    "aten.unfold": unfold,
    "aten.flip": flip,
    "aten.roll": roll,
    "aten.repeat": repeat,
    "aten.constant_pad_nd": _padding("nothing"),
    **{f"aten.reflection_pad{a}d": _padding("mirror") for a in (1, 2, 3)},
    **{f"aten.replication_pad{a}d": _padding("border") for a in (1, 2, 3)},
    "aten.cat": cat,
    "aten.stack": stack,
    "aten.slice_scatter": scatter,
    "aten.select_scatter": scatter,
    WRITTEN_THROUGH: written_through,
}
