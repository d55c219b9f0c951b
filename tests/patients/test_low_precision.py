"""Sick, healthy and near-miss runs for M2."""

from __future__ import annotations

from striate.diagnosis.conditions.low_precision import CONDITION
from tests.patients.looking import data, split
from tests.patients.seen import case, loop, parameter, setting

STILL = (parameter("stem.weight", changed=False), parameter("head.weight"))
HALF = data(train=split("train", dtype="torch.float16"))


def test_sick_overflow_again_and_again():
    found = CONDITION.examine(
        case(loop=loop(optimizer_steps=1000, skipped_steps=200), setting=setting(amp=True))
    )
    assert (found.state, found.severity) == ("present", "warning")


def test_sick_updates_round_to_nothing():
    found = CONDITION.examine(case(loop=loop(parameters=STILL), data=HALF))
    assert (found.state, found.severity) == ("suspected", "warning")


def test_healthy():
    assert CONDITION.examine(case(loop=loop(), data=data())).state == "absent"
    assert CONDITION.examine(case(loop=loop(optimizer_steps=50))).state == "unseen"


def test_near_miss_search_for_the_first_scale():
    found = CONDITION.examine(
        case(loop=loop(optimizer_steps=200, skipped_steps=16), setting=setting(amp=True))
    )
    assert found.state == "absent"


def test_near_miss_half_precision_that_learns():
    assert CONDITION.examine(case(loop=loop(), data=HALF)).state == "absent"
    assert CONDITION.examine(case(loop=loop(parameters=STILL), data=data())).state == "absent"
