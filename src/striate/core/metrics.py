"""Scores of a classifier from logits or probabilities: exact, in NumPy, with intervals.

Knows nothing about networks, files or torch.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from striate.core.records import ClassScore, Interval, Score

__all__ = [
    "confusion_matrix",
    "cross_entropy",
    "expected_calibration_error",
    "score",
    "softmax",
    "top_k_correct",
    "wilson",
]

# Two-sided 95 % quantile of the standard normal distribution.
Z95 = 1.959963984540054
# Guo et al. 2017, "On calibration of modern neural networks": 15 equal-width bins.
ECE_BINS = 15


def wilson(correct: int, n: int, *, level: float = 0.95) -> Interval:
    """Wilson's score interval for a share of `correct` in `n`, of 95 % or another `level`; (0, 1) when `n` is 0.

    centre = (p + z^2/2n) / (1 + z^2/n), half width = z/(1 + z^2/n) * sqrt(p(1-p)/n + z^2/4n^2)
    (Wilson 1927). Unlike p +- z*sqrt(p(1-p)/n) it stays inside [0, 1] and is honest at 0 and at n.
    Raises ValueError for impossible counts or a level outside ]0, 1[.
    """
    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1, got {level}")
    if not 0 <= correct <= n:
        raise ValueError(f"correct must be in [0, n], got {correct} of {n}")
    if n == 0:
        return Interval(low=0.0, high=1.0, level=level)
    z = Z95 if level == 0.95 else NormalDist().inv_cdf((1 + level) / 2)
    p, z2n = correct / n, z * z / n
    centre = (p + z2n / 2) / (1 + z2n)
    half = z / (1 + z2n) * math.sqrt(p * (1 - p) / n + z2n / (4 * n))
    # At the ends the bound is exact in real arithmetic; do not let rounding push it inside.
    low = 0.0 if correct == 0 else max(0.0, centre - half)
    high = 1.0 if correct == n else min(1.0, centre + half)
    return Interval(low=low, high=high, level=level)


def softmax(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Rows of `logits` (n, K) as probabilities, stable under a large common offset."""
    z = logits.astype(np.float64)
    z = np.exp(z - z.max(axis=1, keepdims=True))
    return z / z.sum(axis=1, keepdims=True)


def cross_entropy(logits: NDArray[np.floating], labels: NDArray[np.integer]) -> float:
    """Mean of -log softmax(logits)[label], without label smoothing or class weights; NaN for no rows."""
    if len(labels) == 0:
        return math.nan
    z = logits.astype(np.float64)
    top = z.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(z - top).sum(axis=1)) + top[:, 0]
    return float(np.mean(log_sum - z[np.arange(len(z)), labels]))


def top_k_correct(logits: NDArray[np.floating], labels: NDArray[np.integer], k: int) -> int:
    """How many rows have fewer than `k` classes scored strictly above the true one; a row with NaN has failed."""
    true = logits[np.arange(len(logits)), labels][:, None]
    # Counted as "not at most", so that NaN, which compares false with everything, ranks above rather than below.
    return int(np.sum((~(logits <= true)).sum(axis=1) < k))


def expected_calibration_error(probabilities: NDArray[np.floating], labels: NDArray[np.integer]) -> float:
    """Sum over bins of (count/n) * |mean confidence - accuracy|, 15 equal-width bins; NaN for no rows or NaN in them."""
    n = len(labels)
    if n == 0 or np.isnan(probabilities).any():
        return math.nan
    confidence = probabilities.max(axis=1)
    hit = (probabilities.argmax(axis=1) == labels).astype(np.float64)
    bin_of = np.minimum((confidence * ECE_BINS).astype(np.int64), ECE_BINS - 1)
    gap = np.bincount(bin_of, weights=hit - confidence, minlength=ECE_BINS)
    return float(np.abs(gap).sum() / n)


def confusion_matrix(
    labels: NDArray[np.integer], predicted: NDArray[np.integer], k: int
) -> NDArray[np.int64]:
    """Counts[true, predicted], shape (k, k)."""
    flat = labels.astype(np.int64) * k + predicted.astype(np.int64)
    return np.bincount(flat, minlength=k * k).reshape(k, k)


def score(
    split: str, logits: NDArray[np.floating], labels: NDArray[np.integer], classes: Sequence[str]
) -> Score:
    """Everything striate says about how logits (n, K) did against labels (n,).

    Ties go to the lowest class index, as in argmax. Balanced accuracy is the mean recall over the classes
    that occur. Raises ValueError when shapes disagree.
    """
    k, n = len(classes), len(labels)
    if logits.shape != (n, k):
        raise ValueError(f"logits have shape {logits.shape}, expected ({n}, {k})")
    counts = confusion_matrix(labels, logits.argmax(axis=1) if n else np.zeros(0, np.int64), k)
    per_class = tuple(_class_score(name, counts, c) for c, name in enumerate(classes))
    correct = int(np.trace(counts))
    recalls = [c.recall for c in per_class if c.n]
    return Score(
        split=split,
        n=n,
        correct=correct,
        accuracy=correct / n if n else math.nan,
        interval=wilson(correct, n),
        balanced_accuracy=float(np.mean(recalls)) if recalls else math.nan,
        loss=cross_entropy(logits, labels),
        top5=top_k_correct(logits, labels, 5) / n if n else math.nan,
        ece=expected_calibration_error(softmax(logits), labels) if n else math.nan,
        classes=per_class,
        confusion=tuple(tuple(int(v) for v in row) for row in counts),
    )


def _class_score(name: str, counts: NDArray[np.int64], c: int) -> ClassScore:
    n, predicted, correct = int(counts[c].sum()), int(counts[:, c].sum()), int(counts[c, c])
    precision = correct / predicted if predicted else math.nan
    recall = correct / n if n else math.nan
    # F1 = 2 TP / (n + predicted): the harmonic mean of precision and recall, defined when either is.
    f1 = 2 * correct / (n + predicted) if n + predicted else math.nan
    return ClassScore(
        name=name,
        n=n,
        predicted=predicted,
        correct=correct,
        precision=precision,
        recall=recall,
        f1=f1,
        recall_interval=wilson(correct, n),
    )
