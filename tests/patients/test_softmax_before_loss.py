"""Sick, healthy and near-miss runs for A6."""

from __future__ import annotations

import math

from striate.core.observation_records import Declared, EpochPoint
from striate.diagnosis.conditions.softmax_before_loss import CONDITION
from tests.patients.looking import RISING, curve, with_outputs
from tests.patients.seen import case, setting

FLOOR = math.log(math.e + 9) - 1


def floored(slack: float = 0.0) -> tuple[EpochPoint, ...]:
    """Curves whose losses follow the floor of a second softmax of ten classes."""
    return tuple(
        p.model_copy(update={"train_loss": FLOOR + slack + 1 - a, "val_loss": FLOOR + slack + 1 - a})
        for p, a in zip(curve(), RISING, strict=True)
    )


def test_sick_network_ends_in_a_softmax():
    watched = with_outputs(probabilities=1.0, agreement=1.0, label_only=0.9, squared_error_agreement=0.8)
    found = CONDITION.examine(case(loop=watched, epochs=curve()))
    assert (found.state, found.severity) == ("present", "warning")
    assert "1.461" in found.sentence


def test_sick_of_a_thousand_classes():
    # A second softmax leaves about 1 / K off the entry of the label.
    watched = with_outputs(probabilities=1.0, agreement=1.0, label_only=0.999)
    assert CONDITION.examine(case(loop=watched, setting=setting(classes=1000))).state == "present"


def test_sick_softmax_in_the_loop():
    watched = with_outputs(softmax_agreement=1.0, agreement=0.85, scale=0.15)
    assert CONDITION.examine(case(loop=watched, epochs=curve((0.1, 0.1)))).severity == "critical"


def test_sick_by_the_floor_of_the_loss():
    assert CONDITION.examine(case(epochs=floored())).state == "present"
    watched = with_outputs(probabilities=1.0, gradients=0, agreement=None)
    assert CONDITION.examine(case(loop=watched, epochs=floored())).state == "present"


def test_healthy():
    assert CONDITION.examine(case(loop=with_outputs(), epochs=curve())).state == "absent"
    assert CONDITION.examine(case(epochs=curve())).state == "absent"
    assert CONDITION.examine(case()).state == "unseen"


def test_near_miss_log_likelihood_of_probabilities():
    # cos(-y, softmax(z) - y) is 0.949 for ten classes.
    for label_only in (1.0, None):
        watched = with_outputs(probabilities=1.0, agreement=0.949, scale=3.0, label_only=label_only)
        assert CONDITION.examine(case(loop=watched, epochs=floored())).state == "absent"


def test_near_miss_squared_error_of_probabilities():
    watched = with_outputs(probabilities=1.0, agreement=0.95, squared_error_agreement=1.0, label_only=0.9)
    assert CONDITION.examine(case(loop=watched)).state == "absent"


def test_near_miss_log_probabilities():
    assert CONDITION.examine(case(loop=with_outputs(log_probabilities=1.0), epochs=curve())).state == "absent"


def test_near_miss_probabilities_without_a_gradient():
    found = CONDITION.examine(case(loop=with_outputs(probabilities=1.0, gradients=0, agreement=None)))
    assert (found.state, found.severity) == ("suspected", "info")


def test_near_miss_floor_of_label_smoothing():
    assert CONDITION.examine(case(epochs=floored(slack=-0.9))).state == "absent"


def test_near_miss_declared():
    watched = with_outputs(probabilities=1.0, label_only=0.9)
    assert CONDITION.examine(case(loop=watched, declared=Declared(loss="distillation"))).state == "absent"
