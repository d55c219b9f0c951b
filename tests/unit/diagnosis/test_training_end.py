"""Where training ended, from whichever figure there is."""

from __future__ import annotations

import math

import pytest

from striate.diagnosis.training_end import Outcome, falls_short_on_val, knew_before
from tests.patients.moving import inside, point, run


def test_outcome_takes_clean_then_training_then_the_probe():
    case = run(epochs=(point(0.5, 1.15),))
    assert Outcome.of(case).accuracy.value == 0.5
    assert Outcome.of(case).left == pytest.approx(1.15 / math.log(10))
    assert Outcome.of(run(epochs=())).accuracy.value == 0.75
    trained = point(clean_accuracy=None, train_accuracy=0.3, train_n=100)
    assert Outcome.of(run(epochs=(trained,), inside=None)).accuracy.n == 100
    assert not Outcome.of(run(epochs=(), inside=None)).known


def test_clean_figures_may_be_missing_at_the_very_end():
    without = point(clean_accuracy=None, train_accuracy=0.3, train_n=100)
    assert Outcome.of(run(epochs=(point(0.9),) * 4 + (point(0.5), without))).accuracy.value == 0.5
    assert Outcome.of(run(epochs=(point(0.9),) * 4 + (without,) * 2)).accuracy.value == 0.3


def test_outcome_at_chance():
    assert Outcome.of(run(epochs=(point(0.11),))).at_chance
    assert not Outcome.of(run(epochs=(point(0.2),))).at_chance


def test_knew_before_needs_a_probe_before_the_first_step():
    assert not knew_before(run())
    assert knew_before(run(inside=inside(train_mode_accuracy=(0.6,) * 5)))
    late = inside(train_mode_accuracy=(0.6,) * 5, probe_step=(10, 100, 200, 300, 400))
    assert not knew_before(run(inside=late))


def test_falls_short_on_val_needs_points_and_errors():
    apart = {"val_accuracy": 0.85, "val_n": 1000}
    assert falls_short_on_val(run(epochs=(point(0.95, **apart),)))
    assert not falls_short_on_val(run(epochs=(point(0.89, **apart),)))
    assert not falls_short_on_val(run(epochs=(point(0.95, val_accuracy=0.85, val_n=40),)))
    assert falls_short_on_val(
        run(epochs=(point(clean_accuracy=None, train_accuracy=0.95, train_n=1000, **apart),))
    )
    assert not falls_short_on_val(run(epochs=()))
