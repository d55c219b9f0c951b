"""Where training images ended, and whether the network knew them before its first step.

What a sign of trouble led to: a condition needs a consequence beside its mechanism. Knows nothing about conditions, or why a level is as
it is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from striate.core.observation_records import EpochPoint
from striate.diagnosis.case import Case
from striate.diagnosis.share import Share

__all__ = ["UNKNOWN_N", "Outcome", "falls_short_on_val", "knew_before"]

# An accuracy before the first step that is surely so far above guessing was learnt elsewhere. Own starting value: an untrained network of the
# own measurements got at most 4 points more than guessing on 256 images.
KNEW = 0.10
LATE = 1 / 3
GAP_POINTS, GAP_ERRORS = 0.05, 4.0

UNKNOWN_N, PROBE_N = 500, 64
"""Images that an accuracy is taken to be about where nobody said. Own starting values."""


def knew_before(case: Case) -> bool:
    """Whether the network could do some of the task before its first step: pretrained weights."""
    inside = case.seen.inside
    if inside is None or not inside.probe_step or inside.probe_step[0] > 0 or not inside.probe_n:
        return False
    best = max(inside.train_mode_accuracy[:1] + inside.eval_mode_accuracy[:1], default=0.0)
    return Share(best, inside.probe_n).interval.low > case.chance + KNEW


def falls_short_on_val(case: Case) -> bool:
    """Whether training images fare better than val by more than max(5 points, 4 SE), as for overfitting, at the last evaluation."""
    point = case.last
    if point is None or point.val_accuracy is None:
        return False
    trained, n = point.clean_accuracy, point.clean_n
    if trained is None:
        trained, n = point.train_accuracy, point.train_n
    if trained is None:
        return False
    train, val = Share(trained, n or UNKNOWN_N), Share(point.val_accuracy, point.val_n or UNKNOWN_N)
    return train.value - val.value > max(GAP_POINTS, GAP_ERRORS * train.error_of_difference(val))


@dataclass(frozen=True)
class Outcome:
    """Where training images ended: the best that was measured of clean, running and probe figures, in this order."""

    accuracy: Share | None
    loss: float
    """Nats; NaN where unknown, infinite where it blew up."""
    chance: float
    prior: float
    """Loss of the best constant answer; NaN where the classes are unknown."""

    @classmethod
    def of(cls, case: Case) -> Outcome:
        """At the last evaluation, else at the last probe."""
        prior = case.prior_entropy
        point, inside = case.last, case.seen.inside
        clean = _last_clean(case.seen.epochs)
        accuracy: Share | None = None
        loss = math.nan
        if clean is not None and clean.clean_accuracy is not None:
            accuracy, loss = (
                Share(clean.clean_accuracy, clean.clean_n or UNKNOWN_N),
                _number(clean.clean_loss),
            )
        elif point is not None and point.train_accuracy is not None:
            accuracy, loss = (
                Share(point.train_accuracy, point.train_n or UNKNOWN_N),
                _number(point.train_loss),
            )
        elif inside is not None and inside.eval_mode_accuracy:
            accuracy = Share(inside.eval_mode_accuracy[-1], inside.probe_n or PROBE_N)
            loss = inside.eval_mode_loss[-1]
        # Training images are augmented where clean ones could not be had; then val, which is not, tells more.
        if accuracy is not None and point is not None and (point.val_accuracy or 0.0) > accuracy.value:
            accuracy = Share(point.val_accuracy or 0.0, point.val_n or UNKNOWN_N)
        return cls(accuracy, loss, case.chance, math.nan if prior is None else prior)

    @property
    def known(self) -> bool:
        """Whether there is an accuracy at all."""
        return self.accuracy is not None

    def surely_below(self, level: float) -> bool:
        """Whether even the upper end of the accuracy's interval is under `level`."""
        return self.accuracy is not None and self.accuracy.interval.high < level

    @property
    def at_chance(self) -> bool:
        """Whether the accuracy may be that of the best constant answer: its interval begins at or below it, or it ends within 3 points of it."""
        if self.accuracy is None:
            return False
        return self.accuracy.interval.low <= self.chance or self.accuracy.value <= self.chance + 0.03

    @property
    def left(self) -> float:
        """Share of the loss of a constant answer that is still there: 1 has learnt nothing, 0 has nothing left to learn."""
        return self.loss / self.prior if self.prior else math.nan


def _last_clean(points: Sequence[EpochPoint]) -> EpochPoint | None:
    """The last evaluation with clean figures, if it lies in the last third of the run: they may be taken more rarely."""
    late = points[len(points) - math.ceil(LATE * len(points)) :]
    return next((p for p in reversed(late) if p.clean_accuracy is not None), None)


def _number(value: float | None) -> float:
    return math.nan if value is None else value
