"""Sick, healthy and near-miss runs for F2."""

from __future__ import annotations

import math
from collections.abc import Callable

from striate.core.observation_records import StepSeries
from striate.diagnosis.conditions.memory_growth import CONDITION
from tests.patients.seen import case

STEPS = tuple(range(0, 1000, 20))


def judged(memory: Callable[[int], float], steps: tuple[int, ...] = STEPS):
    """F2's opinion of memory by step, in units of 1 GB."""
    return CONDITION.examine(case(steps=StepSeries(step=steps, memory=tuple(1e9 * memory(s) for s in steps))))


def test_sick():
    found = judged(lambda s: 1 + 0.001 * s)
    assert (found.state, found.severity) == ("present", "warning")
    assert "KiB a step" in found.evidence[0].sentence


def test_sick_slow_and_long():
    assert judged(lambda s: 1 + 0.0004 * s).severity == "warning"


def test_healthy():
    assert judged(lambda s: 1 + 0.001 * (s % 3)).state == "absent"
    assert CONDITION.examine(case()).state == "unseen"
    assert judged(lambda s: math.nan).state == "unseen"


def test_near_miss_slow_growth_is_noted():
    assert judged(lambda s: 1 + 0.00015 * s).severity == "info"


def test_near_miss_a_cache_that_fills():
    assert judged(lambda s: 1 + 0.002 * min(s, 400)).state == "absent"
    assert judged(lambda s: 2 - math.exp(-s / 150)).state == "absent"
    assert judged(lambda s: 1 + 0.002 * min(s, 700)).state == "absent"


def test_near_miss_short_run():
    assert judged(lambda s: 1 + 0.01 * s, tuple(range(0, 160, 5))).state == "unseen"
