"""Newcombe's intervals against his tables, the laws that they obey, and how often they hold the truth."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from striate.core.differences import independent_difference, paired_difference

COUNTS = st.tuples(*[st.integers(0, 300)] * 4)
LEVELS = st.sampled_from([0.8, 0.95, 0.995])


def limits(difference, digits=4):
    return (round(difference.low, digits), round(difference.high, digits))


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        # Newcombe 1998 (independent proportions), table II, method 10; the paper's difference is first minus second.
        ((48, 80), (56, 70), (0.0524, 0.3339)),
        ((3, 10), (9, 10), (0.1705, 0.8090)),
        ((2, 7), (6, 7), (0.0582, 0.8062)),
        ((0, 29), (5, 56), (-0.0381, 0.1926)),
        ((0, 20), (0, 10), (-0.1611, 0.2775)),
        ((0, 10), (0, 10), (-0.2775, 0.2775)),
        ((0, 20), (10, 10), (0.6791, 1.0000)),
        ((0, 10), (10, 10), (0.6075, 1.0000)),
    ],
)
def test_independent_limits_are_those_of_newcombes_table(a, b, expected):
    assert limits(independent_difference(*a, *b)) == expected


@pytest.mark.parametrize(
    ("counts", "digits", "expected"),
    [
        # Newcombe 1998 (paired data), 36, 12, 2 and 0 pairs, method 10.
        ((36, 2, 12, 0), 4, (0.0569, 0.3404)),
        # Altman et al. 2000, "Statistics with confidence", page 52: 14, 5, 0 and 22 pairs.
        ((14, 0, 5, 22), 3, (0.011, 0.226)),
        # Fagerland, Lydersen and Laake 2014, "Recommended tests and confidence intervals for paired binomial
        # proportions", Statistics in Medicine 33: 1, 1, 7 and 12 pairs.
        ((1, 7, 1, 12), 3, (-0.507, -0.026)),
    ],
)
def test_paired_limits_are_the_published_ones(counts, digits, expected):
    assert limits(paired_difference(*counts), digits) == expected


def score_limits(correct, n, level):
    """Wilson's limits as the two shares whose score test just rejects: found by root, not by formula."""
    z, p = stats.norm.ppf((1 + level) / 2), correct / n

    def excess(share):
        return n * (p - share) ** 2 - z * z * share * (1 - share)

    # At 0 and at n the observed share is itself a root, and not the one that is sought.
    low = 0.0 if correct == 0 else optimize.brentq(excess, 0, min(p, 1 - 1e-12), xtol=1e-14)
    high = 1.0 if correct == n else optimize.brentq(excess, max(p, 1e-12), 1, xtol=1e-14)
    return low, high


@given(COUNTS, LEVELS)
def test_paired_limits_by_another_derivation(counts, level):
    n = sum(counts)
    if n == 0:
        return
    right_a, right_b = np.repeat([1, 1, 0, 0], counts), np.repeat([1, 0, 1, 0], counts)
    phi = 0.0
    if 0 < right_a.sum() < n and 0 < right_b.sum() < n:
        phi = np.corrcoef(right_a, right_b)[0, 1]
        # The correction takes n/2 from the counts' product, which is n^2 times the covariance.
        if phi > 0:
            phi = max(0.0, phi - 1 / (2 * n * right_a.std() * right_b.std()))
    (low_a, high_a), (low_b, high_b) = (score_limits(int(r.sum()), n, level) for r in (right_a, right_b))
    p_a, p_b = right_a.mean(), right_b.mean()
    # Length of the difference of two vectors that meet at an angle with cosine phi.
    turn = np.exp(1j * np.arccos(np.clip(phi, -1, 1)))
    down, up = abs((p_b - low_b) - (high_a - p_a) * turn), abs((high_b - p_b) - (p_a - low_a) * turn)
    got = paired_difference(*counts, level=level)
    assert got.estimate == pytest.approx((counts[2] - counts[1]) / n)
    assert (got.low, got.high) == pytest.approx((p_b - p_a - down, p_b - p_a + up), abs=1e-7)
    assert (got.level, got.paired) == (level, True)


