"""Exact tests against scipy's, and the promise that the intervals alone do not keep."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from striate.core.differences import paired_difference
from striate.core.exact_tests import fisher_test, sign_test

COUNT = st.integers(0, 120)


@given(COUNT, COUNT)
def test_the_sign_test_is_scipys(only_a, only_b):
    if only_a + only_b:
        assert sign_test(only_a, only_b) == pytest.approx(stats.binomtest(only_a, only_a + only_b).pvalue)
    assert sign_test(only_a, only_b) == sign_test(only_b, only_a)


@given(COUNT, COUNT, COUNT, COUNT)
def test_the_test_of_fisher_is_scipys(right_a, wrong_a, right_b, wrong_b):
    p = fisher_test(right_a, right_a + wrong_a, right_b, right_b + wrong_b)
    assert p == pytest.approx(stats.fisher_exact([[right_a, wrong_a], [right_b, wrong_b]]).pvalue, rel=1e-6)


def test_no_images_and_no_disagreement_show_nothing():
    assert sign_test(0, 0) == 1.0
    assert fisher_test(0, 0, 3, 5) == pytest.approx(1.0)


def test_many_images_are_no_matter():
    assert 0 < sign_test(500, 600) < 0.01
    assert sign_test(0, 20_000) == 0.0
    assert math.isclose(fisher_test(9_000, 10_000, 8_800, 10_000), 6.8e-6, rel_tol=0.1)


def test_an_interval_of_few_images_says_more_than_they_do():
    """Why the tests are there: 0 lies outside, and yet a coin does this in 1 of 16 trials."""
    assert paired_difference(0, 5, 0, 0, level=0.995).high < 0
    assert sign_test(5, 0) == 0.0625


def test_impossible_counts_are_refused():
    with pytest.raises(ValueError, match="counts must be 0 or more, got -1, 2"):
        sign_test(-1, 2)
    with pytest.raises(ValueError, match="got 4 of 3 and 0 of 0"):
        fisher_test(4, 3, 0, 0)
