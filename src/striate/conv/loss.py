"""Softmax cross-entropy, and its gradient: what was predicted less what is true.

Logits are (N, K), labels (N,) whole numbers from 0 to K - 1, the loss the mean over the N rows. Knows nothing about
where logits come from.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from striate.conv.arguments import Array, array, require_shape, share, whole
from striate.conv.errors import ArgumentOutOfRange, ShapesDisagree

__all__ = ["cross_entropy", "cross_entropy_backward", "log_softmax", "softmax", "targets"]


def log_softmax(logits: ArrayLike) -> Array:
    """The logarithm of the probabilities of each row, (N, K), without computing a probability.

        log p[n, k] = z[n, k] - log sum_j exp(z[n, j]),  z = logits - max_k logits

    Taking the largest logit away changes no probability, and keeps exp below overflow and the sum above 0: logits of +-1e3 give
    numbers where exp(z) / sum exp(z) gives NaN and its logarithm -infinity. Raises ShapesDisagree.

    >>> log_softmax([[1000.0, 0.0]])
    array([[    0., -1000.]])
    """
    logits = array("logits", logits, "N K")
    if logits.shape[1] == 0:
        raise ShapesDisagree("logits of no classes", got=f"shape {logits.shape}")
    z = logits - logits.max(axis=1, keepdims=True)
    result: Array = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return result


def softmax(logits: ArrayLike) -> Array:
    """The probabilities of each row, (N, K); they add up to 1.

        p[n, k] = exp(z[n, k]) / sum_j exp(z[n, j])

    Raises ShapesDisagree.

    >>> softmax([[0.0, 0.0], [1000.0, 0.0]])
    array([[0.5, 0.5],
           [1. , 0. ]])
    """
    return np.exp(log_softmax(logits))


def targets(labels: ArrayLike, classes: int, smoothing: float = 0.0) -> Array:
    """The distributions (N, K) that the labels ask for: one class each, or with a share spread over all.

        t[n, k] = (1 - smoothing) [k = label n] + smoothing / K

    The true class keeps 1 - smoothing + smoothing / K. Raises ShapesDisagree; ArgumentOutOfRange for a label that is no class.

    >>> targets([1], 4, smoothing=0.2)
    array([[0.05, 0.85, 0.05, 0.05]])

    Source: Szegedy et al. 2016, "Rethinking the Inception architecture for computer vision", section 7.
    """
    chosen = _labels(labels, whole("classes", classes, 1))
    spread = share("smoothing", smoothing) / classes
    return (1.0 - smoothing) * np.eye(classes)[chosen] + spread


def cross_entropy(logits: ArrayLike, labels: ArrayLike, *, smoothing: float = 0.0) -> float:
    """The mean over rows of how far the probabilities are from the targets t.

        L = -1/N sum_{n,k} t[n, k] log p[n, k]

    Without smoothing that is the mean of -log p of the true class; with it the least possible loss is the entropy of t, above
    0. Raises ShapesDisagree, for no rows too; ArgumentOutOfRange.

    >>> round(cross_entropy([[0.0, 0.0]], [1]), 4)  # log 2: undecided between two
    0.6931
    """
    log_p, t = _compared(logits, labels, smoothing)
    # Where a class asks for nothing, 0 times an infinite logarithm is 0, not NaN.
    terms = np.multiply(t, log_p, where=t > 0.0, out=np.zeros_like(t))
    return float(-terms.sum() / len(t))


def cross_entropy_backward(logits: ArrayLike, labels: ArrayLike, *, smoothing: float = 0.0) -> Array:
    """dL/dlogits (N, K): probabilities less targets, for each row of the mean.

        dL/dz[n, k] = (p[n, k] - t[n, k]) / N

    Each row adds up to 0. Raises as `cross_entropy` does.

    >>> cross_entropy_backward([[0.0, 0.0]], [1])
    array([[ 0.5, -0.5]])
    """
    log_p, t = _compared(logits, labels, smoothing)
    return (np.exp(log_p) - t) / len(t)


def _compared(logits: ArrayLike, labels: ArrayLike, smoothing: float) -> tuple[Array, Array]:
    log_p = log_softmax(logits)
    if len(log_p) == 0:
        raise ShapesDisagree("a mean over no rows", got=f"logits of shape {log_p.shape}")
    t = targets(labels, log_p.shape[1], smoothing)
    require_shape("labels", t[:, 0], log_p.shape[:1], "N")
    return log_p, t


def _labels(labels: ArrayLike, classes: int) -> NDArray[np.int64]:
    chosen = array("labels", labels, "N")
    wrong = chosen[(chosen != np.floor(chosen)) | (chosen < 0) | (chosen >= classes)]
    if len(wrong):
        raise ArgumentOutOfRange(
            "a label is no class", got=f"{wrong[0]:g}", expected=f"a whole number from 0 to {classes - 1}"
        )
    return chosen.astype(np.int64)
