"""What cannot be, or plainly went wrong; each beside the nearest thing that is well."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from striate.core.observation_records import Declared, EpochPoint
from striate.diagnosis.breaks import broken, impossible_loss
from striate.diagnosis.curves import Curves
from tests.histories import observed, towards
from tests.patients.seen import case, setting


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.lists(st.floats(-9, 9), min_size=3, max_size=3)),
        min_size=1,
        max_size=30,
    )
)
def test_no_network_breaks_the_law_of_wrong_answers(images):
    """L >= (1 - accuracy) ln 2 for any outputs and labels, ties counted as wrong."""
    loss = right = 0.0
    for label, z in images:
        top = max(z)
        loss += top + math.log(sum(math.exp(v - top) for v in z)) - z[label]
        right += z[label] == top and z.count(top) == 1
    n = len(images)
    points = [EpochPoint(epoch=i + 1, val_loss=loss / n, val_accuracy=right / n) for i in range(4)]
    assert impossible_loss(Curves(points, 3)) is None


def test_a_loss_too_small_for_its_accuracy():
    points = [EpochPoint(epoch=i + 1, val_loss=0.05, val_accuracy=0.5) for i in range(5)]
    assert "too small for the val accuracy" in broken(case(epochs=tuple(points))).headline
    # Another loss was declared: nothing is known of what it can be.
    assert broken(case(epochs=tuple(points), declared=Declared(loss="focal"))) is None


def test_a_negative_loss():
    points = [EpochPoint(epoch=i + 1, train_loss=1.0 - i, val_accuracy=0.5) for i in range(5)]
    assert (
        broken(case(epochs=tuple(points))).headline == "The train loss is negative: it is no cross-entropy."
    )


@pytest.mark.parametrize(("back", "wrong"), [(0.6, True), (0.05, False)])
def test_a_training_loss_that_comes_back_up(back, wrong):
    loss = towards(2.0, 0.5, 12) + [0.5 + back * i / 7 for i in range(8)]
    points = [EpochPoint(epoch=i + 1, train_loss=v) for i, v in enumerate(loss)]
    assert (broken(case(epochs=tuple(points))) is not None) is wrong


@pytest.mark.parametrize(("fall", "wrong"), [(0.2, True), (0.01, False)])
def test_training_accuracy_that_falls(fall, wrong):
    clean = towards(0.3, 0.9, 12, 8) + [0.9 - fall * i / 7 for i in range(8)]
    points = observed(clean, [0.5] * 20, without=("train_loss", "val_loss"), val_n=0)
    assert (broken(case(epochs=points)) is not None) is wrong


def test_why_it_failed():
    assert broken(case(setting=setting(failure="out of memory"))).sentence == "The run failed: out of memory"
    assert "no number" not in broken(case(setting=setting(failure="nan loss"))).headline
    assert "being a number" in broken(case(setting=setting(failure="nan loss"))).headline


def test_healthy():
    assert broken(case(epochs=observed(towards(0.3, 0.95, 20), towards(0.3, 0.93, 20)))) is None
    assert broken(case()) is None
