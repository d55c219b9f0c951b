"""Shares of images with what is uncertain about them: intervals, errors, differences.

Knows nothing about curves or what is good or bad.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from striate.core.metrics import wilson
from striate.core.records import Interval

__all__ = ["Share", "difference", "images_needed"]

Z95 = 1.959963984540054  # two-sided 95 % quantile of the standard normal distribution


@dataclass(frozen=True)
class Share:
    """A share of `n` images, with its Wilson interval."""

    value: float
    n: int

    @property
    def interval(self) -> Interval:
        return wilson(min(self.n, max(0, round(self.value * self.n))), self.n)

    @property
    def half_width(self) -> float:
        """Half of what the interval spans."""
        return (self.interval.high - self.interval.low) / 2

    @property
    def standard_error(self) -> float:
        """sqrt(p (1 - p) / n), with p from (k + 2) / (n + 4) so that 0 and 1 keep some doubt (Agresti & Coull 1998)."""
        p = (self.value * self.n + 2) / (self.n + 4)
        return math.sqrt(p * (1 - p) / (self.n + 4))

    def error_of_difference(self, other: Share) -> float:
        """Standard error of the difference between the two, as if on different images: never too small."""
        return math.hypot(self.standard_error, other.standard_error)


def difference(a: Share, b: Share) -> Interval:
    """95 % interval for a - b of two independent shares (Newcombe 1998, method 10).

    d = a - b;  low = d - sqrt((a - l_a)^2 + (u_b - b)^2),  high = d + sqrt((u_a - a)^2 + (b - l_b)^2)
    with (l, u) the Wilson limits of each share.
    """
    d, ia, ib = a.value - b.value, a.interval, b.interval
    low = d - math.hypot(a.value - ia.low, ib.high - b.value)
    high = d + math.hypot(ia.high - a.value, b.value - ib.low)
    return Interval(low=max(-1.0, low), high=min(1.0, high), method="newcombe")


def images_needed(share: float, half_width: float) -> int:
    """Images for a 95 % interval of +- `half_width` around `share`: z^2 p (1 - p) / h^2, rounded up to tens."""
    # Near 0 and 1 the formula promises too much; 0.1 and 0.9 are own starting values.
    p = min(max(share, 0.1), 0.9)
    return math.ceil(Z95 * Z95 * p * (1 - p) / half_width**2 / 10) * 10
