"""Sick, healthy and near-miss runs for G1, late overfitting."""

from __future__ import annotations

from striate.diagnosis.conditions.late_overfitting import CONDITION
from tests.histories import observed, towards
from tests.patients.seen import case, setting


def seen(fall: float, clean_fall: float = 0.0, finished=True, **more):
    val = towards(0.4, 0.85, 15, 6) + [0.85 - fall * (i + 1) / 15 for i in range(15)]
    clean = towards(0.4, 0.95, 15, 6) + [0.95 - clean_fall * (i + 1) / 15 for i in range(15)]
    epochs = observed(clean, val, **more)
    return CONDITION.examine(case(epochs=epochs, setting=setting(finished=finished, val_n=0)))


def test_sick():
    found = seen(0.08)
    assert (found.state, found.severity, found.onset_epoch) == ("present", "warning", 15.0)
    assert "7.3 points lower" in found.sentence
    assert found.evidence[0].value > 0.07


def test_sick_with_noise():
    assert sum(seen(0.12, jitter=0.01, seed=s).state == "present" for s in range(20)) >= 18


def test_sick_without_counts_or_clean_train():
    found = seen(0.08, without=("clean_accuracy", "clean_loss", "clean_n", "val_n"))
    assert found.state == "present"
    # Without a number of images there is no interval to show.
    assert "images" not in found.evidence[0].sentence
    assert "train as trained moved by" in found.evidence[1].sentence


def test_healthy():
    assert seen(0.0).state == "absent"


def test_near_miss_within_noise():
    assert seen(0.015).state == "absent"
    assert seen(0.05, val_n=100).state == "absent"


def test_near_miss_both_fell():
    found = seen(0.2, clean_fall=0.25)
    assert (found.state, found.why) == ("absent", "train fell together with val: that is instability")


def test_near_miss_a_dip_near_the_peak_of_the_rate_is_waited_for():
    rate = [0.001 * (i + 1) for i in range(30)]
    waiting = seen(0.08, lr=rate, finished=False)
    assert waiting.state == "unseen"
    assert "still above half its peak" in waiting.why
    assert seen(0.08, lr=rate).state == "present"


def test_withdrawn_when_val_comes_back():
    val = towards(0.4, 0.85, 12, 6) + [0.77] * 8 + towards(0.78, 0.88, 10, 6)
    points = observed(towards(0.4, 0.95, 30, 6), val)
    assert CONDITION.examine(case(epochs=points[:20])).state == "present"
    assert CONDITION.examine(case(epochs=points)).state == "absent"


def test_unseen():
    assert CONDITION.examine(case()).state == "unseen"
