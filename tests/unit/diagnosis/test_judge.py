"""Verdict and headline for sick, healthy and near-miss curves, as a person would read them."""

from __future__ import annotations

import math
import subprocess
import sys

import pytest

from striate.core.diagnosis_records import Diagnosis, Finding
from striate.core.observation_records import EpochPoint, Observation, Setting
from striate.diagnosis.judge import diagnose
from tests.histories import observed, towards

NAN = math.nan


def read(points, finished: bool = True, classes: int = 10, failure: str = "") -> Diagnosis:
    setting = Setting(source="run", classes=classes, finished=finished, failure=failure)
    return diagnose(Observation(setting=setting, epochs=tuple(points)))


def main(points, **more) -> Finding:
    return read(points, **more).findings[0]


def named(points, **more) -> list[str]:
    return [f.condition for f in read(points, **more).findings]


def alarms(diagnosis: Diagnosis) -> list[str]:
    return [f.condition for f in diagnosis.findings if f.severity != "info"]


def rising_loss(low_at: int, n: int, low: float = 0.8, high: float = 1.6) -> list[float]:
    down = [2.0 + (low - 2.0) * i / low_at for i in range(low_at)]
    return down + [low + (high - low) * i / (n - low_at - 1) for i in range(n - low_at)]


# --- overfitting -----------------------------------------------------------------------------------------


def overfit(**more):
    return observed(towards(0.3, 1.0, 40, 8), towards(0.3, 0.62, 40, 14), val_loss=rising_loss(8, 40), **more)


def test_overfitting_is_named_with_gap_and_interval():
    diagnosis = read(overfit())
    found = diagnosis.findings[0]
    assert (diagnosis.verdict, found.condition, found.severity) == ("problem", "overfitting", "warning")
    assert diagnosis.headline == "Overfitting: much better on its training images than on new ones."
    assert found.sentence == (
        "The network does better on images it learned from than on new ones, by 38.0 points (35.8 to 40.1)."
    )
    assert any("val loss was lowest around epoch 9 (0.826)" in e.sentence for e in found.evidence)
    gap = found.evidence[0]
    assert (gap.name, gap.reference) == ("gap", 0.05)
    assert gap.low < gap.value < gap.high
    assert found.remedies[0].settings == {"augment": "default"}


def test_overfitting_without_loss_rise_needs_a_long_plateau_under_rising_train():
    flat_loss = [1.2] * 40
    val = towards(0.3, 0.70, 40, 20)
    assert main(observed(towards(0.3, 1.0, 40, 4), val, val_loss=flat_loss)).condition == "overfitting"


def test_overfitting_with_noise_is_still_overfitting():
    for seed in range(10):
        assert main(overfit(jitter=0.01, seed=seed)).condition == "overfitting"


def test_memorised_chance_val_may_also_be_a_mismatch():
    h = observed(towards(0.2, 1.0, 30), [0.1] * 30, val_loss=rising_loss(3, 30, 2.2, 6.0))
    diagnosis = read(h)
    found = diagnosis.findings[0]
    assert found.condition == "overfitting"
    assert "labelled or prepared differently" in found.sentence
    assert set(diagnosis.candidates) == {"labels-unrelated", "preprocessing-mismatch", "classes-swapped"}


def test_near_miss_gap_with_val_still_rising_and_loss_falling_is_no_overfitting():
    h = observed(towards(0.4, 0.97, 30), towards(0.35, 0.89, 30), val_n=5000)
    diagnosis = read(h)
    assert (diagnosis.verdict, diagnosis.findings) == ("healthy", ())
    assert diagnosis.headline == "Healthy, with a gap between train and val."


def test_near_miss_gap_under_five_points_is_no_overfitting():
    h = observed(towards(0.4, 0.999, 30), towards(0.4, 0.955, 30), val_loss=rising_loss(20, 30, 0.15, 0.16))
    assert read(h).verdict == "healthy"


def test_near_miss_all_of_train_and_92_percent_of_val_is_healthy_with_a_gap():
    val = towards(0.4, 0.92, 40, 12)
    for loss in (None, rising_loss(20, 40, 0.30, 0.36)):
        diagnosis = read(observed(towards(0.4, 1.0, 40, 6), val, val_loss=loss))
        assert alarms(diagnosis) == []
        assert (diagnosis.verdict, diagnosis.candidates) == ("healthy", ())
        assert diagnosis.headline == "Healthy, with a gap between train and val."


def test_train_as_trained_below_val_under_augmentation_is_normal_and_said():
    h = observed(towards(0.4, 0.95, 20), towards(0.4, 0.94, 20), train=towards(0.3, 0.85, 20))
    diagnosis = read(h)
    assert diagnosis.verdict == "healthy"
    assert any("lies under val" in note and "normal" in note for note in diagnosis.notes)


