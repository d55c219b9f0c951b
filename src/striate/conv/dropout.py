"""Dropout: a mask is drawn, then applied; the same mask on the way back.

Inverted: what stays is scaled up while training, so that nothing is left to do afterwards. Drawing and applying are
two functions, so that a draw can be looked at and replayed. Knows nothing about where the generator's seed comes from.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from striate.conv.arguments import Array, array, require_alike, share
from striate.conv.errors import ArgumentOutOfRange

__all__ = ["dropout", "dropout_backward", "dropout_mask"]


def dropout_mask(rng: np.random.Generator, shape: tuple[int, ...], rate: float) -> Array:
    """Numbers that are 0 with probability `rate`, else 1/(1 - rate): on average 1.

    Each is drawn by itself. At rate 0 all are 1, at rate 1 all are 0. The same generator state and shape give the same mask.
    Raises ArgumentOutOfRange.

    >>> dropout_mask(np.random.default_rng(0), (6,), 0.5)
    array([2., 0., 0., 0., 2., 2.])

    Source: Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting", section 10.
    """
    if not isinstance(rng, np.random.Generator):
        raise ArgumentOutOfRange(
            "rng is no generator",
            got=repr(rng),
            expected="a numpy.random.Generator",
            next_step="numpy.random.default_rng(seed) makes one",
        )
    kept = rng.random(shape) >= share("rate", rate)
    return kept / (1.0 - rate) if rate < 1.0 else np.zeros(shape)


def dropout(x: ArrayLike, mask: Array | None) -> Array:
    """The product with a mask in training; x itself in evaluation, where there is no mask (None).

        y = m x

    Raises ShapesDisagree.

    >>> dropout([3, 5], np.array([2.0, 0.0])), dropout([3, 5], None)
    (array([6., 0.]), array([3., 5.]))
    """
    return _masked("x", x, mask)


def dropout_backward(grad_output: ArrayLike, mask: Array | None) -> Array:
    """The gradient through the mask that went forward: what was dropped learns nothing.

        dL/dx = m dL/dy

    Raises ShapesDisagree.

    >>> dropout_backward([1, 1], np.array([2.0, 0.0]))
    array([2., 0.])
    """
    return _masked("grad_output", grad_output, mask)


def _masked(name: str, value: ArrayLike, mask: Array | None) -> Array:
    value = array(name, value)
    if mask is None:
        return value
    mask = array("mask", mask)
    require_alike("mask", mask, name, value.shape)
    return value * mask
