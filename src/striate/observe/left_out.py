"""A classifier whose answer about each image was fitted without that image.

Kernel ridge regression on one-hot labels, whose leave-one-out answers have a closed form, so that nothing is fitted in a loop. Knows nothing about
networks, splits or verdicts.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.observe.nearest import distances

__all__ = ["kernel", "left_out_shares"]

_WIDTH = 2.0
_RIDGE = 1.0
"""Measured on 1,500 digits, MNIST and CIFAR-10 images with 0 to 40 % of labels flipped: widths of 1, 2 and 4 and ridges of 0.1, 0.3 and 1 differ by
under 2 points of clean accuracy up to 20 %; above, a small ridge follows the flipped ones."""


def kernel(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, n): exp(-2 d / median d) of the mean squared differences d of rows (n, D); ones where all rows are equal."""
    far = distances(rows, rows)
    usual = float(np.median(far[:: max(1, len(far) // 200)]))
    weights: NDArray[np.float32] = np.exp(-_WIDTH * far / usual) if usual > 0 else np.ones_like(far)
    return weights


def left_out_shares(
    weights: NDArray[np.floating[Any]], labels: NDArray[np.int64], classes: int
) -> NDArray[np.float64]:
    """(n, classes): what the others say of each image, shares that add up to 1.

    With A = (K + I)^-1 and one-hot labels Y less their mean, the answer without image i is y_i - (A Y)_i / A_ii (the closed form of
    leave-one-out for a linear smoother, Golub, Heath & Wahba 1979). Least squares on one-hot labels estimates the
    probability of each class; what is below 0 is cut off.
    """
    prior = np.bincount(labels, minlength=classes) / len(labels)
    one_hot: NDArray[Any] = np.eye(classes)[labels] - prior
    inverse = np.linalg.inv(weights + _RIDGE * np.eye(len(labels), dtype=np.float32)).astype(np.float64)
    answer = one_hot - (inverse @ one_hot) / np.diag(inverse)[:, None] + prior
    shares = np.clip(answer, 1e-6, None)
    return shares / shares.sum(1, keepdims=True)
