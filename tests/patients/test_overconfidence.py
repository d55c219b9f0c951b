"""Runs whose val loss rises while val accuracy does, and those that only look so."""

from __future__ import annotations

from striate.diagnosis.conditions.overconfidence import CONDITION
from tests.histories import observed, towards
from tests.patients.seen import case

LOSS = towards(2.0, 0.6, 10) + [0.6 + 0.01 * i for i in range(30)]


def seen(clean, val, **more):
    return CONDITION.examine(case(epochs=observed(clean, val, **more)))


def test_sick_too_sure():
    found = seen(towards(0.5, 0.999, 40, 6), towards(0.5, 0.88, 40, 3), val_loss=LOSS)
    assert (found.state, found.severity) == ("present", "info")
    assert found.evidence[0].value > 1.1


def test_healthy():
    assert seen(towards(0.5, 0.95, 40), towards(0.5, 0.94, 40)).state == "absent"


def test_near_miss_no_gain_of_val():
    assert seen(towards(0.5, 0.999, 40, 6), towards(0.5, 0.70, 40, 30), val_loss=LOSS).state == "absent"


def test_unseen_without_a_val_loss():
    assert seen([0.5] * 9, [0.5] * 9, without=("val_loss",)).state == "unseen"
