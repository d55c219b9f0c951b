"""Sick, healthy and near-miss runs for D1."""

from __future__ import annotations

from striate.diagnosis.conditions.label_noise import CONDITION
from tests.patients.looking import agreement, confusion, curve, data, suspects
from tests.patients.seen import case, setting


def judged(epochs: object = (), classes: int = 10, **more: object):
    """D1's opinion of labels that differ in `more`."""
    seen = data(agreement=agreement(**more))
    return CONDITION.examine(case(data=seen, epochs=epochs, setting=setting(classes=classes)))


NOISY = {"confident_wrong": 110, "val_confident_wrong": 15}


def test_sick_folds_say_so_too():
    found = judged(**NOISY, folds=5, folds_noise=0.2, folds_low=0.15, suspects=suspects())
    assert (found.state, found.severity, found.confidence) == ("present", "warning", 0.9)
    assert found.where.samples[0] == "train[0]"
    noise = found.evidence[0]
    assert noise.low is not None
    assert noise.low < 0.16 == round(noise.value or 0, 2)


def test_sick_val_is_above_clean_train():
    found = judged(curve((0.5, 0.8), clean=(0.45, 0.66)), confident_wrong=80, val_confident_wrong=12)
    assert found.state == "present"
    assert found.evidence[1].name == "reversal"


def test_sick_far_more_than_val():
    assert judged(**NOISY).state == "present"


def test_sick_val_is_as_noisy():
    found = judged(
        curve((0.5, 0.78)),
        confident_wrong=100,
        val_confident_wrong=50,
        folds_noise=0.18,
        folds_low=0.15,
        folds_accuracy=0.78,
        suspects=suspects(),
    )
    assert (found.state, found.confidence) == ("present", 0.75)


def test_healthy():
    assert judged(curve()).state == "absent"
    assert CONDITION.examine(case(data=data(train_confusion=confusion()))).state == "unseen"


def test_near_miss_hard_task():
    found = judged(
        curve((0.3, 0.45)),
        confident_wrong=150,
        val_confident_wrong=70,
        folds_noise=0.2,
        folds_low=0.17,
        folds_accuracy=0.4,
        suspects=suspects(),
    )
    assert found.state == "absent"


def test_near_miss_early_predictions_of_augmented_images():
    # Twice as often, and nothing else says so.
    found = judged(curve(), confident_wrong=75, val_confident_wrong=17)
    assert (found.state, found.severity) == ("suspected", "info")
    assert judged(curve(), confident_wrong=225, val_confident_wrong=75).state == "absent"


def test_near_miss_errors_gather_in_pairs_that_look_alike():
    gathered = {"folds_noise": 0.1, "folds_low": 0.08, "folds_accuracy": 0.84}
    assert judged(curve((0.5, 0.85)), **gathered, suspects=suspects(pairs=3)).state == "suspected"
    assert judged(curve((0.5, 0.85)), **gathered, classes=4, suspects=suspects()).state == "suspected"
    # Labels with so much noise would not allow this val accuracy.
    assert judged(curve(), **gathered | {"folds_noise": 0.15}, suspects=suspects()).state == "absent"


def test_near_miss_classes_swapped_in_val():
    assert judged(curve(), confident_wrong=10, val_confident_wrong=60).state == "absent"
