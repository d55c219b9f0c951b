"""Points of the curves from single batches."""

from __future__ import annotations

import pytest

from striate.observe.epoch_points import EpochPoints
from striate.observe.outputs_watch import Read

AT = {"epoch": 1.0, "step": 10, "lr": 0.1, "wait": 0.02}


def read(loss: float, hits: float, n: int) -> Read:
    return Read(step=1, loss=loss, hits=hits, n=n, finite=True)


def test_means_are_over_images_not_batches():
    points = EpochPoints()
    points.train.add(read(1.0, 5, 10))
    points.train.add(read(4.0, 0, 5))
    points.val.add(read(2.0, 1, 4))
    assert points.end_validation(**AT)
    (p,) = points.points
    assert (p.train_loss, p.train_accuracy, p.train_n) == (2.0, pytest.approx(1 / 3), 15)
    assert (p.val_loss, p.val_accuracy, p.val_n, p.lr, p.data_wait) == (2.0, 0.25, 4, 0.1, 0.02)


def test_a_second_evaluation_without_training_between_is_no_new_point():
    points = EpochPoints()
    for _ in range(2):
        points.val.add(read(1.0, 1, 1))
        points.end_validation(**AT)
    assert len(points.points) == 1


def test_an_evaluation_before_the_first_step_is_no_point():
    points = EpochPoints()
    points.val.add(read(2.3, 1, 10))
    assert not points.end_validation(**AT | {"step": 0})


def test_a_loop_that_never_validates_has_points_of_training():
    points = EpochPoints()
    points.end_training(**AT)
    points.train.add(read(1.0, 5, 10))
    points.end_training(**AT)
    (p,) = points.points
    assert (p.train_accuracy, p.val_accuracy) == (0.5, None)


def test_what_was_logged_joins_the_point_it_is_about():
    points = EpochPoints()
    points.train.add(read(1.0, 5, 10))
    points.val.add(read(1.0, 5, 10))
    points.end_validation(**AT)
    points.log({"val_acc": 0.9, "colour": 3.0})
    assert points.points[-1].logged_val_accuracy == 0.9
    assert points.points[-1].val_accuracy == 0.5


def test_without_a_watched_validation_the_logged_one_stands_in():
    points = EpochPoints()
    points.train.add(read(1.0, 5, 10))
    points.log({"val_acc": 0.9, "val_loss": 0.3})
    points.end_training(**AT)
    assert (points.points[-1].val_accuracy, points.points[-1].val_loss) == (0.9, 0.3)


def test_batches_without_known_targets_count_for_nothing():
    points = EpochPoints()
    points.train.add(read(float("nan"), 0, 0))
    points.end_training(**AT)
    assert points.points == []
