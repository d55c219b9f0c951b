"""What a unit of the last map sees of the image, and how its positions are joined.

Knows nothing about how much of the image a task needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from striate.analysis.field import Unknown
from striate.analysis.operations import Operation, Value, Walk
from striate.analysis.receptive_field import Fields, described, fields_of
from striate.observe.operator_kinds import CONVOLUTIONS, PRODUCTS, is_norm
from striate.observe.structure import short

__all__ = ["PooledField", "pooled_field"]

REDUCTIONS = ("mean", "sum", "amax", "max", "logsumexp", "linalg_vector_norm")


class PooledField(NamedTuple):
    """`size` is (height, width), None where there is no one size; `pooled` None where it could not be told."""

    size: tuple[int, ...] | None
    pooled: bool | None
    """Whether positions are averaged or the largest is taken; a map that is flattened keeps them apart."""


def pooled_field(walked: Walk) -> PooledField:
    """Of the last map with several positions along each axis. Behind it nothing may mix positions in a way that depends on the image.

    So there is no size for networks with attention, or where an operator without a rule comes later; nor behind a gate that is
    computed from the whole map. Normalisations count as acting on each position by itself: the few statistics that they take from
    the whole map tell nothing of where things are.
    """
    walked = replace(walked, operations=tuple(map(_by_position, walked.operations)))
    fields = fields_of(walked)
    at = _last_map(walked, fields)
    if at < 0:
        return PooledField(None, None)
    last, behind = walked.operations[at].outputs, walked.operations[at + 1 :]
    if any(_mixes(op, fields) for op in behind):
        return PooledField(None, None)
    return PooledField(described(fields, last[0], walked.input.shape[1:]).size, _pooled(last, behind))


def _last_map(walked: Walk, fields: Fields) -> int:
    """Number of the operator that made it; -1 where there is none."""
    axes, last = len(walked.input.shape), -1
    for i, op in enumerate(walked.operations):
        shape = op.outputs[0].shape if op.outputs and op.outputs[0].number in fields else ()
        if len(shape) == axes and min(shape[2:], default=1) > 1:
            last = i
    return last


def _mixes(op: Operation, fields: Fields) -> bool:
    """Whether it joins positions by weights that depend on the image, or in a way that is not known."""
    given = [value for value in op.inputs if value.number in fields]
    if short(op) in PRODUCTS and len(given) > 1:
        return True
    unknown = any(isinstance(fields.get(out.number), Unknown) for out in op.outputs)
    return "scaled_dot_product" in op.op or unknown


def _pooled(last: Sequence[Value], behind: Sequence[Operation]) -> bool | None:
    """How the positions of the last map are brought together first."""
    derived = {value.number for value in last}
    for op in behind:
        if not any(value.number in derived for value in op.inputs):
            continue
        name = short(op)
        if "pool" in name or name in REDUCTIONS:
            return True
        if name in PRODUCTS or name in CONVOLUTIONS:
            return False
        derived.update(out.number for out in op.outputs)
    return None


def _by_position(op: Operation) -> Operation:
    """A normalisation as an operator that sees its own position only."""
    if not is_norm(short(op)):
        return op
    return Operation("aten.relu", {"self": op.inputs[0]}, op.outputs[:1], op.module)
