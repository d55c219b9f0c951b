"""How well images tell train from val, by a judge that never saw the one it judges.

Knows nothing about labels or networks, or whether a difference hurts.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from striate.observe.left_out import kernel, left_out_shares
from striate.observe.nearest import Thumbs

__all__ = ["area_under", "told_apart"]

_IMAGES = 600
"""Of each split: own choice, for cost; the standard error at 0.5 is then 0.017."""
_FEWEST = 20
_Z = 1.96


def area_under(scores: NDArray[np.float64], positive: NDArray[np.bool_]) -> tuple[float, float]:
    """(area under the ROC curve, its standard error): how often a positive outscores a negative; ties count one half.

    Standard error of Hanley & McNeil 1982. Raises ValueError unless there are both.
    """
    n, m = int(positive.sum()), int((~positive).sum())
    if not n or not m:
        raise ValueError(f"both kinds are needed, got {n} and {m}")
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks = (ends - (counts - 1) / 2)[inverse]
    area = float((ranks[positive].sum() - n * (n + 1) / 2) / (n * m))
    one, two = area / (2 - area), 2 * area**2 / (1 + area)
    variance = area * (1 - area) + (n - 1) * (one - area**2) + (m - 1) * (two - area**2)
    return area, sqrt(max(0.0, variance) / (n * m))


def told_apart(
    train: tuple[Thumbs, NDArray[np.float64]], val: tuple[Thumbs, NDArray[np.float64]]
) -> tuple[float, float, int] | None:
    """(area, its lower 95 % limit, images) from thumbnails and moments (n, q) of each split; None for fewer than 20 of either.

    Neighbours in looks and neighbours in moments both count: the kernel is the sum of the two. Equally many of each.
    """
    each = min(_IMAGES, len(train[0]), len(val[0]))
    if each < _FEWEST or train[0].shape[1:] != val[0].shape[1:]:
        return None
    rng = np.random.default_rng(5)
    chosen = [np.sort(rng.choice(len(part[0]), each, replace=False)) for part in (train, val)]
    thumbs, moments = (
        np.concatenate(
            [part[i][rows].reshape(each, -1) for part, rows in zip((train, val), chosen, strict=True)]
        )
        for i in range(2)
    )
    spread = moments.std(0)
    moments = (moments - moments.mean(0)) / np.where(spread > 0, spread, 1)
    labels = np.repeat(np.array([0, 1]), each)
    weights = (kernel(thumbs.astype(np.float32)) + kernel(moments.astype(np.float32))) / np.float32(2)
    scores = left_out_shares(weights, labels, 2)[:, 1]
    area, error = area_under(scores, labels == 1)
    return area, max(0.0, area - _Z * error), 2 * each
