"""Which part of the image a unit can see: exact, for every tensor of any network.

For a chain of convolutions and pools this is the recurrence ``r_l = r_{l-1} + (k_l - 1) d_l j_{l-1}``, ``j_l = j_{l-1} s_l``,
``start_l = start_{l-1} - p_l j_{l-1}`` (size r, stride j; padding moves the start and so the centre, never the size). Here it is
folded over the operators that really ran (`trace`), branches joined by their hull, each operator by its rule (`rules`).
What a rule does not cover is unknown, with the reason, and so is all that depends on it. Knows nothing about weights: a
weight of zero counts as seeing, and so does what a mask hides.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
from torch import nn

from striate.analysis.capture import layer_named
from striate.analysis.errors import LayerUnsuited
from striate.analysis.extents import EMPTY, Extent, minimum_over
from striate.analysis.field import Field, Unknown, input_field
from striate.analysis.law import Law, Lawless
from striate.analysis.operations import Operation, Value, Walk
from striate.analysis.rules import place, rule_for
from striate.analysis.rules.rule import Refused
from striate.analysis.trace import walk
from striate.core.layer_records import AxisField, Reach, ReceptiveField

__all__ = ["Fields", "fields_of", "receptive_field"]

Fields = Mapping[int, Field | Unknown]
"""By number of the value; values that do not depend on the image are not in it."""


def receptive_field(
    model: nn.Module, input_size: Sequence[int], layer: str | None = None, *, training: bool = False
) -> ReceptiveField:
    """What a unit of `layer` (by name; the network's output by default) sees of an image of `input_size` (C, H, W).

    Exact integers for each spatial axis; where no size holds for all units (a global pool, attention, branches of
    different stride) the record says why instead. A layer that runs several times is described by its last run. In
    training mode batch norm makes every unit see the whole image. Raises UnknownLayer, LayerUnsuited where the layer puts
    out no tensor, and InputRefused.

    >>> receptive_field(nn.Sequential(*[nn.Conv2d(1, 1, 3) for _ in range(3)]), (1, 32, 32)).size
    (7, 7)
    """
    if layer is not None:
        layer_named(model, layer)
    walked = walk(model, input_size, training=training)
    calls = [call for call in walked.calls if call.name == (layer or "")]
    outputs = calls[-1].outputs if calls else ()
    if not outputs:
        raise LayerUnsuited(
            "there is no tensor whose field could be told",
            where=layer or "the network itself",
            got="a module that does not run for this input" if not calls else "no tensor among its outputs",
            next_step="choose a layer that puts out a tensor; `striate inspect` lists them",
        )
    return described(fields_of(walked), outputs[0], input_size)


def fields_of(walked: Walk) -> Fields:
    """The field of every value of a walk that depends on the image."""
    shape = walked.input.shape
    fields: dict[int, Field | Unknown] = {walked.input.number: input_field(shape, range(2, len(shape)))}

    def of(value: Value) -> Field | None:
        known = fields.get(value.number)
        assert not isinstance(known, Unknown)
        return known

    for op in walked.operations:
        given = [fields[v.number] for v in op.inputs if v.number in fields]
        if not given:
            continue
        lost = next((field for field in given if isinstance(field, Unknown)), None)
        rule = rule_for(op.op)
        if lost is None and rule is not None:
            try:
                fields.update(_fitting(op, rule(op, of)))
                continue
            except Refused as reason:
                lost = Unknown(str(reason))
        lost = lost or Unknown(f"{place(op)} has no rule")
        fields.update({out.number: lost for out in op.outputs})
    return fields


def _fitting(op: Operation, found: Sequence[Field | None]) -> dict[int, Field]:
    """The fields by number of the result. A rule that gives another shape than the operator does not cover this use of it."""
    results = list(zip(op.outputs, found, strict=True))
    if any(field is not None and field.shape != out.shape for out, field in results):
        raise Refused(f"{place(op)} is used in a way that its rule does not cover")
    return {out.number: field for out, field in results if field is not None}


def described(fields: Fields, value: Value, input_size: Sequence[int]) -> ReceptiveField:
    """The field of a value as a record."""
    spatial = tuple(input_size[1:])
    field = fields.get(value.number)
    if field is None:
        return ReceptiveField(input_size=spatial, output_shape=value.shape[1:], axes=(), reach="none")
    if isinstance(field, Unknown):
        return ReceptiveField(
            input_size=spatial, output_shape=value.shape[1:], axes=(), reach="unknown", because=field.because
        )
    axes = tuple(_axis(field, a, n) for a, n in enumerate(spatial))
    reach: Reach = next((r for r in _WORST if any(axis.reach == r for axis in axes)), "local")
    return ReceptiveField(
        input_size=spatial,
        output_shape=value.shape[1:],
        axes=axes,
        reach=reach,
        because=next((axis.because for axis in axes if axis.reach == reach), ""),
        misaligned=next(
            (law.misaligned for law in field.laws if isinstance(law, Law) and law.misaligned), ""
        ),
    )


# Of two axes that differ, the one that says more about what cannot be said.
_WORST: tuple[Reach, ...] = ("irregular", "global", "none")


def _axis(field: Field, a: int, n: int) -> AxisField:
    law, rank = field.laws[a], len(field.shape)
    dim = law.dim if isinstance(law, Law) else a + 2 if rank == len(field.extents) + 2 else None
    first, last = (_along(side, dim, field.shape) for side in field.extents[a])
    sees = first < EMPTY // 2
    box = {
        "first": tuple(np.where(sees, first, -1).tolist()),
        "last": tuple(np.where(sees, -last, -1).tolist()),
    }
    if isinstance(law, Lawless):
        # Where units differ by law but each sees all of this image, that is the simpler thing to say.
        everything = bool((first == 0).all() and (-last == n - 1).all())
        return AxisField(reach="global" if everything else law.reach, because=law.because, **box)
    if law.empty:
        return AxisField(reach="none", **box)
    sizes = law.sizes()
    widest = int(sizes.argmax())
    stride = Fraction(law.step, law.period)
    return AxisField(
        reach="local",
        size=int(sizes[widest]),
        stride=(stride.numerator, stride.denominator),
        start=int(law.starts()[widest]) - math.floor(widest * stride),
        **box,
    )


def _along(side: Extent, dim: int | None, shape: Sequence[int]) -> Extent:
    """The hull over everything but positions along `dim`."""
    others = [d for d in range(side.ndim) if d != dim]
    joined = minimum_over(side, others).reshape(-1)
    return joined if dim is None else np.broadcast_to(joined, shape[dim]) if joined.size == 1 else joined
