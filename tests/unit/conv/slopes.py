"""Gradients by central differences: the slow, obviously right way to know a slope."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Error of a central difference: h^2 of truncation, 1e-16/h of rounding; the sum is least near h = 1e-5.
STEP = 1e-5


def slope_of(loss: Callable[[Array], float], at: Array) -> Array:
    """dL/dx by moving each number of x a little up and down."""
    grad = np.zeros_like(at)
    for index in np.ndindex(at.shape):
        up, down = at.copy(), at.copy()
        up[index] += STEP
        down[index] -= STEP
        grad[index] = (loss(up) - loss(down)) / (2 * STEP)
    return grad


def off(got: Array, expected: Array) -> float:
    """Largest difference relative to the largest expected number; absolute where all of those are 0."""
    assert got.shape == expected.shape
    if expected.size == 0:
        return 0.0
    return float(np.abs(got - expected).max() / (np.abs(expected).max() or 1.0))
