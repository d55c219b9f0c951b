"""Sick, healthy and near-miss runs for G3."""

from __future__ import annotations

from typing import Any

from striate.core.data_observation import DataSeen, RepeatSeen
from striate.core.inside_records import NetworkSeen
from striate.diagnosis.conditions.over_regularised import CONDITION
from tests.histories import observed, towards
from tests.patients.seen import case, setting


def seen(clean: float = 0.7, train: float = 0.45, dropout: float = 0.0, without=(), **parts: Any):
    epochs = observed(
        towards(0.2, clean, 30, 10),
        towards(0.2, clean - 0.02, 30, 10),
        train=towards(0.15, train, 30, 10),
        without=without,
    )
    network = NetworkSeen(kind="Net", input_size=(3, 32, 32), parameters=1000, dropout=dropout)
    return CONDITION.examine(case(epochs=epochs, network=network, **parts))


def test_sick_strong_dropout():
    found = seen(dropout=0.8)
    assert (found.state, found.severity) == ("suspected", "warning")
    assert found.evidence[0].value > 0.2


def test_strong_dropout_counts_beside_augmentation():
    assert seen(dropout=0.8, setting=setting(augmentation=("flip",))).severity == "warning"


def test_without_a_known_reason_it_is_a_remark():
    assert (seen().state, seen().severity) == ("suspected", "info")


def test_without_clean_train_val_tells():
    found = seen(dropout=0.8, without=("clean_accuracy", "clean_loss", "clean_n"))
    assert (found.state, found.severity) == ("suspected", "warning")


def test_healthy():
    assert seen(clean=0.9, train=0.88).state == "absent"


def test_near_miss_half_of_the_features_before_the_head():
    assert seen(dropout=0.5).severity == "info"


def test_near_miss_augmentation_makes_training_images_harder():
    assert seen(dropout=0.5, setting=setting(augmentation=("crop4", "flip"))).state == "absent"
    varied = DataSeen(repeats=(RepeatSeen(split="train", passes=2, images=100, same=0),))
    assert seen(data=varied).state == "absent"


def test_near_miss_it_gets_nearly_all_right_undisturbed():
    assert seen(clean=0.98, train=0.75, dropout=0.8).state == "absent"


def test_unseen():
    assert CONDITION.examine(case()).state == "unseen"


def test_sick_dropout_leaves_nothing():
    flat = observed([0.1] * 12, [0.1] * 12, train=[0.1] * 12)
    for rate, state in ((0.95, "suspected"), (0.5, "absent")):
        network = NetworkSeen(kind="Net", input_size=(3, 32, 32), parameters=1000, dropout=rate)
        found = CONDITION.examine(case(epochs=flat, network=network))
        assert found.state == state
        assert not found.found or found.severity == "warning"
