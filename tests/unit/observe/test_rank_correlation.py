"""Spearman's rank correlation against SciPy's."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import spearmanr

from striate.observe.rank_correlation import rank_correlation


@pytest.mark.parametrize("seed", range(5))
def test_with_ties(seed):
    rng = np.random.default_rng(seed)
    a = rng.integers(0, 6, 30).astype(float)
    b = a + rng.normal(0, 2, 30).round()
    assert rank_correlation(list(a), list(b)) == pytest.approx(float(spearmanr(a, b).statistic))


def test_too_few_constant_and_not_finite():
    assert rank_correlation([1.0] * 7, [1.0] * 7) is None
    assert rank_correlation([1.0] * 9, list(range(9))) is None
    values = [float(i) for i in range(9)]
    assert rank_correlation([*values, math.nan], [*values, 3.0]) == pytest.approx(1.0)
