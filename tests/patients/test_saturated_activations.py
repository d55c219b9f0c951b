"""Sick, healthy and near-miss runs for A4."""

from __future__ import annotations

from striate.diagnosis.conditions.saturated_activations import CONDITION
from tests.patients.moving import activation, inside, point, run


def seen(*full, kind="Tanh"):
    return inside(activations=(activation(0, kind=kind), activation(1, kind=kind, saturated=full)))


def test_sick_and_not_learnt():
    found = CONDITION.examine(run(inside=seen(0.9, 0.8, 0.8, 0.8, 0.8)))
    assert (found.state, found.severity, found.where.layers) == ("present", "warning", ("act1",))


def test_sick_learnt_by_heart_from_a_saturated_start():
    apart = point(0.99, 0.03, val_accuracy=0.85, val_n=500)
    found = CONDITION.examine(run(inside=seen(0.9, 0.8, 0.8, 0.8, 0.8), epochs=(apart,)))
    assert found.severity == "warning"
    assert "little of it carries over" in found.sentence


def test_healthy():
    assert CONDITION.examine(run()).state == "absent"
    assert CONDITION.examine(run(inside=seen(0.0, 0.1, 0.2, 0.2, 0.2))).state == "absent"


def test_near_miss_sure_of_what_it_learnt():
    learnt = point(0.99, 0.03, val_accuracy=0.98, val_n=500)
    assert CONDITION.examine(run(inside=seen(0.0, 0.3, 0.6, 0.7, 0.7), epochs=(learnt,))).severity == "info"


def test_near_miss_comes_off_its_limits():
    assert CONDITION.examine(run(inside=seen(0.9, 0.9, 0.9, 0.7, 0.3))).state == "absent"


def test_near_miss_overfitted_and_saturated_only_by_it():
    apart = point(0.99, 0.03, val_accuracy=0.85, val_n=500)
    assert CONDITION.examine(run(inside=seen(0.1, 0.3, 0.6, 0.7, 0.7), epochs=(apart,))).severity == "info"


def test_unseen():
    assert CONDITION.examine(run(inside=None)).state == "unseen"