def test_ninety_nine_both_is_healthy():
    diagnosis = read(observed(towards(0.6, 0.995, 20), towards(0.6, 0.99, 20)))
    assert diagnosis.headline == "Healthy: train and val agree."
    assert (diagnosis.verdict, diagnosis.findings, diagnosis.candidates) == ("healthy", (), ())


def test_one_cycle_dip_that_recovers_is_no_overfitting():
    lr = [0.1 * min((i + 1) / 12, (30 - i) / 19) for i in range(30)]
    val = [*towards(0.4, 0.75, 10), 0.6, 0.55, 0.58, 0.56, 0.62, *towards(0.63, 0.90, 15)]
    clean = [*towards(0.4, 0.78, 10), 0.66, 0.60, 0.63, 0.60, 0.67, *towards(0.68, 0.94, 15)]
    loss = [-math.log(v) for v in val]
    for upto in range(1, 31):  # never, at any epoch, is the dip read as overfitting
        h = observed(clean[:upto], val[:upto], val_loss=loss[:upto], lr=lr[:upto])
        diagnosis = read(h, finished=upto == 30)
        assert not {"overfitting", "late-overfitting"} & {f.condition for f in diagnosis.findings}, upto
        assert alarms(diagnosis) == [], upto
        assert diagnosis.verdict in ("healthy", "unclear"), upto


def test_one_cycle_dip_of_val_alone_waits_and_is_withdrawn():
    """Clean train holds while val dips at the highest rate: the look-alike that stays with a hasty judge."""
    lr = [0.1 * min((i + 1) / 14, (30 - i) / 17) for i in range(30)]
    val = [*towards(0.4, 0.75, 8), 0.6, 0.55, 0.58, 0.56, 0.57, 0.58, 0.62, *towards(0.63, 0.90, 15)]
    clean = [*towards(0.4, 0.78, 8), *[0.79] * 7, *towards(0.80, 0.94, 15)]
    said = []
    for upto in range(1, 31):
        diagnosis = read(observed(clean[:upto], val[:upto], lr=lr[:upto]), finished=upto == 30)
        assert alarms(diagnosis) == [], upto
        said.append(diagnosis.headline)
    assert "Val has dipped; too early to say more." in said
    assert said[-1] == "Healthy: train and val agree."


def test_loss_rising_while_accuracy_rises_is_over_confidence():
    h = observed(
        towards(0.5, 0.999, 40, 6), towards(0.5, 0.88, 40, 3), val_loss=rising_loss(10, 40, 0.6, 0.9)
    )
    diagnosis = read(h)
    assert diagnosis.verdict == "healthy"
    assert (diagnosis.findings[0].condition, diagnosis.findings[0].severity) == ("overconfidence", "info")
    assert "over-confidence, not overfitting" in diagnosis.findings[0].sentence


# --- late overfitting ------------------------------------------------------------------------------------


def late(fall: float, val_n: int = 2000, clean_fall: float = 0.0, **more):
    val = towards(0.4, 0.85, 15, 6) + [0.85 - fall * (i + 1) / 15 for i in range(15)]
    clean = towards(0.4, 0.95, 15, 6) + [0.95 - clean_fall * (i + 1) / 15 for i in range(15)]
    loss = rising_loss(14, 30, 0.5, 0.5 + 4 * fall)
    return observed(clean, val, val_loss=loss, val_n=val_n, **more)


def test_late_overfitting_is_named_with_its_best_epoch():
    diagnosis = read(late(0.08))
    found = diagnosis.findings[0]
    assert (found.condition, found.severity, found.onset_epoch) == ("late-overfitting", "warning", 15.0)
    assert diagnosis.headline == "Late overfitting: val was best around epoch 15 and has fallen since."
    assert "7.3 points lower" in found.sentence
    beside = {f.condition: f.because_of for f in diagnosis.findings[1:]}
    assert beside["overfitting"] == "late-overfitting"


def test_near_miss_fall_within_noise_is_no_late_overfitting():
    assert "late-overfitting" not in named(late(0.015))
    assert "late-overfitting" not in named(late(0.05, val_n=100))


def test_near_miss_oscillating_val_is_no_late_overfitting():
    val = [0.80 + (0.06 if i % 2 else -0.06) for i in range(30)]
    assert "late-overfitting" not in named(observed([0.86] * 30, val))


def test_fall_of_both_is_instability():
    diagnosis = read(late(0.20, clean_fall=0.25))
    assert diagnosis.verdict == "unknown problem"
    assert diagnosis.headline == "Unstable: train and val both got worse after epoch 15."
    assert diagnosis.candidates[0] == "learning-rate-too-high"


