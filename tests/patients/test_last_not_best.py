"""Runs whose last weights are not the best, and those within noise of it."""

from __future__ import annotations

from striate.diagnosis.conditions.last_not_best import CONDITION
from tests.histories import observed, towards
from tests.patients.seen import case, setting


def seen(val, source="attached", finished=True, **more):
    epochs = observed([0.95] * len(val), val, **more)
    return CONDITION.examine(case(epochs=epochs, setting=setting(source=source, finished=finished)))


FALLEN = [*towards(0.4, 0.85, 20, 8), 0.85, 0.83, 0.80, 0.77, 0.75]


def test_sick():
    found = seen(FALLEN)
    assert (found.state, found.severity) == ("present", "warning")
    assert found.evidence[0].value > 0.09


def test_striate_keeps_the_best():
    found = seen(FALLEN, source="run")
    assert (found.state, found.severity) == ("present", "info")
    assert "striate keeps the best ones" in found.sentence


def test_a_small_loss_is_a_remark():
    assert seen([*towards(0.4, 0.85, 20, 8), 0.84, 0.83, 0.82], val_n=20_000).severity == "info"


def test_healthy():
    assert seen(towards(0.4, 0.85, 20, 8)).state == "absent"


def test_near_miss_a_trembling_val():
    found = [seen([0.8] * 30, jitter=0.02, seed=s).state for s in range(60)]
    assert found.count("present") <= 2


def test_near_miss_few_val_images():
    assert seen([*towards(0.4, 0.85, 20, 8), 0.83, 0.81], val_n=200).state == "absent"


def test_unseen_while_it_goes_on():
    assert seen(FALLEN, finished=False).state == "unseen"
