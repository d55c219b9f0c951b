"""Charts of what was seen: bands where the number of images is known, gaps where nothing was, nothing at all from nothing."""

from __future__ import annotations

import math

import pytest

from striate.core.observation_records import EpochPoint
from striate.report.diagnosis_charts import accuracy_picture, gap_picture, loss_picture, profile_picture
from tests.diagnoses import inside, observation

PICTURES = (accuracy_picture, gap_picture, loss_picture, profile_picture)


@pytest.mark.parametrize("draw", PICTURES)
def test_each_is_drawn_wide_and_narrow_and_says_what_it_is(draw):
    picture = str(draw(observation()))
    assert picture.count("<svg") == 2
    assert picture.count("<title>") == 2
    assert "nan" not in picture


@pytest.mark.parametrize("draw", PICTURES)
def test_nothing_seen_is_nothing_drawn(draw):
    assert draw(observation(epochs=0, inside=None)) == ""
    assert draw(observation(epochs=0, inside=inside(layers=1))) == ""


def test_bands_are_wilson_intervals_of_the_images():
    assert str(accuracy_picture(observation())).count('class="band clean"') == 2
    assert str(accuracy_picture(observation())).count('class="band val"') == 2
    assert "train as trained 98.2 %" in str(accuracy_picture(observation()))


def point(epoch: float, **figures: float) -> EpochPoint:
    return EpochPoint(epoch=epoch, **figures)


def test_a_log_without_counts_has_lines_without_bands():
    seen = observation()
    bare = seen.model_copy(
        update={
            "setting": seen.setting.model_copy(update={"val_n": 0}),
            "epochs": tuple(point(i, train_accuracy=0.5 + i / 10, val_accuracy=0.5) for i in (1.0, 2.0, 3.0)),
        }
    )
    assert "band" not in str(accuracy_picture(bare))
    gap = str(gap_picture(bare))
    assert "band" not in gap
    assert "train as trained minus val" in gap
    assert "gap 30.0 points" in gap


def test_the_gap_is_of_clean_train_where_there_is_one():
    gap = str(gap_picture(observation()))
    assert "train clean minus val, after each evaluation, with its 95 % interval" in gap
    assert "gap 20.7 points" in gap


def test_broken_and_missing_figures_break_the_line():
    seen = observation(epochs=6)
    points = list(seen.epochs)
    points[2] = points[2].model_copy(update={"val_loss": math.nan, "val_accuracy": None})
    broken = seen.model_copy(update={"epochs": tuple(points)})
    assert str(loss_picture(broken)).count("M") > str(loss_picture(seen)).count("M")
    for draw in PICTURES:
        assert "nan" not in str(draw(broken))


@pytest.mark.parametrize("values", [(0.0, 0.0), (-2.0, -1.0), (1e-9, 1e9), (0.5, 0.5)], ids=str)
def test_any_range_of_losses_has_an_axis(values):
    seen = observation()
    points = tuple(point(i + 1.0, val_loss=v) for i, v in enumerate(values))
    picture = str(loss_picture(seen.model_copy(update={"epochs": points})))
    assert "tick" in picture
    assert "nan" not in picture


def test_one_evaluation_and_evaluations_within_an_epoch():
    for epochs in ((1.0,), (0.25, 0.5, 0.75)):
        points = tuple(point(e, train_accuracy=0.6, val_accuracy=0.5, val_n=100, train_n=100) for e in epochs)
        seen = observation().model_copy(update={"epochs": points})
        for draw in (accuracy_picture, gap_picture):
            assert 'x="-' not in str(draw(seen))


def test_a_layer_that_never_got_a_gradient_lies_on_the_axis():
    seen = observation()
    still = seen.inside.layers[0].model_copy(update={"grad": (0.0,) * 10, "update": (0.0,) * 10})
    picture = str(
        profile_picture(
            seen.model_copy(
                update={"inside": seen.inside.model_copy(update={"layers": (still, *seen.inside.layers[1:])})}
            )
        )
    )
    assert picture.count("<svg") == 2
    assert "nan" not in picture
