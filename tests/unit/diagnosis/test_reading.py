"""Sick, healthy and near-miss curves for each of the lesson's patterns."""

from __future__ import annotations

import math
import subprocess
import sys

import pytest

from striate.core.records import Finding, Reading
from striate.diagnosis import read_curves
from tests.histories import history, towards

NAN = math.nan


def read(h, finished: bool = True, classes: int = 10, failure: str = "") -> Reading:
    return read_curves(h, classes=classes, finished=finished, failure=failure)


def main(h, **more) -> Finding:
    return read(h, **more).findings[0]


def rising_loss(low_at: int, n: int, low: float = 0.8, high: float = 1.6) -> list[float]:
    down = [2.0 + (low - 2.0) * i / low_at for i in range(low_at)]
    return down + [low + (high - low) * i / (n - low_at - 1) for i in range(n - low_at)]


# --- overfit ---------------------------------------------------------------------------------------------


def overfit_history(**more):
    return history(towards(0.3, 1.0, 40, 8), towards(0.3, 0.62, 40, 14), val_loss=rising_loss(8, 40), **more)


def test_overfit_is_named_with_gap_and_interval():
    reading = read(overfit_history())
    found = reading.findings[0]
    assert (found.condition, found.severity) == ("overfit", "warning")
    assert reading.headline == "Overfitting: much better on its training images than on new ones."
    assert found.sentence == (
        "The network does better on images it learned from than on new ones, by 38.0 points (35.8 to 40.1)."
    )
    assert any("val loss was lowest around epoch 9 (0.826)" in e for e in found.evidence)
    assert len(found.advice) == 1


def test_overfit_without_loss_rise_needs_a_long_plateau_under_rising_train():
    flat_loss = [1.2] * 40
    val = towards(0.3, 0.70, 40, 20)
    assert main(history(towards(0.3, 1.0, 40, 4), val, val_loss=flat_loss)).condition == "overfit"


def test_overfit_with_noise_is_still_overfit():
    for seed in range(10):
        assert main(overfit_history(jitter=0.01, seed=seed)).condition == "overfit"


def test_memorised_chance_val_may_also_be_a_mismatch():
    h = history(towards(0.2, 1.0, 30), [0.1] * 30, val_loss=rising_loss(3, 30, 2.2, 6.0))
    found = main(h)
    assert found.condition == "overfit"
    assert "labelled or prepared differently" in found.sentence


def test_near_miss_gap_with_val_still_rising_and_loss_falling_is_no_overfit():
    h = history(towards(0.4, 0.97, 30), towards(0.35, 0.89, 30), val_n=5000)
    found = main(h)
    assert (found.condition, found.severity) == ("healthy", "info")
    assert "a gap, but val has not suffered" in found.sentence


def test_near_miss_gap_under_five_points_is_no_overfit():
    h = history(towards(0.4, 0.999, 30), towards(0.4, 0.955, 30), val_loss=rising_loss(20, 30, 0.15, 0.16))
    assert main(h).condition == "healthy"


def test_train_as_trained_below_val_under_augmentation_is_normal_and_said():
    h = history(towards(0.4, 0.95, 20), towards(0.4, 0.94, 20), train=towards(0.3, 0.85, 20))
    reading = read(h)
    assert reading.findings[0].condition == "healthy"
    assert any("lies under val" in f.sentence and "normal" in f.sentence for f in reading.findings[1:])


def test_ninety_nine_both_is_healthy():
    reading = read(history(towards(0.6, 0.995, 20), towards(0.6, 0.99, 20)))
    assert reading.headline == "Healthy: train and val agree."
    assert reading.findings[0].severity == "ok"


def test_one_cycle_dip_that_recovers_is_no_overfitting():
    lr = [0.1 * min((i + 1) / 12, (30 - i) / 19) for i in range(30)]
    val = [*towards(0.4, 0.75, 10), 0.6, 0.55, 0.58, 0.56, 0.62, *towards(0.63, 0.90, 15)]
    clean = [*towards(0.4, 0.78, 10), 0.66, 0.60, 0.63, 0.60, 0.67, *towards(0.68, 0.94, 15)]
    loss = [-math.log(v) for v in val]
    for upto in range(1, 31):  # never, at any epoch, is the dip read as overfitting
        h = history(clean[:upto], val[:upto], val_loss=loss[:upto], lr=lr[:upto])
        assert main(h, finished=upto == 30).condition not in ("overfit", "late-overfit"), upto


def test_loss_rising_while_accuracy_rises_is_over_confidence():
    h = history(towards(0.5, 0.999, 40, 6), towards(0.5, 0.88, 40, 3), val_loss=rising_loss(10, 40, 0.6, 0.9))
    reading = read(h)
    assert reading.findings[0].condition == "healthy"
    assert "over-confidence, not overfitting" in reading.findings[0].sentence


# --- late overfit ----------------------------------------------------------------------------------------


def late_history(fall: float, val_n: int = 2000, clean_fall: float = 0.0):
    val = towards(0.4, 0.85, 15, 6) + [0.85 - fall * (i + 1) / 15 for i in range(15)]
    clean = towards(0.4, 0.95, 15, 6) + [0.95 - clean_fall * (i + 1) / 15 for i in range(15)]
    loss = rising_loss(14, 30, 0.5, 0.5 + 4 * fall)
    return history(clean, val, val_loss=loss, val_n=val_n)


def test_late_overfit_is_named_with_its_best_epoch():
    reading = read(late_history(0.08))
    found = reading.findings[0]
    assert (found.condition, found.severity) == ("late-overfit", "warning")
    assert reading.headline == "Late overfitting: val was best around epoch 15 and has fallen since."
    assert "7.3 points lower" in found.sentence


