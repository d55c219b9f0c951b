"""Sick, healthy and near-miss runs for A7."""

from __future__ import annotations

from typing import Any

import pytest

from striate.core.observation_records import Declared
from striate.diagnosis.conditions.wrong_loss import CONDITION
from tests.patients.looking import curve, data, split, with_outputs
from tests.patients.seen import case, setting

POOR = curve((0.3, 0.4, 0.5))
GOOD = curve((0.8, 0.95, 0.97))


def test_sick_maximised():
    watched = with_outputs(agreement=-1.0, implied_right=0.0, implied_one_hot=0.0)
    found = CONDITION.examine(case(loop=watched))
    assert (found.state, found.severity, found.headline) == ("present", "critical", "The loss is maximised.")


@pytest.mark.parametrize("one_hot", [1.0, None], ids=["one-hot", "unknown"])
def test_sick_labels_of_other_images(one_hot: float | None):
    watched = with_outputs(agreement=0.0, implied_right=0.1, implied_one_hot=one_hot)
    found = CONDITION.examine(case(loop=watched))
    assert (found.state, found.severity) == ("present", "critical")
    assert "other labels" in found.headline


def test_sick_some_labels_are_changed_in_the_loop():
    watched = with_outputs(agreement=0.8, implied_right=0.7)
    assert CONDITION.examine(case(loop=watched, epochs=curve())).severity == "warning"


def test_sick_only_the_first_image_counts():
    found = CONDITION.examine(case(loop=with_outputs(agreement=0.1), epochs=POOR, data=data()))
    assert (found.severity, found.headline) == ("warning", "The loss leaves out most of each batch.")


def test_near_miss_class_weights_of_rare_classes():
    rare = data(train=split("train", counts=(1000, *(100,) * 8, 10)))
    assert CONDITION.examine(case(loop=with_outputs(agreement=0.4), data=rare)).state == "absent"


def test_sick_reversed_labels_of_two_classes():
    watched = with_outputs(agreement=-1.0, implied_right=0.0)
    assert (
        CONDITION.examine(case(loop=watched, setting=setting(classes=2))).headline == "The loss is maximised."
    )
    assert "other labels" in CONDITION.examine(case(loop=watched)).headline


def test_sick_squared_error_that_underfits():
    watched = with_outputs(agreement=0.9, squared_error_agreement=1.0, implied_one_hot=0.0)
    assert CONDITION.examine(case(loop=watched, epochs=POOR)).severity == "warning"
    assert CONDITION.examine(case(loop=watched, epochs=curve((0.1, 0.1)))).severity == "critical"


def test_sick_sum_at_the_rate_of_a_mean():
    found = CONDITION.examine(case(loop=with_outputs(scale=100.0), epochs=POOR))
    assert (found.severity, found.headline) == ("warning", "The loss is summed over the batch.")


def test_sick_only_the_logged_loss_is_known():
    watched = with_outputs(gradients=0, agreement=None, loss_correlation=-0.9)
    found = CONDITION.examine(case(loop=watched, epochs=curve((0.1, 0.1))))
    assert (found.state, found.severity) == ("suspected", "warning")


def test_healthy():
    assert CONDITION.examine(case(loop=with_outputs(), epochs=curve())).state == "absent"
    assert CONDITION.examine(case()).state == "unseen"


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"agreement": 0.99, "implied_one_hot": 0.0, "implied_right": 0.97}, id="smoothing"),
        pytest.param({"agreement": 0.7, "implied_one_hot": 0.0, "implied_right": 0.6}, id="mixing"),
        pytest.param({"agreement": 0.85}, id="class-weights"),
        pytest.param({"scale": 0.25}, id="accumulation"),
        pytest.param({"scale": None}, id="amp"),
        pytest.param({"agreement": 0.6, "implied_one_hot": 0.0, "implied_right": 0.8}, id="distillation"),
        pytest.param({"agreement": 0.995, "squared_error_agreement": 0.99}, id="first-steps"),
        pytest.param({"probabilities": 1.0, "agreement": 0.95, "implied_one_hot": 0.0}, id="nll"),
    ],
)
def test_near_miss(more: dict[str, Any]):
    for epochs in (POOR, curve()):
        assert CONDITION.examine(case(loop=with_outputs(**more), epochs=epochs)).state == "absent"


def test_near_miss_smoothing_on_images_learnt_by_heart():
    watched = with_outputs(agreement=0.1, implied_right=0.5, implied_one_hot=0.0)
    assert CONDITION.examine(case(loop=watched, setting=setting(label_smoothing=0.1))).state == "absent"
    assert CONDITION.examine(case(loop=watched)).severity == "info"


def test_near_miss_sum_that_the_rate_makes_up_for():
    watched = with_outputs(scale=100.0)
    for more in ({"lr": 0.001}, {"optimizer": "AdamW", "lr": 0.003}):
        assert CONDITION.examine(case(loop=watched, epochs=POOR, setting=setting(**more))).severity == "info"
    assert CONDITION.examine(case(loop=watched, epochs=GOOD)).severity == "info"


def test_near_miss_squared_error_that_learns():
    watched = with_outputs(agreement=0.9, squared_error_agreement=1.0, implied_one_hot=0.0)
    assert CONDITION.examine(case(loop=watched, epochs=GOOD)).severity == "info"


def test_near_miss_binary_cross_entropy_that_learns():
    watched = with_outputs(agreement=0.9, binary_agreement=1.0, implied_one_hot=0.0)
    assert CONDITION.examine(case(loop=watched, epochs=curve((0.8, 0.93)))).severity == "info"


def test_near_miss_declared():
    watched = with_outputs(agreement=-1.0)
    assert CONDITION.examine(case(loop=watched, declared=Declared(loss="distillation"))).state == "absent"
