"""Sick, healthy and near-miss runs for U4."""

from __future__ import annotations

from striate.core.data_observation import RepeatSeen
from striate.diagnosis.conditions.frozen_augmentation import CONDITION
from tests.patients.looking import data
from tests.patients.seen import case, setting

NAMES = ("RandomCrop", "RandomHorizontalFlip", "ToTensor")


def judged(same: int, names: tuple[str, ...] = NAMES, within: int = 0):
    """U4's opinion when so many of 2,000 training images come again."""
    seen = RepeatSeen(split="train", passes=2, images=2000, same=same, within_batch=within)
    return CONDITION.examine(case(data=data(repeats=(seen,)), setting=setting(augmentation=names)))


def test_sick():
    found = judged(2000)
    assert (found.state, found.severity) == ("present", "warning")
    assert found.where.transforms == NAMES[:2]


def test_healthy():
    assert judged(3).state == "absent"
    assert CONDITION.examine(case(data=data())).state == "unseen"


def test_near_miss_nothing_random():
    for names in ((), ("Resize", "CenterCrop", "Normalize")):
        assert judged(2000, names).state == "absent"


def test_near_miss_a_flip_agrees_by_chance():
    assert judged(1000, ("RandomHorizontalFlip",)).state == "absent"


def test_near_miss_one_draw_for_a_batch():
    found = judged(3, within=100)
    assert (found.state, found.severity) == ("suspected", "info")
