"""How far a network in eval mode lies under itself while training.

Knows nothing about why.
"""

from __future__ import annotations

from striate.core.observation_records import EpochPoint
from striate.diagnosis.case import Case
from striate.diagnosis.share import Share
from striate.diagnosis.training_end import UNKNOWN_N

__all__ = ["LOST", "in_eval_mode", "mostly_behind"]

LOST, ERRORS = 0.10, 3.0
"""N1: 10 points; errors and the rest are own starting values."""
MOSTLY, LEAST_EVALUATIONS = 0.5, 4


def in_eval_mode(point: EpochPoint) -> tuple[float | None, int]:
    """Accuracy in eval mode: on training images, else on val, which may be lower for other reasons."""
    if point.clean_accuracy is not None:
        return point.clean_accuracy, point.clean_n
    return point.val_accuracy, point.val_n


def mostly_behind(case: Case) -> tuple[int, int] | None:
    """(evaluations behind, all of them): where half of them or more lie far under train as trained, which overfitting never makes good again."""
    behind = known = 0
    for point in case.seen.epochs:
        evaluated, n = in_eval_mode(point)
        if point.train_accuracy is None or evaluated is None:
            continue
        a, b = Share(point.train_accuracy, point.train_n or UNKNOWN_N), Share(evaluated, n or UNKNOWN_N)
        known += 1
        behind += a.value - b.value > max(LOST, ERRORS * a.error_of_difference(b))
    return (behind, known) if known >= LEAST_EVALUATIONS and behind >= MOSTLY * known else None
