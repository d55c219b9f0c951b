"""Rows by step, bounded."""

from __future__ import annotations

import math

from striate.observe.step_columns import StepColumns


def test_single_steps_stay_single_steps_when_it_is_thinned():
    columns = StepColumns(most=100)
    for step in range(1, 10_001):
        columns.put(step, loss=float(step))
    seen = columns.seen()
    assert 50 <= len(seen.step) <= 100
    assert all(loss == step for step, loss in zip(seen.step, seen.loss, strict=True))
    assert len({b - a for a, b in zip(seen.step, seen.step[1:], strict=False)}) == 1
    assert all(map(math.isnan, seen.lr))


def test_values_of_one_step_meet():
    columns = StepColumns()
    columns.put(2, loss=1.0)
    columns.put(1, lr=0.5)
    columns.put(2, seconds=3.0)
    seen = columns.seen()
    assert (seen.step, seen.loss[1], seen.lr[0], seen.seconds[1]) == ((1, 2), 1.0, 0.5, 3.0)
