"""What is shown: by the interval and the exact test together, over every way in which equal runs can disagree."""

from __future__ import annotations

import itertools
import math

import pytest

from striate.core.differences import paired_difference
from striate.core.exact_tests import sign_test
from striate.diagnosis.shown import verdict_of


def judged(both: int, only_a: int, only_b: int, neither: int, level: float = 0.95) -> str:
    return verdict_of(
        paired_difference(both, only_a, only_b, neither, level=level), sign_test(only_a, only_b)
    )


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [
        ((80, 12, 1, 7), "hurt"),
        ((80, 1, 12, 7), "helped"),
        ((80, 7, 6, 7), "not shown"),
        ((90, 0, 0, 10), "not shown"),
        ((0, 5, 0, 0), "not shown"),  # the interval alone says hurt
        ((0, 0, 0, 0), "not shown"),
    ],
)
def test_the_verdict(counts, verdict):
    assert judged(*counts) == verdict


def test_an_interval_that_holds_zero_shows_nothing_whatever_the_test_says():
    difference = paired_difference(80, 7, 6, 7)
    assert difference.low < 0 < difference.high
    assert verdict_of(difference, 0.0) == "not shown"


def test_a_p_at_the_bound_counts_and_none_does_not():
    difference = paired_difference(80, 12, 1, 7)
    assert verdict_of(difference, 1 - 0.95) == "hurt"
    assert verdict_of(difference, 0.0501) == "not shown"
    assert verdict_of(difference, math.nan) == "not shown"


@pytest.mark.parametrize("n", [3, 5, 12, 20])
@pytest.mark.parametrize("disagree", [0.1, 0.3, 0.7, 1.0])
def test_equal_runs_are_told_apart_no_more_often_than_promised(n, disagree):
    """The exact chance that one of two equally good runs is called better at 95 %, all outcomes summed."""
    chances = ((1 - disagree) / 2, disagree / 2, disagree / 2, (1 - disagree) / 2)
    called = 0.0
    for both, only_a, only_b in itertools.product(range(n + 1), repeat=3):
        counts = (both, only_a, only_b, n - both - only_a - only_b)
        if counts[-1] >= 0 and judged(*counts) != "not shown":
            ways = math.factorial(n) / math.prod(math.factorial(c) for c in counts)
            called += ways * math.prod(p**c for p, c in zip(chances, counts, strict=True))
    assert called <= 0.05
