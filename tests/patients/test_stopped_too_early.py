"""Sick, healthy and near-miss runs for G4."""

from __future__ import annotations

import math

from striate.core.observation_records import StepSeries
from striate.diagnosis.conditions.stopped_too_early import CONDITION
from tests.histories import observed, towards
from tests.patients.seen import case, setting

UP = [0.30 + 0.02 * i for i in range(12)]


def seen(clean, val, finished=True, steps=None, **more):
    parts = {"steps": steps} if steps else {}
    return CONDITION.examine(
        case(epochs=observed(clean, val, **more), setting=setting(finished=finished), **parts)
    )


def test_sick_at_a_steady_rate():
    found = seen(UP, [v - 0.01 for v in UP], lr=[0.1] * 12)
    assert (found.state, found.severity) == ("suspected", "warning")
    assert found.remedies[0].settings == {"epochs": 24}
    assert CONDITION.remedies[0].settings == {}


def test_while_the_rate_falls_it_is_a_remark():
    assert seen(UP, [v - 0.01 for v in UP]).severity == "info"
    assert seen(UP, [v - 0.01 for v in UP], without=("lr",)).severity == "info"


def test_nothing_rises_above_all_right():
    # Ten points an epoch until 98 %: the line would end at 140 %.
    val = [0.08 + 0.09 * i for i in range(11)]
    found = seen(val, val, lr=[0.1] * 11)
    assert (found.severity, "2.0 points at most" in found.sentence) == ("info", True)


def losses(steps: int, speed: float, rate: str) -> StepSeries:
    x = [i / steps for i in range(steps)]
    lr = [0.1 if rate == "steady" else 0.05 * (1 + math.cos(math.pi * t)) for t in x]
    loss = [0.3 + 2.0 * math.exp(-speed * t) + 0.02 * (i % 2) for i, t in enumerate(x)]
    return StepSeries(step=tuple(range(1, steps + 1)), loss=tuple(loss), lr=tuple(lr))


def test_sick_two_epochs():
    for rate in ("steady", "cosine"):
        found = seen([0.35, 0.48], [0.34, 0.47], steps=losses(80, 1.0, rate))
        assert (found.state, found.severity) == ("suspected", "warning")
        assert found.evidence[1].value > 0.2


def test_near_miss_a_short_budget_that_is_enough():
    assert seen([0.95, 0.975, 0.985], [0.95, 0.97, 0.98], steps=losses(200, 12.0, "cosine")).state == "absent"
    # Low, and its loss had come down long before: not for want of steps.
    assert seen([0.45, 0.47, 0.47], [0.44, 0.46, 0.46], steps=losses(200, 12.0, "cosine")).state == "absent"


def test_healthy():
    assert seen(towards(0.3, 0.95, 30, 9), towards(0.3, 0.93, 30, 9)).state == "absent"


def test_near_miss_the_rate_has_run_out():
    up = [0.70 + 0.02 * i for i in range(12)]
    assert seen(up, [v - 0.01 for v in up]).state == "absent"


def test_near_miss_a_climb_that_has_slowed():
    """Three points in the last five epochs, after forty in the five before: soon done."""
    val = [0.1, 0.12, 0.17, 0.34, 0.36, 0.47, 0.66, 0.68, 0.73, 0.75, 0.75, 0.76, 0.77, 0.79, 0.80]
    assert seen([v + 0.03 for v in val], val, lr=[0.1] * 15).severity == "info"


def test_near_miss_a_gap():
    assert seen(towards(0.3, 1.0, 12), [v - 0.1 for v in UP]).state == "absent"


def test_unseen():
    assert seen(UP, UP, finished=False).state == "unseen"
    assert seen([0.35, 0.48], [0.34, 0.47]).state == "unseen"