def test_near_miss_fall_within_noise_is_no_late_overfit():
    assert main(late_history(0.015)).condition != "late-overfit"
    assert main(late_history(0.05, val_n=100)).condition != "late-overfit"


def test_near_miss_oscillating_val_is_no_late_overfit():
    val = [0.80 + (0.06 if i % 2 else -0.06) for i in range(30)]
    assert main(history([0.86] * 30, val)).condition != "late-overfit"


def test_fall_of_both_is_instability():
    reading = read(late_history(0.20, clean_fall=0.25))
    assert reading.findings[0].condition == "unclear"
    assert reading.headline == "Unstable: train and val both got worse after epoch 15."


def test_fall_at_a_high_learning_rate_waits():
    h = late_history(0.08)
    lr = [0.001 * (i + 1) for i in range(30)]
    h = tuple(e.model_copy(update={"lr": lr[i]}) for i, e in enumerate(h))
    assert "still above half its peak" in main(h, finished=False).sentence
    assert main(h, finished=True).condition == "late-overfit"


# --- underfit --------------------------------------------------------------------------------------------


def test_level_and_low_is_underfit_or_a_hard_task():
    found = main(history(towards(0.3, 0.55, 30, 12), towards(0.3, 0.54, 30, 12)))
    assert (found.condition, found.severity) == ("underfit", "warning")
    assert "the task may also be hard" in found.sentence


def test_low_and_rising_is_too_few_epochs():
    up = [0.3 + 0.02 * i for i in range(10)]
    reading = read(history(up, [v - 0.01 for v in up]))
    assert reading.headline == "Not done learning: train and val are close and still rising."
    assert "may also be a hard task" in reading.findings[0].sentence


def test_near_miss_low_val_alone_is_no_underfit():
    assert main(overfit_history()).condition == "overfit"


def test_near_miss_ninety_two_percent_is_no_underfit():
    assert main(history(towards(0.4, 0.925, 30, 9), towards(0.4, 0.915, 30, 9))).condition == "healthy"


def test_no_better_than_guessing():
    found = main(history([0.1] * 10, [0.101] * 10))
    assert (found.condition, found.severity) == ("underfit", "warning")
    assert found.sentence == "Clean train and val are no better than guessing one of 10 classes (10.0 %)."


def test_clean_far_under_trained_is_no_underfit():
    h = history([0.45] * 20, [0.44] * 20, train=[0.8] * 20)
    found = main(h)
    assert found.condition == "unclear"
    assert "batch norm" in found.advice[0]


# --- non-finite ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [NAN, math.inf])
def test_non_finite_loss_names_the_epoch(bad):
    h = history([0.4] * 5, [0.4] * 5, train_loss=[1.0, 0.9, 0.8, bad, bad])
    reading = read(h)
    assert reading.headline == "The loss stopped being a number in epoch 4."
    assert reading.findings[0].severity == "error"
    assert "epoch 3 was still finite" in reading.findings[0].evidence[0]


def test_non_finite_failure_before_an_epoch_ended():
    found = main((), failure="the loss is not finite at epoch 1, step 7 [non-finite-loss]")
    assert found.condition == "non-finite"
    assert "after 0 whole epochs" in found.sentence


def test_other_failures_are_not_called_non_finite():
    found = main((), failure="the device ran out of memory in a nanosecond [out-of-memory]")
    assert (found.condition, found.severity) == ("unclear", "error")


def test_infinite_gradient_norm_alone_is_no_alarm():
    h = tuple(
        e.model_copy(update={"grad_norm_max": math.inf})
        for e in history(towards(0.6, 0.99, 10), towards(0.6, 0.985, 10))
    )
    assert main(h).condition == "healthy"


# --- unclear ---------------------------------------------------------------------------------------------


def test_empty_history():
    assert read((), finished=False).headline == "No epoch has ended yet."


def test_too_few_epochs():
    found = main(history([0.5] * 3, [0.5] * 3))
    assert found.condition == "unclear"
    assert found.sentence == "3 epochs cannot show a trend; from 4 on there is something to read."


def test_too_few_val_images_says_how_many_would_do():
    found = main(history(towards(0.4, 0.9, 20), towards(0.4, 0.8, 20), val_n=60))
    assert found.condition == "unclear"
    assert "About 270 val images would fix it to +- 5.0 points." in found.sentence


def test_no_val_images():
    h = history([0.5] * 8, [0.5] * 8, val_n=0)
    assert read(h).headline == "Nothing to compare: no val images."


def test_few_val_images_do_not_hide_a_huge_gap():
    h = history(towards(0.5, 1.0, 30, 9), [0.55] * 30, val_n=80, val_loss=rising_loss(5, 30, 0.7, 2.0))
    assert main(h, classes=2).condition == "overfit"


# --- the whole -------------------------------------------------------------------------------------------


def test_noise_alone_never_raises_an_alarm():
    alarms = 0
    for seed in range(60):
        h = history(towards(0.4, 0.96, 25), towards(0.4, 0.93, 25), jitter=0.012, seed=seed, val_n=800)
        alarms += any(f.severity in ("warning", "error") for f in read(h).findings)
    assert alarms == 0


def test_reading_round_trips_and_repeats():
    reading = read(overfit_history())
    assert Reading.from_json(reading.to_json()) == reading == read(overfit_history())


def test_one_epoch_to_many_never_raises():
    for n in range(1, 12):
        for val_n in (1, 2, 7, 1000):
            assert read(history([1.0] * n, [0.0] * n, val_n=val_n), finished=False).findings


def test_diagnosis_is_torch_free():
    code = "import sys, striate.diagnosis; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
