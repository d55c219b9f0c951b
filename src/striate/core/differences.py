"""The interval of a difference of two shares, of the same images or of other ones.

Both ways square and add the distances of each share from its Wilson limits. With shares p_A, p_B, limits l, u and the
correlation phi of right and wrong in A with right and wrong in B,

    low  = p_B - p_A - sqrt((p_B - l_B)^2 - 2 phi (p_B - l_B)(u_A - p_A) + (u_A - p_A)^2)
    high = p_B - p_A + sqrt((u_B - p_B)^2 - 2 phi (u_B - p_B)(p_A - l_A) + (p_A - l_A)^2)

where phi is 0 for independent images. Unlike an interval of +- z standard errors, it stays in [-1, 1] and has a width
where the two never disagree. Knows nothing about classes, runs or files.

Newcombe 1998, "Improved confidence intervals for the difference between binomial proportions based on paired data" and
"Interval estimation for the difference between independent proportions", Statistics in Medicine 17; method 10 of each.
"""

from __future__ import annotations

import math

from striate.core.comparison_records import Difference
from striate.core.metrics import wilson
from striate.core.records import Interval

__all__ = ["independent_difference", "paired_difference"]


def paired_difference(
    both: int, only_a: int, only_b: int, neither: int, *, level: float = 0.95
) -> Difference:
    """B minus A of the shares right, where A and B were scored on the same images.

    both, only_a, only_b, neither: images that both had right, only one of them, neither. For no images at all the
    estimate is NaN and the interval is [-1, 1]. Raises ValueError for a negative count or a level outside ]0, 1[.

    >>> difference = paired_difference(36, 2, 12, 0)
    >>> round(difference.estimate, 4), round(difference.low, 4), round(difference.high, 4)
    (0.2, 0.0569, 0.3404)
    """
    if min(both, only_a, only_b, neither) < 0:
        raise ValueError(f"counts must be 0 or more, got {both}, {only_a}, {only_b}, {neither}")
    n = both + only_a + only_b + neither
    low, high = _limits(both + only_a, n, both + only_b, n, _phi(both, only_a, only_b, neither), level)
    estimate = (only_b - only_a) / n if n else math.nan
    return Difference(
        estimate=estimate, low=low, high=high, level=level, method="newcombe-paired-10", paired=True
    )


def independent_difference(
    correct_a: int, n_a: int, correct_b: int, n_b: int, *, level: float = 0.95
) -> Difference:
    """B minus A of the shares right, where A and B were scored on images that have nothing to do with each other.

    Where either was scored on no image the estimate is NaN and the interval is [-1, 1]. Raises ValueError for impossible
    counts or a level outside ]0, 1[.

    >>> difference = independent_difference(48, 80, 56, 70)
    >>> round(difference.estimate, 4), round(difference.low, 4), round(difference.high, 4)
    (0.2, 0.0524, 0.3339)
    """
    low, high = _limits(correct_a, n_a, correct_b, n_b, 0.0, level)
    estimate = correct_b / n_b - correct_a / n_a if n_a and n_b else math.nan
    return Difference(
        estimate=estimate, low=low, high=high, level=level, method="newcombe-independent-10", paired=False
    )


def _limits(
    correct_a: int, n_a: int, correct_b: int, n_b: int, phi: float, level: float
) -> tuple[float, float]:
    a, b = wilson(correct_a, n_a, level=level), wilson(correct_b, n_b, level=level)
    if not n_a or not n_b:
        return -1.0, 1.0
    below_a, above_a = _distances(correct_a / n_a, a)
    below_b, above_b = _distances(correct_b / n_b, b)
    difference = correct_b / n_b - correct_a / n_a
    # The limits lie in [-1, 1] in real arithmetic, on either side of the difference; rounding may push them over.
    low = max(-1.0, difference - _square_and_add(below_b, above_a, phi))
    high = min(1.0, difference + _square_and_add(above_b, below_a, phi))
    return low, high


def _distances(share: float, interval: Interval) -> tuple[float, float]:
    return share - interval.low, interval.high - share


def _square_and_add(x: float, y: float, phi: float) -> float:
    # Negative only by rounding: at phi = 1 this is (x - y)^2.
    return math.sqrt(max(0.0, x * x - 2 * phi * x * y + y * y))


def _phi(both: int, only_a: int, only_b: int, neither: int) -> float:
    """Correlation of right and wrong in A and B, a positive one lessened by Newcombe's continuity correction.

    0 where a margin is empty: one of them had everything right, or everything wrong.
    """
    margins = (both + only_a) * (only_b + neither) * (both + only_b) * (only_a + neither)
    if margins == 0:
        return 0.0
    product = both * neither - only_a * only_b
    corrected = max(0.0, product - (both + only_a + only_b + neither) / 2) if product > 0 else product
    return corrected / math.sqrt(margins)
