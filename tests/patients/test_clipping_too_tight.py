"""Sick, healthy and near-miss runs for O5."""

from __future__ import annotations

from striate.diagnosis.conditions.clipping_too_tight import CONDITION
from tests.patients.moving import inside, point, run, series
from tests.patients.seen import setting

CUT = series(grad_norm=(0.01,) * 90 + (0.008,) * 10)
CRAWLING = inside(bend=0.002, ratio=5e-5)


def test_sick_every_step_the_same_small_size():
    found = CONDITION.examine(run(steps=CUT, inside=CRAWLING))
    assert (found.state, found.severity, found.evidence[0].value) == ("present", "warning", 0.9)


def test_sick_with_the_limit_known():
    found = CONDITION.examine(run(steps=CUT, inside=CRAWLING, setting=setting(clip_grad=0.01)))
    assert "a norm of 0.01 in 90.0 %" in found.sentence


def test_healthy():
    assert CONDITION.examine(run()).state == "absent"


def test_near_miss_a_fifth_of_the_steps():
    some = series(grad_norm=(1.0,) * 20 + (0.5, 0.6, 0.7, 0.8) * 20)
    assert CONDITION.examine(run(steps=some, inside=CRAWLING)).state == "absent"


def test_near_miss_the_rate_makes_up_for_it():
    assert CONDITION.examine(run(steps=CUT)).state == "absent"
    assert CONDITION.examine(run(steps=CUT, inside=CRAWLING, epochs=(point(0.99, 0.03),))).state == "absent"


def test_unseen():
    assert CONDITION.examine(run(inside=None, steps=CUT)).state == "unseen"
