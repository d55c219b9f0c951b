"""Mean and standard deviation of each channel, exactly: integer sums, one division.

Knows nothing about splits, files or torch.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["channel_statistics"]

CHUNK_BYTES = 4 << 20
"""Pixels looked at together: in cache while they are squared."""

LEAST_STD = 1.0 / 255.0
"""One grey level. A constant channel has no spread, and dividing by it would make infinities of nothing."""


def channel_statistics(
    pixels: NDArray[np.uint8], rows: NDArray[np.int64]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and std of x / 255 per channel over `rows` of pixels (N, H, W, C).

    mean = sum(x) / n; std = sqrt(sum(x^2) / n - mean^2), the biased estimate; at least 1 / 255. The sums are whole
    numbers, so the result does not depend on the order of the rows.
    """
    _, height, width, channels = pixels.shape
    features = height * width * channels
    total = np.zeros(features, np.uint64)
    squares = np.zeros(features, np.uint64)
    step = max(1, CHUNK_BYTES // features)
    for start in range(0, len(rows), step):
        x = pixels[rows[start : start + step]].reshape(-1, features).astype(np.uint16)
        total += x.sum(axis=0, dtype=np.uint64)
        x *= x  # 255^2 = 65025 fits
        squares += x.sum(axis=0, dtype=np.uint64)
    n = len(rows) * height * width
    means, stds = [], []
    for c in range(channels):
        s, q = int(total[c::channels].sum()), int(squares[c::channels].sum())
        means.append(s / (255 * n))
        # n q - s^2 is a whole number: nothing cancels.
        stds.append(max(LEAST_STD, math.sqrt(n * q - s * s) / (255 * n)))
    return tuple(means), tuple(stds)
