"""ReLU, GELU and SiLU and their slopes, one number at a time.

Each takes an array of any shape and keeps it. A `_backward` takes dL/dy and the x that went in:
dL/dx = dL/dy f'(x). Knows nothing about layers.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, ndtr

from striate.conv.arguments import Array, array, require_alike

__all__ = ["gelu", "gelu_backward", "relu", "relu_backward", "silu", "silu_backward"]


def relu(x: ArrayLike) -> Array:
    """What is above 0; NaN stays NaN.

        f(x) = max(x, 0)

    >>> relu([-2, 0, 3])
    array([0., 0., 3.])

    Source: Nair & Hinton 2010, "Rectified linear units improve restricted Boltzmann machines".
    """
    return np.maximum(array("x", x), 0.0)


def relu_backward(grad_output: ArrayLike, x: ArrayLike) -> Array:
    """The gradient where x > 0, else 0; where x is NaN it passes.

        f'(x) = 1 for x > 0, 0 for x < 0; at 0, where there is no slope, 0 is taken, as in torch

    Raises ShapesDisagree.

    >>> relu_backward([5, 5, 5], [-2, 0, 3])
    array([0., 0., 5.])
    """
    grad_output, x = _both(grad_output, x)
    return np.where(x <= 0.0, 0.0, grad_output)


def gelu(x: ArrayLike) -> Array:
    """X times the chance that a standard normal number lies below x; exact, not the tanh approximation.

        f(x) = x Phi(x),  Phi(x) = (1 + erf(x / sqrt(2))) / 2

    f(-inf) is NaN, as is inf times 0.

    >>> gelu([-1, 0, 1]).round(4)
    array([-0.1587,  0.    ,  0.8413])

    Source: Hendrycks & Gimpel 2016, "Gaussian error linear units".
    """
    x = array("x", x)
    # ndtr is Phi, without the digits that 1 + erf(x) loses for x far below 0.
    return x * ndtr(x)


def gelu_backward(grad_output: ArrayLike, x: ArrayLike) -> Array:
    """The gradient times the slope.

        f'(x) = Phi(x) + x phi(x),  phi(x) = exp(-x^2/2) / sqrt(2 pi)

    Raises ShapesDisagree.

    >>> gelu_backward([1, 1], [0, 3]).round(4)
    array([0.5   , 1.0119])
    """
    grad_output, x = _both(grad_output, x)
    density = np.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    return grad_output * (ndtr(x) + x * density)


def silu(x: ArrayLike) -> Array:
    """X times its own sigmoid, also known as swish.

        f(x) = x sigma(x),  sigma(x) = 1 / (1 + exp(-x))

    f(-inf) is NaN, as is inf times 0.

    >>> silu([-1, 0, 1]).round(4)
    array([-0.2689,  0.    ,  0.7311])

    Source: Elfwing, Uchibe & Doya 2018, "Sigmoid-weighted linear units for neural network function approximation".
    """
    x = array("x", x)
    return x * expit(x)


def silu_backward(grad_output: ArrayLike, x: ArrayLike) -> Array:
    """The gradient times the slope.

        f'(x) = sigma(x) (1 + x (1 - sigma(x)))

    Raises ShapesDisagree.

    >>> silu_backward([1, 1], [0, 3]).round(4)
    array([0.5   , 1.0881])
    """
    grad_output, x = _both(grad_output, x)
    gate = expit(x)
    return grad_output * gate * (1 + x * (1 - gate))


def _both(grad_output: ArrayLike, x: ArrayLike) -> tuple[Array, Array]:
    grad_output, x = array("grad_output", grad_output), array("x", x)
    require_alike("grad_output", grad_output, "x", x.shape)
    return grad_output, x
