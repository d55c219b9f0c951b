"""Optimisers as functions: weight, gradient and state in; weight and state out.

Nothing is changed in place. All take one array of any shape; a network is a loop over its arrays. Knows nothing
about schedules, batches or which weights should decay.

Weight decay comes in two kinds. L2 adds a term to the loss, so that decay * w joins the gradient and goes through the
optimiser with it; decoupled, the weight itself shrinks by lr * decay and the optimiser never hears of it. For plain SGD
they are one thing; momentum smears the first kind over many steps, and Adam divides it away where gradients are large.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from striate.conv.arguments import Array, array, fraction, positive, require_alike

__all__ = ["AdamState", "adam", "adamw", "decayed", "momentum", "nesterov", "sgd", "with_l2"]

# Kingma & Ba 2015, algorithm 1.
BETAS, EPSILON = (0.9, 0.999), 1e-8


class AdamState(NamedTuple):
    """How many steps were taken, and running means of the gradient and of its square, shaped as the weight."""

    step: int
    mean: Array
    square: Array

    @classmethod
    def fresh(cls, shape: tuple[int, ...]) -> AdamState:
        """As before the first step: no steps, means of 0."""
        return cls(0, np.zeros(shape), np.zeros(shape))


def with_l2(gradient: ArrayLike, weight: ArrayLike, decay: float) -> Array:
    """The gradient of the loss plus decay/2 |w|^2.

        g + decay w

    Raises ShapesDisagree, ArgumentOutOfRange.

    >>> with_l2([1.0], [2.0], 0.1)
    array([1.2])
    """
    weight, gradient = _operands(weight, gradient)
    return gradient + positive("decay", decay, zero=True) * weight


def decayed(weight: ArrayLike, *, lr: float, decay: float) -> Array:
    """The weight after decoupled decay.

        (1 - lr decay) w

    Raises ArgumentOutOfRange.

    >>> decayed([2.0], lr=0.5, decay=0.1)
    array([1.9])

    Source: Loshchilov & Hutter 2019, "Decoupled weight decay regularization", with lr in the product as in torch.
    """
    rate = positive("lr", lr, zero=True) * positive("decay", decay, zero=True)
    return (1.0 - rate) * array("weight", weight)


def sgd(weight: ArrayLike, gradient: ArrayLike, *, lr: float, decay: float = 0.0) -> Array:
    """A step down the gradient; `decay` is L2, and the same decoupled.

        w' = w - lr (g + decay w) = (1 - lr decay) w - lr g

    Raises ShapesDisagree, ArgumentOutOfRange.

    >>> sgd([1.0, 2.0], [10.0, -10.0], lr=0.1)
    array([0., 3.])
    """
    weight, gradient = _operands(weight, gradient)
    return weight - positive("lr", lr, zero=True) * with_l2(gradient, weight, decay)


def momentum(
    weight: ArrayLike, gradient: ArrayLike, velocity: Array, *, lr: float, mu: float = 0.9, decay: float = 0.0
) -> tuple[Array, Array]:
    """A step along a velocity that gathers gradients; w' and v'. `decay` is L2. The first velocity is 0.

        v' = mu v + g + decay w,  w' = w - lr v'

    Under a constant gradient the step grows to lr g / (1 - mu). The learning rate stands outside the velocity, as in torch; in
    Sutskever et al. 2013 inside, which differs where lr changes. Raises ShapesDisagree, ArgumentOutOfRange.

    >>> momentum([1.0], [2.0], np.array([10.0]), lr=0.1, mu=0.5)
    (array([0.3]), array([7.]))

    Source: Polyak 1964, "Some methods of speeding up the convergence of iteration methods".
    """
    weight, gradient = _operands(weight, gradient)
    velocity = _state("velocity", velocity, weight)
    velocity = fraction("mu", mu) * velocity + with_l2(gradient, weight, decay)
    return weight - positive("lr", lr, zero=True) * velocity, velocity


def nesterov(
    weight: ArrayLike, gradient: ArrayLike, velocity: Array, *, lr: float, mu: float = 0.9, decay: float = 0.0
) -> tuple[Array, Array]:
    """As `momentum`, but the step already looks one velocity ahead; w' and v'.

        v' = mu v + g + decay w,  w' = w - lr (g + decay w + mu v')

    Raises ShapesDisagree, ArgumentOutOfRange.

    >>> nesterov([1.0], [2.0], np.array([10.0]), lr=0.1, mu=0.5)
    (array([0.45]), array([7.]))

    Source: Sutskever et al. 2013, "On the importance of initialization and momentum in deep learning".
    """
    weight, gradient = _operands(weight, gradient)
    # `momentum` takes the gradient and its decay into the velocity; its own step is not the one taken here.
    _, velocity = momentum(weight, gradient, velocity, lr=lr, mu=mu, decay=decay)
    return weight - lr * (with_l2(gradient, weight, decay) + mu * velocity), velocity


def adam(
    weight: ArrayLike,
    gradient: ArrayLike,
    state: AdamState,
    *,
    lr: float,
    betas: tuple[float, float] = BETAS,
    epsilon: float = EPSILON,
    decay: float = 0.0,
) -> tuple[Array, AdamState]:
    """A step of about lr in each direction, whatever the scale of the gradient there; w' and the state after it.

        g = g + decay w,  m' = b1 m + (1 - b1) g,  q' = b2 q + (1 - b2) g^2,  t' = t + 1
        w' = w - lr M / (sqrt(Q) + epsilon),  M = m' / (1 - b1^t'),  Q = q' / (1 - b2^t')

    M and Q undo that the means began at 0; the first step is lr sign(g). `decay` is L2, whose pull is divided by sqrt(Q) as
    well: weights with large gradients hardly decay. Raises ShapesDisagree, ArgumentOutOfRange.

    >>> adam([1.0, 1.0], [100.0, -0.01], AdamState.fresh((2,)), lr=0.1)[0].round(6)
    array([0.9, 1.1])

    Source: Kingma & Ba 2015, "Adam: a method for stochastic optimization", algorithm 1.
    """
    weight, gradient = _operands(weight, gradient)
    step = state.step + 1
    mean, square = _state("mean", state.mean, weight), _state("square", state.square, weight)
    b1, b2 = (fraction("betas", beta) for beta in betas)
    gradient = with_l2(gradient, weight, decay)
    mean = b1 * mean + (1 - b1) * gradient
    square = b2 * square + (1 - b2) * gradient**2
    size = np.sqrt(square / (1 - b2**step)) + positive("epsilon", epsilon)
    moved = weight - positive("lr", lr, zero=True) * (mean / (1 - b1**step)) / size
    return moved, AdamState(step, mean, square)


def adamw(
    weight: ArrayLike,
    gradient: ArrayLike,
    state: AdamState,
    *,
    lr: float,
    betas: tuple[float, float] = BETAS,
    epsilon: float = EPSILON,
    decay: float = 0.01,
) -> tuple[Array, AdamState]:
    """Adam on the bare gradient after decoupled decay: every weight shrinks at the same rate.

        w' = adam((1 - lr decay) w, g)

    The default decay is torch's. Raises ShapesDisagree, ArgumentOutOfRange.

    >>> adamw([1.0, 1.0], [100.0, -0.01], AdamState.fresh((2,)), lr=0.1, decay=0.5)[0].round(6)
    array([0.85, 1.05])

    Source: Loshchilov & Hutter 2019, "Decoupled weight decay regularization", algorithm 2.
    """
    return adam(decayed(weight, lr=lr, decay=decay), gradient, state, lr=lr, betas=betas, epsilon=epsilon)


def _operands(weight: ArrayLike, gradient: ArrayLike) -> tuple[Array, Array]:
    weight, gradient = array("weight", weight), array("gradient", gradient)
    require_alike("gradient", gradient, "the weight", weight.shape)
    return weight, gradient


def _state(name: str, value: ArrayLike, weight: Array) -> Array:
    value = array(name, value)
    require_alike(name, value, "the weight", weight.shape)
    return value
