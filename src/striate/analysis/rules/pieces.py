"""Operators that cut a tensor into pieces, put pieces together, or write one into another.

Knows nothing about arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from striate.analysis.aliases import WRITTEN_THROUGH
from striate.analysis.field import Field
from striate.analysis.joining import blank, lined_up, overwritten
from striate.analysis.law import Taps
from striate.analysis.operations import Operation
from striate.analysis.rules.rule import Fields, Refused, Rule, place

__all__ = ["RULES"]

# Larger than any axis: what torch writes for "to the end".
_END = 2**63 - 1


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
    "aten.select": select,
    "aten.slice": cut,
    "aten.split": split,
    "aten.split_with_sizes": split,
    "aten.unbind": unbind,
    "aten.unfold": unfold,
    "aten.cat": cat,
    "aten.stack": stack,
    "aten.slice_scatter": scatter,
    "aten.select_scatter": scatter,
    WRITTEN_THROUGH: written_through,
}
