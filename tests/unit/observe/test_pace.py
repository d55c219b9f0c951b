"""Every step while there is time, else a few in a row."""

from __future__ import annotations

import math
import time

from striate.observe.budget import Budget
from striate.observe.pace import ALWAYS, RUN, Pace


def follow(pace: Pace, steps: int, own: float) -> list[bool]:
    """Whether each step is followed, when following one takes `own` seconds."""
    awake = []
    for step in range(1, steps + 1):
        pace.begin_step(step)
        awake.append(pace.awake)
        if pace.awake:
            pace.end_step(own, own)
    return awake


def runs(awake: list[bool]) -> list[int]:
    text = "".join("x" if a else " " for a in awake)
    return [len(run) for run in text.split()]


def test_the_first_steps_are_followed_in_any_case():
    assert all(follow(Pace(Budget(0.01, allowance=0.0)), ALWAYS, own=1.0))


def test_without_time_only_a_few_in_a_row_are():
    pace = Pace(Budget(0.01, allowance=1.0))
    awake = follow(pace, 1000, own=0.01)
    # 0.4 seconds were for steps.
    assert sum(awake) <= ALWAYS + RUN
    pace.steps.balance = 1.0
    later = follow(pace, 200, own=0.01)[ALWAYS:]
    assert runs(later)
    assert all(n % RUN == 0 for n in runs(later))


def test_with_endless_time_all_are():
    assert all(follow(Pace(Budget(math.inf)), 500, own=1.0))


def test_seconds_of_a_step_are_the_loops_own():
    pace = Pace(Budget(0.01))
    assert pace.end_step(0.0, 0.0) is None
    time.sleep(0.03)
    seconds = pace.end_step(0.01, 0.0)
    assert seconds is not None
    assert seconds > 0.015
    pace.pause()
    assert pace.end_step(0.0, 0.0) is None