def test_fall_at_a_high_learning_rate_waits():
    lr = [0.001 * (i + 1) for i in range(30)]
    diagnosis = read(late(0.08, lr=lr), finished=False)
    assert (diagnosis.verdict, alarms(diagnosis)) == ("unclear", [])
    assert any("still above half its peak" in note for note in diagnosis.notes)
    assert "late-overfitting" in named(late(0.08, lr=lr))


# --- underfitting ----------------------------------------------------------------------------------------


def test_level_and_low_is_underfitting_or_a_hard_task():
    diagnosis = read(observed(towards(0.3, 0.55, 30, 12), towards(0.3, 0.54, 30, 12)))
    found = diagnosis.findings[0]
    assert (found.condition, found.status, found.severity) == ("underfitting", "suspected", "info")
    assert "the task may also be hard" in found.sentence
    assert diagnosis.verdict == "unclear"
    assert diagnosis.headline == "Underfitting, or a hard task: train and val are both low."
    assert diagnosis.candidates[0] == "underfitting"


def test_low_and_rising_is_too_few_epochs():
    up = [0.3 + 0.02 * i for i in range(10)]
    diagnosis = read(observed(up, [v - 0.01 for v in up]))
    assert diagnosis.headline == "Not done learning: train and val are close and still rising."
    assert diagnosis.findings[0].condition == "stopped-too-early"
    assert "may also be a hard task" in diagnosis.findings[0].sentence


def test_near_miss_low_val_alone_is_no_underfitting():
    assert "underfitting" not in named(overfit())


def test_near_miss_ninety_two_percent_is_no_underfitting():
    assert read(observed(towards(0.4, 0.925, 30, 9), towards(0.4, 0.915, 30, 9))).verdict == "healthy"


def test_no_better_than_guessing():
    diagnosis = read(observed([0.1] * 10, [0.101] * 10))
    assert diagnosis.verdict == "unknown problem"
    assert diagnosis.headline == "Nothing learned yet: no better than guessing."
    assert "no better than guessing one of 10 classes (10.0 %)" in diagnosis.notes[0]
    assert len(diagnosis.candidates) == 3


def test_clean_far_under_trained_is_no_underfitting():
    diagnosis = read(observed([0.45] * 20, [0.44] * 20, train=[0.8] * 20))
    assert diagnosis.verdict != "healthy"
    assert "underfitting" not in {f.condition for f in diagnosis.findings}
    assert diagnosis.candidates[0] == "batch-norm-mismatch"
    assert diagnosis.headline == "Odd: worse on clean training images than while training."


# --- not a number ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [NAN, math.inf])
def test_non_finite_loss_names_the_epoch(bad):
    diagnosis = read(observed([0.4] * 5, [0.4] * 5, train_loss=[1.0, 0.9, 0.8, bad, bad]))
    assert diagnosis.verdict in ("problem", "unknown problem")
    assert "not a number" in diagnosis.headline or "being a number" in diagnosis.headline
    assert diagnosis.findings[0].onset_epoch == 4.0
    assert diagnosis.candidates[0] == "non-finite"


def test_non_finite_failure_before_an_epoch_ended():
    diagnosis = read((), failure="the loss is not finite at epoch 1, step 7 [non-finite-loss]")
    assert diagnosis.verdict in ("problem", "unknown problem")
    assert diagnosis.candidates[0] == "non-finite"


def test_other_failures_are_not_called_non_finite():
    diagnosis = read((), failure="the device ran out of memory in a nanosecond [out-of-memory]")
    assert (diagnosis.verdict, diagnosis.headline) == ("unknown problem", "The run failed.")
    assert diagnosis.candidates == ()


# --- unclear ---------------------------------------------------------------------------------------------


def test_empty_history():
    diagnosis = read((), finished=False)
    assert (diagnosis.verdict, diagnosis.headline) == ("unclear", "No epoch has ended yet.")


def test_too_few_epochs():
    diagnosis = read(observed([0.5] * 3, [0.5] * 3))
    assert (diagnosis.verdict, diagnosis.headline) == ("unclear", "Too few epochs to read a trend.")
    assert diagnosis.notes[0] == "3 epochs cannot show a trend; from 4 on there is something to read."


def test_too_few_val_images_says_how_many_would_do():
    diagnosis = read(observed(towards(0.4, 0.9, 20), towards(0.4, 0.8, 20), val_n=60))
    assert diagnosis.headline.startswith("Too few val images")
    assert {f.condition for f in diagnosis.findings} <= {"validation-too-small"}
    small = read(observed(towards(0.4, 0.9, 20), towards(0.4, 0.8, 20), val_n=200))
    assert (small.verdict, small.headline) == ("unclear", "Too few val images to tell.")
    assert "About 260 val images would fix it to +- 5.0 points." in small.notes[0]


