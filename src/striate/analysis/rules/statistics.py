"""Operators that put many positions into one number: sums, softmax, norms.

A sum, a maximum, a variance see alike. Knows nothing about windows or layouts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from striate.analysis.extents import Extent, compact, spread
from striate.analysis.field import Field
from striate.analysis.joining import union
from striate.analysis.law import Lawless
from striate.analysis.operations import Operation
from striate.analysis.rules.rule import Fields, Rule, everywhere, place

__all__ = ["RULES"]


def _dims(argument: Any, rank: int) -> list[int]:
    """Axes that are reduced: none named means all."""
    if argument is None or argument == []:
        return list(range(rank))
    return sorted({d % rank for d in ([argument] if isinstance(argument, int) else argument)}) if rank else []


def reduction(op: Operation, of: Fields) -> Sequence[Field | None]:
    """Over `dim`, or over everything."""
    value = op["self"]
    field = of(value)
    if field is None:
        return [None for _ in op.outputs]
    rank = len(value.shape)
    dims = _dims(op.arguments.get("dim"), rank)
    joined = field.joined_over(dims, f"{place(op)} over the map")
    if len(op.outputs[0].shape) != rank:
        kept = [d for d in range(rank) if d not in dims]
        joined = joined.laid_out(op.outputs[0].shape, kept)
    return [joined for _ in op.outputs]


def mixing(op: Operation, of: Fields) -> Sequence[Field | None]:
    """Softmax, sorting: every position along `dim` sees all of them."""
    value = op.inputs[0]
    field = of(value)
    if field is None:
        return [None for _ in op.outputs]
    joined = field.joined_over([op["dim"]], f"{place(op)} over the map")
    return [joined.stretched(out.shape, place(op)) for out in op.outputs]


def running(op: Operation, of: Fields) -> Sequence[Field | None]:
    """``cumsum``: position i along `dim` sees 0 .. i."""
    field, dim = of(op["self"]), op["dim"] % len(op["self"].shape)
    if field is None:
        return [None]

    def upto(extent: Extent) -> Extent:
        return compact(np.minimum.accumulate(spread(extent, dim, field.shape[dim]), axis=dim))

    return [
        field.changed(
            field.shape, upto, lambda law: law if law.dim != dim else Lawless("irregular", place(op))
        )
    ]


def _normalised(field: Field, dims: Sequence[int], reason: str) -> Field:
    """Each number, and the statistic over `dims` that it is divided by."""
    statistic = field.joined_over(dims, reason)
    return union([field, statistic.stretched(field.shape, reason)], field.shape, reason)


_OF_BATCH = (
    "aten.native_batch_norm",
    "aten.cudnn_batch_norm",
    "aten._native_batch_norm_legit",
    "aten._batch_norm_with_update",
)
# Operators that know only evaluation.
_STORED = ("aten._native_batch_norm_legit_no_training", "aten._batch_norm_no_update")


def batch_norm(op: Operation, of: Fields) -> Sequence[Field | None]:
    """With stored statistics a pointwise operator; with those of the batch every position sees its whole channel."""
    field, out = of(op["input"]), op.outputs[0]
    if field is None:
        return [None for _ in op.outputs]
    reason = f"statistics of the batch in {place(op)}"
    if op.op not in _STORED and (
        op.arguments.get("training", True) or op.arguments.get("running_mean") is None
    ):
        field = _normalised(field, [d for d in range(len(out.shape)) if d != 1], reason)
    return [field, *[everywhere(field, saved.shape, reason) for saved in op.outputs[1:]]]


def layer_norm(op: Operation, of: Fields) -> Sequence[Field | None]:
    """Over the last axes, as many as `normalized_shape` names."""
    field = of(op["input"])
    if field is None:
        return [None for _ in op.outputs]
    rank = len(field.shape)
    dims = range(rank - len(op["normalized_shape"]), rank)
    normal = _normalised(field, dims, f"statistics over the map in {place(op)}")
    statistic = field.joined_over(dims, place(op))
    return [normal, *[statistic for _ in op.outputs[1:]]]


def group_norm(op: Operation, of: Fields) -> Sequence[Field | None]:
    """Over the positions and channels of a group; channels come first, after the batch."""
    field, out = of(op["input"]), op.outputs[0]
    if field is None:
        return [None for _ in op.outputs]
    n, groups, reason = field.shape[0], op["group"], f"statistics over the map in {place(op)}"
    apart = (n, groups, out.shape[1] // groups, *out.shape[2:])
    statistic = field.reshaped(apart, reason).joined_over(range(2, len(apart)), reason)
    back = statistic.stretched(apart, reason).reshaped(out.shape, reason)
    saved = statistic.reshaped((n, groups), reason)
    return [union([field, back], out.shape, reason), *[saved for _ in op.outputs[1:]]]


_REDUCTIONS = (
    "mean",
    "sum",
    "prod",
    "amax",
    "amin",
    "max",
    "min",
    "var",
    "std",
    "var_mean",
    "std_mean",
    "linalg_vector_norm",
    "norm",
    "logsumexp",
    "any",
    "all",
    "argmax",
    "argmin",
    "nansum",
    "median",
)

RULES: dict[str, Rule] = {
    **{f"aten.{name}": reduction for name in _REDUCTIONS},
    **{
        f"aten.{name}": mixing
        for name in ("_softmax", "_log_softmax", "_safe_softmax", "softmax", "sort", "topk")
    },
    "aten.cumsum": running,
    **dict.fromkeys((*_OF_BATCH, *_STORED), batch_norm),
    "aten.native_layer_norm": layer_norm,
    "aten._fused_rms_norm": layer_norm,
    "aten.native_group_norm": group_norm,
}
