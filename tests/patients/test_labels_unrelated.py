"""Sick, healthy and near-miss runs for D9."""

from __future__ import annotations

from striate.diagnosis.conditions.labels_unrelated import CONDITION
from tests.patients.looking import agreement, curve, data, split
from tests.patients.seen import case

GUESSING = {"neighbours_right": 103, "folds_accuracy": 0.1}
ASTRAY = {"neighbours_right": 103, "folds_accuracy": 0.8}
CHANCE = (0.1, 0.11, 0.09, 0.1)


def judged(epochs: object, val: object = None, **more: object):
    """D9's opinion of 1,000 neighbourhoods."""
    return CONDITION.examine(
        case(data=data(val=val or split("val"), agreement=agreement(**more)), epochs=epochs)
    )


def test_sick_learnt_by_heart():
    found = judged(curve(CHANCE, train=(0.12, 0.3, 0.6, 0.9)), **GUESSING)
    assert (found.state, found.severity) == ("present", "critical")


def test_sick_nothing_learnt_is_a_suspicion():
    found = judged(curve(CHANCE), **GUESSING)
    assert (found.state, found.severity) == ("suspected", "warning")


def test_sick_labels_of_val():
    fitted = curve(CHANCE, train=(0.5, 0.7, 0.8, 0.9), clean=(0.5, 0.7, 0.8, 0.9))
    found = judged(fitted, **ASTRAY)
    assert (found.state, found.headline) == ("present", "Labels of val are unrelated to its images.")
    # Batch norm, dropout or another preparation may be why val is at chance.
    assert judged(curve(CHANCE, train=(0.5, 0.7, 0.8, 0.9)), **ASTRAY).state == "absent"
    assert judged(fitted, val=split("val", mean=(0.5, 0.5, 0.5), low=0.0), **ASTRAY).state == "absent"


def test_healthy():
    assert judged(curve()).state == "absent"
    assert judged(()).state == "unseen"
    assert CONDITION.examine(case(data=data(), epochs=curve())).state == "unseen"


def test_near_miss_task_that_thumbnails_say_nothing_of():
    assert judged(curve((0.1, 0.2, 0.5)), **GUESSING).state == "absent"


def test_near_miss_learning_that_failed():
    # Neighbours agree: the labels are right, and something else keeps the network at chance.
    assert judged(curve(CHANCE)).state == "absent"


def test_near_miss_classifiers_find_a_rule():
    assert judged(curve(CHANCE), neighbours_right=103, folds_accuracy=0.4).state == "absent"


def test_sick_single_evaluations_leave_chance_by_clumps():
    above = (0.1, 0.14, 0.1, 0.16, 0.11, 0.12)
    sure = {"neighbours_right": 103, "folds_accuracy": 0.1, "folds": 2000}
    assert judged(curve(above), **sure).state == "suspected"
    assert judged(curve(above), **sure | {"folds": 20}).state == "absent"
    assert judged(curve((0.1, 0.2, 0.3, 0.4)), **sure).state == "absent"
