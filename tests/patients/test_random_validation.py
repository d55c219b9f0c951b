"""Sick, healthy and near-miss runs for U3."""

from __future__ import annotations

import pytest

from striate.core.data_observation import RepeatSeen
from striate.core.observation_records import Declared
from striate.diagnosis.conditions.random_validation import CONDITION
from tests.patients.looking import data
from tests.patients.seen import case


def judged(same: int, images: int = 1000, **more: object):
    """U3's opinion when so many of the val images come again."""
    seen = RepeatSeen(split="val", passes=2, images=images, same=same)
    return CONDITION.examine(case(data=data(repeats=(seen,)), **more))


@pytest.mark.parametrize("same", [0, 500], ids=["crop", "flip"])
def test_sick(same: int):
    found = judged(same)
    assert (found.state, found.severity) == ("present", "warning")


def test_healthy():
    assert judged(1000).state == "absent"
    assert CONDITION.examine(case(data=data())).state == "unseen"


def test_near_miss_last_batch_left_out_of_a_shuffled_pass():
    assert judged(985).state == "absent"


def test_near_miss_declared():
    assert judged(0, declared=Declared(test_time_augmentation=True)).state == "absent"


def test_near_miss_few_images_or_training_images():
    assert judged(0, images=10).state == "unseen"
    train = RepeatSeen(split="train", passes=2, images=1000, same=0)
    assert CONDITION.examine(case(data=data(repeats=(train,)))).state == "unseen"
