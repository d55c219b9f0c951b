"""Sick, healthy and near-miss runs for O4."""

from __future__ import annotations

from striate.diagnosis.conditions.gradients_not_zeroed import CONDITION
from tests.patients.looking import curve
from tests.patients.seen import case, loop


def test_sick():
    found = CONDITION.examine(case(loop=loop(stale_checked=60, stale=60), epochs=curve()))
    assert (found.state, found.severity) == ("present", "warning")


def test_sick_zeroed_at_every_fourth_step():
    assert (
        CONDITION.examine(case(loop=loop(stale_checked=60, stale=45), epochs=curve())).severity == "warning"
    )


def test_sick_and_nothing_learnt():
    found = CONDITION.examine(case(loop=loop(stale_checked=60, stale=58), epochs=curve((0.1, 0.11, 0.09))))
    assert found.severity == "critical"


def test_healthy():
    assert CONDITION.examine(case(loop=loop(stale_checked=60))).state == "absent"
    assert CONDITION.examine(case(loop=loop(stale_checked=4, stale=4))).state == "unseen"


def test_near_miss_accumulation_zeroes_after_each_step():
    accumulating = loop(backwards=800, train_forwards=800, stale_checked=60, stale=0)
    assert CONDITION.examine(case(loop=accumulating)).state == "absent"


def test_near_miss_now_and_then():
    found = CONDITION.examine(case(loop=loop(stale_checked=60, stale=12)))
    assert (found.state, found.severity) == ("suspected", "info")
    assert CONDITION.examine(case(loop=loop(stale_checked=60, stale=3))).state == "absent"
