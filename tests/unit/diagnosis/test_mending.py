"""What contradicts its own record goes; all else stays as it is."""

from __future__ import annotations

import math

import pytest

from striate.core.data_observation import AgreementSeen
from striate.core.observation_records import EpochPoint, Observation, StepSeries
from striate.diagnosis.judge import diagnose
from striate.diagnosis.mending import mended
from tests.patients.looking import data, split
from tests.patients.moving import inside, series
from tests.patients.seen import setting


def whole(**more: object) -> Observation:
    return Observation(**{"setting": setting(), "steps": series(), "inside": inside(), "data": data()} | more)


def test_what_agrees_is_the_same_object():
    seen = whole()
    assert mended(seen) == (seen, ())
    assert mended(seen)[0] is seen


def test_columns_of_other_lengths():
    left, names = mended(whole(steps=StepSeries(step=(1, 2), loss=(1.0,))))
    assert (left.steps, names) == (StepSeries(), ("steps",))


def test_a_column_that_nobody_read_is_filled_and_no_contradiction():
    left, names = mended(whole(steps=StepSeries(step=(1, 2), loss=(1.0, 0.9))))
    assert names == ()
    assert left.steps.loss == (1.0, 0.9)
    assert all(math.isnan(v) for v in left.steps.memory)


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("epochs", {"epochs": (EpochPoint(epoch=1.0, val_accuracy=1.5),)}),
        ("setting", {"setting": setting(weight_decay=-math.inf)}),
        ("inside", {"inside": inside(before=(1.0,))}),
        ("data", {"data": data(train=split("train", constant=5000))}),
        ("data", {"data": data(agreement=AgreementSeen(neighbours=5, neighbours_right=6))}),
    ],
    ids=["share", "setting", "columns", "part_of_a_whole", "right_of_all"],
)
def test_contradictions_go_and_are_said(name, more):
    assert mended(whole(**more))[1] == (name,)
    assert any(f"Figures under {name}" in line for line in diagnose(whole(**more)).assumed)


def test_a_loss_may_be_anything():
    seen = whole(epochs=(EpochPoint(epoch=1.0, train_loss=math.nan, val_loss=math.inf),))
    assert mended(seen)[1] == ()