def test_no_val_images():
    assert read(observed([0.5] * 8, [0.5] * 8, val_n=0)).headline == "Nothing to compare: no val images."


def test_few_val_images_do_not_hide_a_huge_gap():
    h = observed(towards(0.5, 1.0, 30, 9), [0.55] * 30, val_n=80, val_loss=rising_loss(5, 30, 0.7, 2.0))
    assert "overfitting" in named(h, classes=2)


# --- foreign logs ----------------------------------------------------------------------------------------

FOREIGN = ("clean_accuracy", "clean_loss", "clean_n", "val_n")


def test_a_log_without_clean_train_or_counts_is_read_and_says_what_it_assumed():
    diagnosis = read(overfit(without=FOREIGN), classes=0)
    found = diagnosis.findings[0]
    assert (found.condition, found.severity) == ("overfitting", "warning")
    assert "train as trained lies above val" in found.evidence[0].sentence
    assert "at least" in found.evidence[0].sentence
    assert len(diagnosis.assumed) == 3


def test_a_healthy_log_without_clean_train_or_counts_is_healthy():
    h = observed(
        towards(0.4, 0.95, 20), towards(0.4, 0.94, 20), train=towards(0.3, 0.85, 20), without=FOREIGN
    )
    assert (read(h).verdict, alarms(read(h))) == ("healthy", [])


def test_jitter_stands_for_the_noise_where_counts_are_unknown():
    still = [observed([0.95] * 30, [0.85] * 30, without=FOREIGN, jitter=0.02, seed=s) for s in range(60)]
    assert sum(bool({"late-overfitting", "last-not-best"} & set(named(h))) for h in still) <= 1
    assert "late-overfitting" in named(late(0.06, without=FOREIGN, jitter=0.002))


def test_losses_alone():
    only = ("clean_accuracy", "clean_loss", "clean_n", "train_accuracy", "val_accuracy", "val_n")
    sick = read(overfit(without=only, train_loss=towards(2.3, 0.02, 40, 8)))
    assert (sick.findings[0].condition, sick.findings[0].status) == ("overfitting", "suspected")
    healthy = read(
        observed(
            [0.5] * 30,
            [0.5] * 30,
            without=only,
            train_loss=towards(2.3, 0.3, 30),
            val_loss=towards(2.2, 0.4, 30),
        )
    )
    assert (healthy.verdict, healthy.findings) == ("healthy", ())


def test_val_every_third_epoch_between_rows_of_train():
    points = []
    for i, (t, v) in enumerate(zip(towards(0.3, 1.0, 60, 8), towards(0.3, 0.6, 60, 14), strict=True)):
        points.append(EpochPoint(epoch=i + 0.9, train_accuracy=t, lr=0.1))
        if i % 3 == 2:
            points.append(EpochPoint(epoch=i + 1.0, val_accuracy=v))
    assert "overfitting" in named(points)


# --- the whole -------------------------------------------------------------------------------------------


def test_noise_alone_never_raises_an_alarm():
    for seed in range(60):
        h = observed(towards(0.4, 0.96, 25), towards(0.4, 0.93, 25), jitter=0.012, seed=seed, val_n=800)
        assert alarms(read(h)) == []


@pytest.mark.parametrize("val_n", [300, 1000])
@pytest.mark.parametrize(
    ("clean", "val", "speed"),
    [(0.47, 0.45, 8), (0.995, 0.99, 8), (0.90, 0.80, 4), (1.0, 0.92, 6), (0.84, 0.70, 4)],
)
def test_healthy_hosts_stay_quiet(clean, val, speed, val_n):
    for seed in range(25):
        for epochs in (8, 20, 40):
            h = observed(
                towards(0.2, clean, epochs, speed),
                towards(0.2, val, epochs, speed),
                train=towards(0.15, clean - 0.08, epochs, speed),
                jitter=0.01,
                seed=seed,
                val_n=val_n,
                clean_n=1000,
            )
            assert alarms(read(h)) == [], (seed, epochs)


def test_a_diagnosis_round_trips_and_repeats():
    diagnosis = read(overfit())
    assert Diagnosis.from_json(diagnosis.to_json()) == diagnosis == read(overfit())


def test_one_epoch_to_many_never_raises():
    for n in range(1, 12):
        for val_n in (1, 2, 7, 1000):
            for without in ((), FOREIGN, ("train_loss", "val_loss", "lr"), ("train_accuracy", *FOREIGN)):
                h = observed([1.0] * n, [0.0] * n, val_n=val_n, without=without)
                assert read(h, finished=False).headline
                assert read(h).headline


def test_diagnosis_is_torch_free():
    code = "import sys, striate.diagnosis.judge; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
