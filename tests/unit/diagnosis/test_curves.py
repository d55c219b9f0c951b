"""The arithmetic under the readings, by hand, and with the gaps of foreign logs."""

from __future__ import annotations

import math

import numpy as np
import pytest

from striate.core.observation_records import EpochPoint
from striate.diagnosis.curves import Curves, non_finite_epoch
from tests.histories import observed


def test_trend_of_a_straight_line_is_its_slope():
    c = Curves(observed([0.5] * 10, [0.30 + 0.02 * i for i in range(10)]), 10)
    trend = c.trend(c.val, 6)
    assert trend.per_epoch == pytest.approx(0.02)
    assert trend.error == pytest.approx(0.0, abs=1e-12)
    assert c.trend(c.val, 1).per_epoch == 0.0


def test_jitter_recovers_a_known_noise():
    c = Curves(observed([0.9] * 400, [0.5] * 400, jitter=0.01, val_n=100_000), 10)
    assert c.jitter(c.val) == pytest.approx(0.01, rel=0.2)


def test_smoothing_removes_one_outlier_and_keeps_the_ends():
    c = Curves(observed([0.5] * 5, [0.5, 0.6, 0.1, 0.6, 0.7]), 10)
    assert np.allclose(c.smooth(c.val), [0.5, 0.5, 0.6, 0.6, 0.7])
    assert c.peak(c.val) == 4


def test_loss_rise_counts_back_from_the_end():
    c = Curves(observed([0.5] * 6, [0.5] * 6, val_loss=[2.0, 1.0, 1.0, 1.05, 1.2, 1.3]), 10)
    at, ratio, above = c.loss_rise()
    assert (at, above) == (1, 2)
    assert ratio == pytest.approx(1.3)


def test_plateau_starts_where_the_curve_last_was_below():
    c = Curves(observed([0.5] * 8, [0.1, 0.3, 0.5, 0.8, 0.8, 0.8, 0.8, 0.8]), 10)
    assert c.plateau_start(c.val, 0.01) == 3


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_non_finite_epoch(bad):
    h = observed([0.5] * 3, [0.5] * 3, val_loss=[1.0, bad, 1.0])
    assert non_finite_epoch(h) == 2
    assert non_finite_epoch(h[:1]) == 0
    # Without val images there is no val loss to be broken.
    assert non_finite_epoch(observed([0.5], [0.5], val_loss=[bad], val_n=0)) == 0


def test_a_log_without_clean_train_uses_train_as_trained_and_says_so():
    c = Curves([EpochPoint(epoch=i + 1, train_accuracy=0.1 * i, val_accuracy=0.5) for i in range(5)], 0)
    assert not c.clean_measured
    assert c.end_clean.value == pytest.approx(0.4)
    assert (c.chance, c.val_n, c.val_n_known) == (0.0, 500, False)
    assert not c.has(c.val_loss)
    assert c.loss_rise() == (0, 1.0, 0)
    assert not c.lr_high


def test_sparse_rows_meet_at_the_evaluations_of_val():
    points = []
    for i in range(8):
        points.append(EpochPoint(epoch=i + 0.5, train_loss=2.0 - 0.1 * i, lr=0.1))
        points.append(EpochPoint(epoch=i + 1, val_accuracy=0.1 * i))
    c = Curves(points, 10)
    assert len(c) == 8
    assert c.train_loss[0] == pytest.approx(1.95)  # between 2.0 and 1.9
    assert c.train_loss[-1] == pytest.approx(1.3)  # nothing after it
    assert c.when(1) == "2"
    assert Curves(points[::2], 10).when(1) == "1.5"


def test_a_figure_in_few_rows_is_no_curve():
    points = [
        EpochPoint(epoch=i + 1, val_accuracy=0.5, clean_accuracy=0.9 if i == 9 else None) for i in range(10)
    ]
    assert not Curves(points, 10).clean_measured


def test_a_million_rows_are_thinned_to_the_last():
    points = [EpochPoint(epoch=i / 100, val_accuracy=i / 20_000) for i in range(20_000)]
    c = Curves(points, 10)
    assert len(c) == 400
    assert c.epoch[-1] == 199.99


def test_nothing_measured_is_no_row():
    assert len(Curves([EpochPoint(epoch=1.0)], 10)) == 0
