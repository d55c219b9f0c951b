"""Sick, healthy and near-miss runs for F1."""

from __future__ import annotations

import math

from striate.core.observation_records import StepSeries
from striate.diagnosis.conditions.input_bound import CONDITION
from tests.patients.looking import curve
from tests.patients.seen import case


def judged(*waits: float, seconds: float = 0.1):
    """F1's opinion of 40 steps, the first half with the first wait."""
    wait = tuple(w for w in waits for _ in range(40 // len(waits)))
    return CONDITION.examine(case(steps=StepSeries(wait=wait, seconds=(seconds,) * len(wait))))


def test_sick():
    for found in (judged(0.04), judged(0.006, seconds=0.01), judged(0.0, 0.04)):
        assert (found.state, found.severity) == ("present", "warning")


def test_sick_by_epochs():
    assert CONDITION.examine(case(epochs=curve(data_wait=0.6))).severity == "warning"


def test_healthy():
    assert judged(0.01).state == "absent"
    assert CONDITION.examine(case()).state == "unseen"
    assert judged(math.nan).state == "unseen"


def test_near_miss_first_epoch_fills_a_cache():
    assert judged(0.09, 0.01).state == "absent"


def test_near_miss_milliseconds_of_a_small_network():
    assert judged(0.004, seconds=0.01).severity == "info"
