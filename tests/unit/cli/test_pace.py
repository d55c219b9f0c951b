"""Time left, against arithmetic by hand."""

from __future__ import annotations

import math

import pytest

from striate.cli.pace import FORWARD_SHARE, Pace
from striate.training.watchers import StepInfo
from tests.unit.cli.conftest import data_record, run_record


def info(epoch: int, step: int, steps: int = 10, images: int = 0) -> StepInfo:
    return StepInfo(epoch, step, steps, 3, 0.1, images, lambda: (0.0, 0.0))


def test_nothing_is_promised_before_a_step() -> None:
    assert math.isnan(Pace(run_record(3), data_record(), 0.0).left(1, 0))


def test_the_first_epoch_s_measuring_is_guessed_from_the_images() -> None:
    """100 train, 20 val: 120 images forward cost 120/100 of a third of an epoch's steps."""
    pace = Pace(run_record(3), data_record(), 0.0)
    for step in range(1, 5):
        pace.step(info(1, step), 2.0 * step)
    epoch = 10 * 2.0 + FORWARD_SHARE * 1.2 * 20.0
    assert pace.left(1, 4) == pytest.approx(3 * epoch - 4 * 2.0)


def test_measuring_is_timed_once_there_is_one() -> None:
    pace = Pace(run_record(3), data_record(), 0.0)
    for step in range(1, 11):
        pace.step(info(1, step), 2.0 * step)
    pace.epoch(20.0 + 5.0)
    assert pace.left(2, 0) == pytest.approx(2 * 25.0)
    pace.step(info(2, 1), 27.0)
    assert pace.left(2, 1) == pytest.approx(2 * 25.0 - 2.0)
    assert pace.left(3, 10) == pytest.approx(5.0)


def test_a_slow_first_step_is_forgotten() -> None:
    pace = Pace(run_record(3), data_record(), 0.0)
    pace.step(info(1, 1), 60.0)
    pace.step(info(1, 2), 61.0)
    pace.epoch(61.0)
    assert pace.left(3, 0) == pytest.approx(10.0)


def test_images_per_second_is_of_this_sitting() -> None:
    """A resumed epoch starts with images of the sitting before: they say nothing about speed now."""
    pace = Pace(run_record(3), data_record(), 0.0)
    assert pace.images_per_second(info(1, 5, images=500), 1.0) == 0.0
    assert pace.images_per_second(info(1, 6, images=600), 2.0) == pytest.approx(100.0)
    pace.epoch(3.0)
    assert pace.images_per_second(info(2, 1, images=100), 4.0) == pytest.approx(100.0)
