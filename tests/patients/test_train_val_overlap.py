"""Sick, healthy and near-miss runs for D3."""

from __future__ import annotations

import pytest

from striate.core.data_observation import OverlapSeen, RepeatSeen
from striate.diagnosis.conditions.train_val_overlap import CONDITION
from tests.patients.looking import data, split
from tests.patients.seen import case, loop


def judged(exact: int = 0, near: int = 0, repeated: int = 0, **more: object):
    """D3's opinion of 1,000 val images."""
    overlap = OverlapSeen(checked=1000, exact=exact, near=near, **more)
    return CONDITION.examine(case(data=data(val=split("val", repeated=repeated), overlap=overlap)))


@pytest.mark.parametrize(("exact", "severity"), [(6, "info"), (50, "warning"), (900, "critical")])
def test_sick_copies(exact: int, severity: str):
    found = judged(exact, pairs=(("train[3]", "val[5]"),), accuracy_on=1.0, accuracy_off=0.8)
    assert (found.state, found.severity) == ("present", severity)
    assert found.where.samples == ("val[5] = train[3]",)
    assert found.evidence[1].value == pytest.approx(0.2)


def test_sick_near_copies():
    assert judged(near=200).severity == "warning"
    assert judged(near=50, accuracy_on=1.0, accuracy_off=0.7).severity == "warning"


def test_sick_steps_on_val():
    found = CONDITION.examine(case(loop=loop(val_updates=10), data=data()))
    assert (found.state, found.severity) == ("present", "critical")


def test_healthy():
    assert judged().state == "absent"
    assert CONDITION.examine(case(data=data())).state == "unseen"


def test_near_miss_two_copies():
    assert judged(exact=2).state == "absent"
    assert judged(exact=4).state == "absent"


def test_near_miss_small_drawings_repeat_by_themselves():
    # 30 of 1,000 repeat within val: in a train set twice as large, 120 are to be expected.
    assert judged(exact=130, repeated=30).state == "absent"
    assert judged(exact=130, repeated=5).severity == "warning"


def test_near_miss_natural_near_copies():
    assert judged(near=35).state == "absent"
    assert judged(near=35, accuracy_on=0.85, accuracy_off=0.8).state == "absent"


def test_near_miss_images_under_so_much_noise_that_nearness_means_nothing():
    noisy = data(
        train=split("train", std=(3.0, 3.0, 3.0), low=-12.0, high=12.0),
        overlap=OverlapSeen(checked=1000, exact=0, near=60),
        repeats=(RepeatSeen(split="train", passes=2, images=2000, same=0),),
    )
    assert CONDITION.examine(case(data=noisy)).state == "absent"
