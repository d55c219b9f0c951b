"""Sick, healthy and near-miss runs for G1, overfitting."""

from __future__ import annotations

import pytest

from striate.diagnosis.conditions.overfitting import CONDITION
from tests.histories import observed, towards
from tests.patients.seen import case, setting

STOOD = {"clean": towards(0.3, 1.0, 40, 5), "val": towards(0.3, 0.7, 40, 20)}
LOSS = towards(2.0, 0.8, 12) + [0.8 + 0.03 * i for i in range(28)]


def seen(clean, val, finished=True, **more):
    return CONDITION.examine(case(epochs=observed(clean, val, **more), setting=setting(finished=finished)))


def test_sick_stood_still_while_train_rose():
    found = seen(**STOOD)
    assert (found.state, found.severity) == ("present", "warning")
    assert found.evidence[0].name == "gap"
    assert found.evidence[0].low > 0.05
    assert "stood still since about epoch" in found.evidence[2].sentence
    assert found.onset_epoch < 15


def test_sick_by_its_loss():
    found = seen(towards(0.3, 1.0, 40, 20), towards(0.3, 0.7, 40, 20), val_loss=LOSS)
    assert (found.state, found.severity) == ("present", "warning")
    assert found.onset_epoch == pytest.approx(12, abs=1)


def test_sick_without_clean_train_says_that_the_gap_is_at_least_that():
    found = seen(**STOOD, without=("clean_accuracy", "clean_loss", "clean_n"))
    assert (found.state, found.severity) == ("present", "warning")
    assert "train as trained lies above val" in found.evidence[0].sentence
    assert "so clean train lies higher" in found.evidence[0].sentence


def test_a_small_gap_with_signs_is_a_remark():
    found = seen(towards(0.3, 1.0, 40, 6), towards(0.3, 0.93, 40, 20), val_loss=LOSS[:12] + [1.0] * 28)
    assert (found.state, found.severity) == ("present", "info")


def test_a_middling_gap_is_a_warning_where_val_fell():
    val = towards(0.4, 0.92, 20, 8) + [0.92 - 0.003 * i for i in range(20)]
    found = seen(towards(0.4, 1.0, 40, 8), val)
    assert (found.state, found.severity) == ("present", "warning")
    assert found.evidence[-1].name == "fall"


def test_healthy():
    assert seen(towards(0.3, 0.95, 40), towards(0.3, 0.94, 40)).state == "absent"


def test_near_miss_a_gap_that_does_not_hurt():
    found = seen(towards(0.3, 0.98, 40), towards(0.3, 0.86, 40))
    assert found.state == "absent"
    assert "val has not suffered" in found.why


def test_near_miss_a_standstill_within_the_noise_of_a_small_val_set():
    """Val may have gained 2 points unseen while train gained 4: that proves no standstill."""
    clean = towards(0.3, 0.86, 30, 20) + [0.86 + 0.004 * i for i in range(10)]
    val = towards(0.3, 0.70, 30, 20) + [0.70 + 0.002 * i for i in range(10)]
    assert seen(clean, val, val_n=300).state == "absent"


def test_near_miss_train_fell_too():
    clean = towards(0.4, 0.98, 20, 8) + [0.98 - 0.02 * i for i in range(20)]
    val = towards(0.4, 0.85, 20, 8) + [0.85 - 0.02 * i for i in range(20)]
    assert seen(clean, val).state == "absent"


def test_while_the_rate_is_high_it_is_a_remark():
    rate = [0.01 * (i + 1) for i in range(40)]
    assert seen(**STOOD, lr=rate, finished=False).severity == "info"
    assert seen(**STOOD, lr=rate, finished=True).severity == "warning"


def test_losses_alone_are_a_suspicion():
    only = ("clean_accuracy", "clean_loss", "clean_n", "train_accuracy", "val_accuracy")
    train = towards(2.0, 0.05, 40, 8)
    found = seen([0.5] * 40, [0.5] * 40, train_loss=train, val_loss=LOSS, without=only)
    assert (found.state, found.severity) == ("suspected", "warning")
    # A val loss that rises while train loss does not fall is no overfitting.
    assert seen([0.5] * 40, [0.5] * 40, train_loss=[1.0] * 40, val_loss=LOSS, without=only).state == "absent"


def test_unseen():
    assert CONDITION.examine(case()).state == "unseen"
    assert seen([0.5] * 3, [0.5] * 3).state == "unseen"
    assert seen([0.5] * 9, [0.5] * 9, val_n=0).state == "unseen"


def test_sick_a_gap_that_is_surely_wide_without_another_sign():
    clean, val = towards(0.3, 0.85, 27, 27), towards(0.25, 0.55, 27, 27)
    found = seen(clean, val, val_loss=towards(1.5, 1.18, 27))
    assert (found.state, found.severity) == ("present", "warning")


def test_near_miss_a_gap_that_may_be_narrower():
    clean, val = towards(0.3, 0.75, 27, 27), towards(0.25, 0.64, 27, 27)
    assert seen(clean, val, val_loss=towards(1.5, 1.18, 27)).state == "absent"
