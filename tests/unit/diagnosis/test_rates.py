"""When a learning rate ran out, and how sure a slope is."""

from __future__ import annotations

import math

import numpy as np
import pytest

from striate.core.observation_records import StepSeries
from striate.diagnosis.rates import rates_of, slope_in_errors
from tests.histories import observed
from tests.patients.seen import case, setting


def test_steps_stand_before_evaluations_and_progress_is_of_the_plan():
    steps = StepSeries(step=tuple(range(1, 11)), lr=(0.1,) * 5 + (0.0005,) * 5, loss=(1.0,) * 10)
    rates = rates_of(case(steps=steps, setting=setting(planned_steps=20)))
    assert rates.spent_at == 5
    assert rates.progress[rates.spent_at] == pytest.approx(0.3)
    assert rates.moves
    assert not rates.never_fell


def test_evaluations_where_no_steps_were_read():
    rates = rates_of(case(epochs=observed([0.5] * 10, [0.5] * 10, lr=[0.01 * (i + 1) for i in range(10)])))
    assert rates.never_fell
    assert rates.rose_late == pytest.approx(10 / 8)
    assert rates.spent_at is None


def test_a_rate_that_comes_back_is_not_spent():
    steps = StepSeries(
        step=tuple(range(1, 11)), lr=(0.1, 0.0, 0.0, 0.0, 0.0, 0.1, 0.1, 0.1, 0.1, 0.1), loss=(1.0,) * 10
    )
    assert rates_of(case(steps=steps)).spent_at is None


def test_too_few_moments_and_a_rate_of_nothing():
    assert rates_of(case(epochs=observed([0.5] * 4, [0.5] * 4))) is None
    assert rates_of(case(epochs=observed([0.5] * 9, [0.5] * 9, lr=[0.0] * 9))) is None
    assert rates_of(case()) is None


def test_slope_in_errors_is_that_of_a_straight_line_in_noise():
    rng = np.random.default_rng(0)
    flat = [slope_in_errors(rng.normal(0, 1, 100)) for _ in range(300)]
    assert 0.8 < float(np.std(flat)) < 1.6
    assert slope_in_errors(0.2 * np.arange(100) + rng.normal(0, 1, 100)) > 20
    assert slope_in_errors(np.arange(3.0)) == 0.0
    assert slope_in_errors(np.arange(9.0)) == math.inf
    assert slope_in_errors(np.zeros(5000)) == 0.0
