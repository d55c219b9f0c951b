"""Who is beaten by simple judges: by figures that are sure, and not where training images fare better."""

from __future__ import annotations

import math

import pytest

from striate.diagnosis.simple_judges import beaten, best_judge
from tests.patients.looking import agreement, curve, data
from tests.patients.seen import case


def judged(val: float, clean: float | None = None, **more: object):
    seen = data(agreement=agreement(**more))
    return case(data=seen, epochs=curve((val,) * 4, clean=None if clean is None else (clean,) * 4))


def test_the_better_judge_counts():
    best = best_judge(judged(0.5, neighbours=1000, neighbours_right=700, folds=2000, folds_accuracy=0.8))
    assert best is not None
    assert (best.value, best.n) == (0.8, 2000)
    assert best_judge(case()) is None
    assert best_judge(judged(0.5, neighbours=0, folds_accuracy=math.nan)) is None


@pytest.mark.parametrize(
    ("val", "clean", "right", "is_beaten"),
    [(0.7, 0.72, 900, True), (0.88, 0.88, 900, False), (0.7, 0.95, 900, False), (0.95, 0.95, 900, False)],
    ids=["far", "near", "val_is_odd", "better"],
)
def test_beaten(val, clean, right, is_beaten):
    found = beaten(judged(val, clean, neighbours=1000, neighbours_right=right))
    assert (found is not None) == is_beaten
    assert found is None or found.by == pytest.approx(0.2)