@given(COUNTS, LEVELS)
def test_exchanging_the_arms_turns_the_sign(counts, level):
    both, only_a, only_b, neither = counts
    one = paired_difference(both, only_a, only_b, neither, level=level)
    other = paired_difference(both, only_b, only_a, neither, level=level)
    assert (one.estimate, one.low, one.high) == pytest.approx(
        (-other.estimate, -other.high, -other.low), nan_ok=True
    )
    n_a, n_b = both + only_a, only_b + neither
    one = independent_difference(both, n_a, only_b, n_b, level=level)
    other = independent_difference(only_b, n_b, both, n_a, level=level)
    assert (one.estimate, one.low, one.high) == pytest.approx(
        (-other.estimate, -other.high, -other.low), nan_ok=True
    )


@given(COUNTS, LEVELS)
def test_limits_hold_the_estimate_and_stay_among_differences(counts, level):
    both, only_a, only_b, neither = counts
    for got in (
        paired_difference(*counts, level=level),
        independent_difference(both, both + only_a, only_b, only_b + neither, level=level),
    ):
        assert -1 <= got.low <= got.high <= 1
        assert math.isnan(got.estimate) or got.low <= got.estimate <= got.high


@given(COUNTS)
def test_a_higher_level_is_wider_and_more_images_are_narrower(counts):
    if sum(counts) == 0:
        return
    one, surer = paired_difference(*counts), paired_difference(*counts, level=0.999)
    more = paired_difference(*(10 * c for c in counts))
    assert surer.low <= one.low
    assert one.high <= surer.high
    assert more.high - more.low < one.high - one.low


@pytest.mark.parametrize("counts", [(50, 0, 0, 0), (0, 0, 0, 50), (40, 0, 0, 10)])
def test_no_disagreement_has_a_width_all_the_same(counts):
    got = paired_difference(*counts)
    assert got.estimate == 0
    assert got.low < 0 < got.high
    assert got.high == pytest.approx(-got.low)


def test_runs_that_agree_on_most_images_are_told_apart_by_the_pairs_alone():
    paired, independent = paired_difference(80, 12, 1, 7), independent_difference(92, 100, 81, 100)
    assert paired.estimate == pytest.approx(independent.estimate)
    assert paired.high - paired.low < independent.high - independent.low


def test_nothing_scored_shows_nothing():
    for got in (
        paired_difference(0, 0, 0, 0),
        independent_difference(0, 0, 3, 5),
        independent_difference(3, 5, 0, 0),
    ):
        assert math.isnan(got.estimate)
        assert (got.low, got.high) == (-1.0, 1.0)


def multinomial(counts, chances):
    ways = math.lgamma(sum(counts) + 1) - sum(math.lgamma(c + 1) for c in counts)
    return math.exp(ways + sum(c * math.log(p) for c, p in zip(counts, chances, strict=True)))


@pytest.mark.parametrize("chances", [(0.85, 0.05, 0.05, 0.05), (0.6, 0.1, 0.2, 0.1), (0.9, 0.06, 0.01, 0.03)])
def test_the_paired_interval_holds_the_truth_about_as_often_as_it_says(chances):
    """40 images and a level of 0.95: exact, summed over all 12,341 outcomes."""
    n, truth, covered, total = 40, chances[2] - chances[1], 0.0, 0.0
    for both, only_a in itertools.product(range(n + 1), repeat=2):
        for only_b in range(n + 1 - both - only_a):
            counts = (both, only_a, only_b, n - both - only_a - only_b)
            mass = multinomial(counts, chances)
            got = paired_difference(*counts)
            total += mass
            covered += mass * (got.low <= truth <= got.high)
    assert total == pytest.approx(1)
    # Near nominal, and rather above than below where disagreement is rare.
    assert 0.94 <= covered <= 0.995


def test_impossible_counts_are_refused():
    with pytest.raises(ValueError, match="counts must be 0 or more, got 1, -1, 0, 0"):
        paired_difference(1, -1, 0, 0)
    with pytest.raises(ValueError, match=r"correct must be in \[0, n\]"):
        independent_difference(4, 3, 1, 2)
    with pytest.raises(ValueError, match="level must be between 0 and 1"):
        paired_difference(1, 1, 1, 1, level=95)
