"""How many labels are contradicted by answers that never saw them.

Knows nothing about images, networks or passes.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray

__all__ = ["confident_joint", "floor", "low_limit", "rank_of_sureness"]

_Z = 1.96
_TOP, _NEXT = 0.25, 0.5
"""The surest quarter of each answer, and the quarter after it: own choice. Wrong labels are as common in both; hard images are not."""
_RISE = 1.645
"""One-sided 5 %."""


def low_limit(count: int, n: int) -> float:
    """Lower end of Wilson's 95 % interval for count / n; 0 for no images."""
    if n == 0:
        return 0.0
    share = count / n
    middle = share + _Z**2 / (2 * n)
    spread = _Z * sqrt(share * (1 - share) / n + _Z**2 / (4 * n * n))
    return max(0.0, (middle - spread) / (1 + _Z**2 / n))


def confident_joint(shares: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """Share of labels that are wrong, by confident learning (Northcutt, Jiang & Chuang 2021, equations 1 and 2).

    A class is plausible for an image when its share reaches the mean share of that class over the images labelled so; images count
    where their likeliest plausible class is, in rows that are scaled to the number of labels.
    """
    classes = shares.shape[1]
    per_class = np.bincount(labels, minlength=classes)
    own = np.bincount(labels, weights=shares[np.arange(len(labels)), labels], minlength=classes)
    limits = np.where(per_class > 0, own / np.maximum(per_class, 1), np.inf)
    plausible = np.where(shares >= limits, shares, -np.inf)
    counted = np.isfinite(plausible.max(1))
    joint = np.zeros((classes, classes))
    np.add.at(joint, (labels[counted], plausible.argmax(1)[counted]), 1)
    scaled = joint / np.maximum(joint.sum(1, keepdims=True), 1) * per_class[:, None]
    return float(1 - np.trace(scaled) / scaled.sum()) if scaled.sum() else 0.0


def rank_of_sureness(answers: NDArray[np.int64], sureness: NDArray[np.float64]) -> NDArray[np.float64]:
    """In (0, 1): where each stands among those with its answer, the surest first. Equals keep their order."""
    rank = np.empty(len(answers))
    for answer in np.unique(answers):
        mine = np.flatnonzero(answers == answer)
        rank[mine[np.argsort(-sureness[mine], kind="stable")]] = (np.arange(len(mine)) + 0.5) / len(mine)
    return rank


def floor(wrong: NDArray[np.bool_], rank: NDArray[np.float64]) -> float:
    """Lower limit of the share of wrong labels: that of the surest quarter, if the next quarter is contradicted no more often; else 0.

    Labels wrong at random are contradicted as often however sure an answer is; answers wrong about hard images are rarer the
    surer they are, and then the share of the surest is no floor.
    """
    top, after = wrong[rank < _TOP], wrong[(rank >= _TOP) & (rank < _NEXT)]
    if not len(top) or not len(after):
        return 0.0
    both = (top.sum() + after.sum()) / (len(top) + len(after))
    error = sqrt(both * (1 - both) * (1 / len(top) + 1 / len(after)))
    if after.mean() - top.mean() > _RISE * error:
        return 0.0
    return low_limit(int(top.sum()), len(top))
