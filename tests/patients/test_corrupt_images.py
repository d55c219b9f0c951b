"""Sick, healthy and near-miss runs for D8."""

from __future__ import annotations

from striate.core.data_observation import DataSeen
from striate.diagnosis.conditions.corrupt_images import CONDITION
from tests.patients.looking import data, split
from tests.patients.seen import case, setting


def test_sick_blank_training_images():
    found = CONDITION.examine(case(data=data(train=split("train", constant=200))))
    assert (found.state, found.severity) == ("present", "warning")
    assert found.evidence[0].value == 0.1


def test_sick_blank_val_images():
    found = CONDITION.examine(case(data=data(val=split("val", constant=80))))
    assert "of the val images" in found.sentence


def test_healthy():
    assert CONDITION.examine(case(data=data())).state == "absent"
    assert CONDITION.examine(case(data=DataSeen())).state == "unseen"


def test_near_miss_few_blank_images():
    assert CONDITION.examine(case(data=data(train=split("train", constant=40)))).severity == "info"
    assert CONDITION.examine(case(data=data(train=split("train", constant=15)))).state == "absent"


def test_near_miss_a_class_that_is_blank_by_design():
    seen = data(train=split("train", constant=200), val=split("val", constant=95))
    assert CONDITION.examine(case(data=seen)).state == "absent"


def test_near_miss_crops_of_nothing():
    seen = data(train=split("train", constant=200))
    found = CONDITION.examine(case(data=seen, setting=setting(augmentation=("RandomResizedCrop",))))
    assert (found.state, found.severity) == ("suspected", "info")
