"""Spearman's rank correlation of two short series. Knows nothing about what they are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["rank_correlation"]

LEAST = 8


def rank_correlation(a: Sequence[float], b: Sequence[float]) -> float | None:
    """In [-1, 1], over the pairs that are both finite; None with fewer than 8 of them, or where one is constant."""
    x, y = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    both = np.isfinite(x) & np.isfinite(y)
    if both.sum() < LEAST:
        return None
    x, y = _ranks(x[both]), _ranks(y[both])
    x, y = x - x.mean(), y - y.mean()
    size = float(np.sqrt((x * x).sum() * (y * y).sum()))
    return float((x * y).sum() / size) if size > 0 else None


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 0, the mean rank for equals."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks: np.ndarray = (ends - (counts + 1) / 2)[inverse]
    return ranks
