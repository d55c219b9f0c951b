"""Sick, healthy and near-miss runs for M1."""

from __future__ import annotations

import math

import pytest

from striate.core.inside_records import NonFiniteSeen
from striate.diagnosis.conditions.non_finite import CONDITION
from tests.patients.looking import curve, data, split
from tests.patients.seen import case, loop, setting

LOST = (*curve((0.3, 0.1)), curve((0.1,))[0].model_copy(update={"epoch": 3.0, "train_loss": math.nan}))


def test_sick_step_too_large():
    seen = NonFiniteSeen(step=30, where="outputs", layer="head", lr=1.0, largest_before=80.0, first_loss=2.3)
    found = CONDITION.examine(case(loop=loop(non_finite=seen), epochs=LOST))
    assert (found.state, found.severity, found.onset_step) == ("present", "critical", 30)
    assert "steps were too large" in found.sentence
    assert found.remedies is not None
    assert "learning rate" in found.remedies[0].change
    assert found.where.layers == ("head",)


def test_sick_loss_takes_the_logarithm_of_zero():
    seen = NonFiniteSeen(step=90, where="gradient", largest_before=2.4, first_loss=2.3)
    found = CONDITION.examine(case(loop=loop(non_finite=seen), epochs=LOST))
    assert found.severity == "critical"
    assert "log, root or division in the loss" in found.sentence


def test_sick_images():
    seen = NonFiniteSeen(step=4, where="input", samples=(7,))
    found = CONDITION.examine(case(loop=loop(non_finite=seen), epochs=LOST))
    assert found.where.samples == ("image 7 of the batch of step 4",)
    assert found.remedies is not None
    assert found.remedies[0].change.startswith("Check images")
    spoilt = data(train=split("train", non_finite=3))
    assert CONDITION.examine(case(loop=loop(), epochs=curve(), data=spoilt)).severity == "warning"


def test_sick_curve_of_a_log():
    found = CONDITION.examine(case(epochs=LOST))
    assert (found.severity, found.onset_epoch) == ("critical", 3.0)


def test_healthy():
    assert CONDITION.examine(case(loop=loop(), epochs=curve())).state == "absent"
    assert CONDITION.examine(case()).state == "unseen"


@pytest.mark.parametrize("how", ["amp", "skipped"])
def test_near_miss_amp_searches_its_scale(how: str):
    seen = NonFiniteSeen(step=1, where="gradient", first_loss=2.3)
    watched = loop(non_finite=seen, skipped_steps=2 if how == "skipped" else 0)
    judged = case(loop=watched, epochs=curve(), setting=setting(amp=how == "amp"))
    assert CONDITION.examine(judged).state == "absent"


def test_near_miss_a_loop_that_skips_such_a_batch():
    epochs = curve()
    for where, severity in (("gradient", "info"), ("input", "warning")):
        seen = NonFiniteSeen(step=30, where=where, first_loss=2.3)
        assert CONDITION.examine(case(loop=loop(non_finite=seen), epochs=epochs)).severity == severity
