"""What simple judges get right: a level that any network should reach.

Nearest neighbours among thumbnails answer for val, classifiers fitted on folds of train for images that they were not fitted on. A network that both of
its own figures put below them lacks something, whatever it is; one that beats them may lack something all the same. Knows nothing about causes.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from striate.core.diagnosis_records import Evidence
from striate.core.wording import percent, points
from striate.diagnosis.case import Case
from striate.diagnosis.condition import evidence
from striate.diagnosis.share import Share
from striate.diagnosis.training_end import UNKNOWN_N

__all__ = ["Beaten", "beaten", "best_judge"]

POINTS, ERRORS = 0.03, 3.0
"""Least difference on val, and in standard errors: the catalogue's gate for comparisons of accuracies, a point wider."""


class Beaten(NamedTuple):
    """A judge that is surely better on val, and no worse than the network on what that was trained on."""

    judge: Share
    by: float
    """On val."""

    @property
    def fact(self) -> Evidence:
        """As evidence."""
        words = f"simple judges get {percent(self.judge.value)} of images right that they were not fitted on, {points(self.by)} points more than the network"
        return evidence(words, "other_judges", self.judge.value, reference=self.judge.value - self.by)


def best_judge(case: Case) -> Share | None:
    """The better of neighbours and folds; None where neither was asked."""
    seen = case.seen.data.agreement if case.seen.data else None
    if seen is None:
        return None
    found = []
    if seen.neighbours > 0:
        found.append(Share(min(1.0, seen.neighbours_right / seen.neighbours), seen.neighbours))
    if seen.folds_accuracy is not None and math.isfinite(seen.folds_accuracy):
        found.append(Share(seen.folds_accuracy, seen.folds or case.seen.setting.train_n or UNKNOWN_N))
    return max(found, key=lambda s: s.value, default=None)


def beaten(case: Case) -> Beaten | None:
    """By how much the best judge beats the network on val, where training images do not fare better than that judge; else None."""
    judge, point = best_judge(case), case.last
    if judge is None or point is None or point.val_accuracy is None:
        return None
    val = Share(point.val_accuracy, point.val_n or case.seen.setting.val_n or UNKNOWN_N)
    by = judge.value - val.value
    if not by > max(POINTS, ERRORS * judge.error_of_difference(val)):
        return None
    trained = [a for a in (point.clean_accuracy, _last_train(case)) if a is not None]
    # Training images that do better than the judge say that something is wrong with val, not with what was learnt.
    if any(a >= judge.value for a in trained):
        return None
    return Beaten(judge, by)


def _last_train(case: Case) -> float | None:
    return next((p.train_accuracy for p in reversed(case.seen.epochs) if p.train_accuracy is not None), None)
