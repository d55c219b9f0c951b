"""Sick, healthy and near-miss runs for O6."""

from __future__ import annotations

import math

import pytest

from striate.core.observation_records import StepSeries
from striate.diagnosis.conditions.schedule_fault import CONDITION
from tests.histories import observed, towards
from tests.patients.seen import case, setting

N = 100


def steps(lr, loss=None) -> StepSeries:
    loss = loss or [1.0 + 1.3 * math.exp(-3 * i / N) + 0.02 * (i % 2) for i in range(N)]
    return StepSeries(step=tuple(range(1, N + 1)), loss=tuple(loss), lr=tuple(lr))


def seen(lr, clean=0.6, loss=None, finished=True, **more):
    epochs = observed(towards(0.2, clean, 10, 8), towards(0.2, clean - 0.02, 10, 8), lr=[1.0] * 10, **more)
    return CONDITION.examine(case(epochs=epochs, steps=steps(lr, loss), setting=setting(finished=finished)))


COSINE = [0.05 * (1 + math.cos(math.pi * i / (N - 1))) for i in range(N)]


def test_sick_a_step_schedule_stepped_each_batch():
    found = seen([0.1 * 0.1 ** (i // 8) for i in range(N)])
    assert (found.state, found.severity) == ("present", "warning")
    assert 0.1 < found.evidence[0].value < 0.3


def test_sick_ran_out_by_the_evaluations():
    epochs = observed(
        towards(0.2, 0.6, 20, 8),
        towards(0.2, 0.58, 20, 8),
        lr=[0.1, 0.01, *[1e-4 * 0.1**i for i in range(18)]],
    )
    assert CONDITION.examine(case(epochs=epochs)).state == "present"


def test_sick_still_rising():
    found = seen([0.001 * (i + 1) for i in range(N)])
    assert (found.state, found.severity) == ("present", "warning")
    assert "never fell" in found.evidence[0].sentence


def test_still_rising_where_nothing_is_lost_is_a_remark():
    assert seen([0.001 * (i + 1) for i in range(N)], clean=0.99).severity == "info"


def test_a_floor_of_noise_is_suspected():
    found = seen([0.1] * N, jitter=0.06, seed=1)
    assert (found.state, found.severity) == ("suspected", "info")


@pytest.mark.parametrize(
    "lr",
    [
        COSINE,
        [0.1 * min((i + 1) / 30, (N - i) / 70) for i in range(N)],
        [0.1] * N,
        [0.1 if i < 50 else 0.01 if i < 80 else 0.001 for i in range(N)],
        [0.1 * min(1.0, (i + 1) / 10) for i in range(N)],
        [0.05 * (1 + math.cos(math.pi * (i % 20) / 19)) for i in range(N)],
        [0.01 + 0.09 * abs((i % 40) / 20 - 1) for i in range(N)],
    ],
    ids=["cosine", "one_cycle", "constant", "steps", "warm_up_then_constant", "restarts", "triangles"],
)
def test_healthy_schedules(lr):
    assert seen(lr).state == "absent"


def test_near_miss_lowered_at_a_plateau():
    """A schedule that waits for a plateau may be done early: the loss had stopped falling."""
    loss = [1.0 + 0.03 * (((i * 7) % 5) - 2) for i in range(N)]
    assert seen([0.1 if i < 20 else 0.01 if i < 40 else 5e-4 for i in range(N)], loss=loss).state == "absent"


def test_near_miss_it_was_done_early():
    assert seen([0.1 * 0.1 ** (i // 8) for i in range(N)], clean=0.99).state == "absent"


def test_unseen():
    assert seen(COSINE, finished=False).state == "unseen"
    assert CONDITION.examine(case()).state == "unseen"
