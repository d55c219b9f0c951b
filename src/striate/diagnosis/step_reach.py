"""How far a step of SGD reaches under a scaled loss: lr x scale / (1 - momentum).

Adaptive optimisers divide the scale out again, so it is only asked of SGD. Knows nothing about losses.
"""

from __future__ import annotations

import math

from striate.core.diagnosis_records import Evidence
from striate.core.wording import significant
from striate.diagnosis.case import Case
from striate.diagnosis.condition import evidence

__all__ = ["TOLERATED", "reach_evidence", "sgd_reach"]

TOLERATED = 5.0
"""Own starting value: lr 0.1 with momentum 0.9 on a mean reaches 1, and one-cycle schedules with batch norm stay below 5 for most of their time."""
MOST_MOMENTUM = 0.99


def sgd_reach(case: Case, scale: float) -> float | None:
    """At the largest rate of the run; None for other optimisers, or where the rate is unknown."""
    rates = [case.seen.setting.lr, *case.seen.steps.lr, *(p.lr for p in case.seen.epochs)]
    known = [r for r in rates if r is not None and math.isfinite(r)]
    if "SGD" not in case.seen.setting.optimizer or not known:
        return None
    return max(known) * scale / (1 - min(case.seen.setting.momentum or 0.0, MOST_MOMENTUM))


def reach_evidence(reach: float | None) -> tuple[Evidence, ...]:
    """The number as evidence, where there is one."""
    if reach is None:
        return ()
    return (
        evidence(f"lr x scale / (1 - momentum) = {significant(reach)}", "reach", reach, reference=TOLERATED),
    )
