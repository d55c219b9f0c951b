"""Frozen records of two runs beside each other: differences, classes, settings.

Every difference is B minus A, of shares in [0, 1], so it lies in [-1, 1]. Knows nothing about how a run was scored or a
class was judged.
"""

from __future__ import annotations

from striate.core.records import Record

__all__ = ["Difference"]


class Difference(Record):
    """B minus A of two shares, with a two-sided interval of `level`; the estimate is NaN where either scored nothing."""

    estimate: float
    low: float
    high: float
    level: float = 0.95
    method: str
    paired: bool
    """True: both were scored on the same images, and each image counts as a pair."""
