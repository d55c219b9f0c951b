"""The arithmetic under the readings, against published examples and by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from striate.diagnosis.curves import Curves, Share, difference, images_needed, non_finite_epoch
from tests.histories import history


def test_difference_is_newcombes_method_10():
    # Newcombe 1998, Statistics in Medicine 17:873, table II: 56/70 - 48/80 gives 0.0524 to 0.3339.
    between = difference(Share(56 / 70, 70), Share(48 / 80, 80))
    assert between.low == pytest.approx(0.0524, abs=5e-5)
    assert between.high == pytest.approx(0.3339, abs=5e-5)
    # ... and 10/10 - 0/10 gives 0.6075 to 1.
    ends = difference(Share(1.0, 10), Share(0.0, 10))
    assert ends.low == pytest.approx(0.6075, abs=5e-5)
    assert ends.high == 1.0


@given(st.integers(1, 500), st.integers(1, 500), st.data())
def test_difference_holds_the_difference_and_turns_with_it(n, m, data):
    a = Share(data.draw(st.integers(0, n)) / n, n)
    b = Share(data.draw(st.integers(0, m)) / m, m)
    one, other = difference(a, b), difference(b, a)
    assert -1 <= one.low <= a.value - b.value + 1e-12
    assert a.value - b.value - 1e-12 <= one.high <= 1
    assert one.low == pytest.approx(-other.high)


def test_images_needed_is_the_textbook_385_at_a_half():
    assert images_needed(0.5, 0.05) == 390  # 384.1 rounded up to tens
    assert images_needed(0.999, 0.05) == images_needed(0.9, 0.05)


def test_trend_of_a_straight_line_is_its_slope():
    c = Curves(history([0.5] * 10, [0.30 + 0.02 * i for i in range(10)]), 10)
    trend = c.trend(c.val, 6)
    assert trend.per_epoch == pytest.approx(0.02)
    assert trend.error == pytest.approx(0.0, abs=1e-12)
    assert c.trend(c.val, 1).per_epoch == 0.0


def test_jitter_recovers_a_known_noise():
    c = Curves(history([0.9] * 400, [0.5] * 400, jitter=0.01, val_n=100_000), 10)
    assert c.jitter(c.val) == pytest.approx(0.01, rel=0.2)


def test_smoothing_removes_one_outlier_and_keeps_the_ends():
    c = Curves(history([0.5] * 5, [0.5, 0.6, 0.1, 0.6, 0.7]), 10)
    assert np.allclose(c.smooth(c.val), [0.5, 0.5, 0.6, 0.6, 0.7])
    assert c.peak(c.val) == 4


def test_loss_rise_counts_back_from_the_end():
    c = Curves(history([0.5] * 6, [0.5] * 6, val_loss=[2.0, 1.0, 1.0, 1.05, 1.2, 1.3]), 10)
    at, ratio, above = c.loss_rise()
    assert (at, above) == (1, 2)
    assert ratio == pytest.approx(1.3)


def test_plateau_starts_where_the_curve_last_was_below():
    c = Curves(history([0.5] * 8, [0.1, 0.3, 0.5, 0.8, 0.8, 0.8, 0.8, 0.8]), 10)
    assert c.plateau_start(c.val, 0.01) == 3


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_non_finite_epoch(bad):
    h = history([0.5] * 3, [0.5] * 3, val_loss=[1.0, bad, 1.0])
    assert non_finite_epoch(h) == 2
    assert non_finite_epoch(h[:1]) == 0
    # Without val images there is no val loss to be broken.
    assert non_finite_epoch(history([0.5], [0.5], val_loss=[bad], val_n=0)) == 0
