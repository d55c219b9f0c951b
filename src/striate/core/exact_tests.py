"""Exact tests that two shares are equal, of the same images or of other ones.

They stand beside the intervals of `striate.core.differences`, which are approximate and say too much of a dozen images or
fewer: 5 images that A has right and B wrong leave 0 outside an interval of 99.5 %, though a fair coin falls five times on
one side in 1 of 16 trials. Knows nothing about classes, runs or files.
"""

from __future__ import annotations

import math

__all__ = ["fisher_test", "sign_test"]


def sign_test(only_a: int, only_b: int) -> float:
    """Two-sided p of as uneven a split of the images that only one of the two had right, were either equally likely.

    p = min(1, 2 P(X <= min(only_a, only_b))), X binomial of only_a + only_b and 1/2: the exact form of McNemar 1947. 1 where
    they never disagree. Raises ValueError for a negative count.

    >>> sign_test(0, 5)
    0.0625
    """
    if min(only_a, only_b) < 0:
        raise ValueError(f"counts must be 0 or more, got {only_a}, {only_b}")
    n = only_a + only_b
    # Whole numbers of any length: the sum is exact, and so is its quotient but for one rounding.
    tail, term = 0, 1
    for k in range(min(only_a, only_b) + 1):
        tail += term
        term = term * (n - k) // (k + 1)
    return min(1.0, 2 * tail / 2**n)


def fisher_test(correct_a: int, n_a: int, correct_b: int, n_b: int) -> float:
    """Two-sided p of shares as unequal as these or less likely, given how many both had right together (Fisher 1935).

    1 where either has no image. Raises ValueError for impossible counts.

    >>> round(fisher_test(3, 4, 1, 4), 4)
    0.4857
    """
    if not (0 <= correct_a <= n_a and 0 <= correct_b <= n_b):
        raise ValueError(f"correct must be in [0, n], got {correct_a} of {n_a} and {correct_b} of {n_b}")
    right = correct_a + correct_b
    support = range(max(0, right - n_b), min(right, n_a) + 1)
    logs = {k: _log_comb(n_a, k) + _log_comb(n_b, right - k) - _log_comb(n_a + n_b, right) for k in support}
    # Tables as likely as this one count; their logs may differ from its own by rounding.
    limit = logs[correct_a] + 1e-7
    return min(1.0, math.fsum(math.exp(value) for value in logs.values() if value <= limit))


def _log_comb(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
