"""Two sittings of one run as one observation.

Series follow each other, counts add up, and of what a sitting sees only as a whole the newer one is kept. Knows nothing about how
a run was continued.
"""

from __future__ import annotations

from typing import Any, TypeVar

from striate.core.inside_records import Inside, LoopSeen
from striate.core.observation_records import Observation, StepSeries
from striate.core.records import Record

__all__ = ["joined"]

Row = TypeVar("Row", bound=Record)

_COUNTS = (
    "optimizer_steps",
    "backwards",
    "train_forwards",
    "window_steps",
    "skipped_steps",
    "zero_rate_steps",
    "stale_checked",
    "stale",
    "val_forwards",
    "val_updates",
)


def joined(first: Observation | None, second: Observation) -> Observation:
    """`second` with what went before it; steps of the second sitting count on from where the first one was saved, or from its end.

    What the first has seen beyond the place where the second begins (it was killed after its last checkpoint) stays: it was seen.
    """
    if first is None:
        return second
    done = first.loop.optimizer_steps if first.loop else 0
    return second.model_copy(
        update={
            "epochs": first.epochs + second.epochs,
            "steps": _steps(first.steps, second.steps, done),
            "loop": _loop(first.loop, second.loop),
            "inside": _inside(first.inside, second.inside, done),
            "network": second.network or first.network,
            "data": second.data or first.data,
        }
    )


def _steps(a: StepSeries, b: StepSeries, done: int) -> StepSeries:
    columns = {
        name: getattr(a, name) + getattr(b, name) for name in StepSeries.model_fields if name != "step"
    }
    return StepSeries(step=a.step + tuple(s + done for s in b.step), **columns)


def _loop(a: LoopSeen | None, b: LoopSeen | None) -> LoopSeen | None:
    if a is None or b is None:
        return b or a
    sums = {name: getattr(a, name) + getattr(b, name) for name in _COUNTS}
    return b.model_copy(update=sums | {"non_finite": a.non_finite or b.non_finite})


def _inside(a: Inside | None, b: Inside | None, done: int) -> Inside | None:
    """One series for each layer, where both sittings saw the same layers; else the newer one."""
    if a is None or b is None:
        return b or a
    tables = ("layers", "activations", "norms")
    if any([r.name for r in getattr(a, t)] != [r.name for r in getattr(b, t)] for t in tables):
        return b
    update: dict[str, Any] = {
        "step": a.step + tuple(s + done for s in b.step),
        "probe_step": a.probe_step + tuple(s + done for s in b.probe_step),
    }
    for name in Inside.model_fields:
        if name in tables:
            pairs = zip(getattr(a, name), getattr(b, name), strict=True)
            update[name] = tuple(_row(one, other) for one, other in pairs)
        elif name not in update and isinstance(getattr(a, name), tuple):
            update[name] = getattr(a, name) + getattr(b, name)
    return b.model_copy(update=update)


def _row(a: Row, b: Row) -> Row:
    """The later record with the series of both."""
    series = {
        name: getattr(a, name) + getattr(b, name)
        for name in type(a).model_fields
        if isinstance(getattr(a, name), tuple)
    }
    return b.model_copy(update=series)
