"""Batch norm: in training, in evaluation, and the gradients of both.

Images (N, C, H, W) or vectors (N, C): each channel is normalised by itself, over all its other axes. Knows nothing
about how often it is called: who trains keeps the running statistics.

Two variances. The biased one, 1/m sum (x - mu)^2, normalises the batch at hand; the unbiased one,
1/(m - 1) sum (x - mu)^2, is what is stored for evaluation. And momentum is the weight of the *new* batch, unlike an
optimiser's: 0.1 keeps nine tenths of the old statistics. Both are as torch has them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from striate.conv.arguments import Array, array, positive, require_alike, require_shape, share
from striate.conv.errors import ShapesDisagree

__all__ = [
    "RunningStatistics",
    "batch_norm",
    "batch_norm_backward",
    "batch_norm_eval",
    "batch_norm_eval_backward",
]

# Ioffe & Szegedy 2015 leave both open; these are the defaults of torch.nn.BatchNorm2d.
EPSILON, MOMENTUM = 1e-5, 0.1


class RunningStatistics(NamedTuple):
    """Mean and unbiased variance (C,) of each channel, as evaluation uses them."""

    mean: Array
    variance: Array

    @classmethod
    def fresh(cls, channels: int) -> RunningStatistics:
        """As before any batch: mean 0, variance 1.

        >>> RunningStatistics.fresh(2)
        RunningStatistics(mean=array([0., 0.]), variance=array([1., 1.]))
        """
        return cls(np.zeros(channels), np.ones(channels))


def batch_norm(
    x: ArrayLike,
    gamma: ArrayLike,
    beta: ArrayLike,
    running: RunningStatistics,
    *,
    momentum: float = MOMENTUM,
    epsilon: float = EPSILON,
) -> tuple[Array, RunningStatistics]:
    """In training: y, shaped as x, by the statistics of this batch; and the running ones moved towards them.

        y = gamma (x - mu) / sqrt(var + epsilon) + beta,  mu and biased var over the m = N H W numbers of the channel
        running' = (1 - momentum) running + momentum (mu, m/(m - 1) var)

    gamma and beta are (C,). A channel of one number has no spread: m of 1 is refused. Raises ShapesDisagree,
    ArgumentOutOfRange.

    >>> y, running = batch_norm([[1], [3]], [1], [0], RunningStatistics.fresh(1), epsilon=1e-12)
    >>> y.ravel(), running  # mean 2, variance 1 biased, 2 unbiased
    (array([-1.,  1.]), RunningStatistics(mean=array([0.2]), variance=array([1.1])))

    Source: Ioffe & Szegedy 2015, "Batch normalization", algorithm 1.
    """
    x, gamma, beta = _operands(x, gamma, beta)
    running = _checked(running, x.shape[1])
    mean, variance, m = _statistics(x)
    unbiased = variance * (m / (m - 1))
    weight = share("momentum", momentum)
    moved = RunningStatistics(
        (1 - weight) * running.mean + weight * mean, (1 - weight) * running.variance + weight * unbiased
    )
    return _normalised(x, mean, variance, epsilon) * _along(x, gamma) + _along(x, beta), moved


def batch_norm_backward(
    grad_output: ArrayLike, x: ArrayLike, gamma: ArrayLike, *, epsilon: float = EPSILON
) -> tuple[Array, Array, Array]:
    """In training: dL/dx, dL/dgamma (C,), dL/dbeta (C,). The statistics depend on x, hence the two means.

        with z = (x - mu) / sqrt(var + epsilon), dz = gamma dy, and means over the m numbers of the channel
        dx = (dz - mean(dz) - z mean(dz z)) / sqrt(var + epsilon),  dgamma = sum dy z,  dbeta = sum dy

    dx is orthogonal to shifting a channel, and nearly to scaling it: neither changes y. Raises as `batch_norm` does.

    >>> batch_norm_backward([[1.0], [1.0]], [[1.0], [3.0]], [1.0])[0].ravel()  # a shift of the batch changes nothing
    array([0., 0.])
    """
    x, gamma, _ = _operands(x, gamma, gamma)
    grad_output = _gradient(grad_output, x)
    mean, variance, _ = _statistics(x)
    z = _normalised(x, mean, variance, epsilon)
    over, dz = _over(x), grad_output * _along(x, gamma)
    level, slope = dz.mean(axis=over, keepdims=True), (dz * z).mean(axis=over, keepdims=True)
    dx = (dz - level - z * slope) / np.sqrt(_along(x, variance) + epsilon)
    return dx, (grad_output * z).sum(axis=over), grad_output.sum(axis=over)


def batch_norm_eval(
    x: ArrayLike, gamma: ArrayLike, beta: ArrayLike, running: RunningStatistics, *, epsilon: float = EPSILON
) -> Array:
    """In evaluation: by the running statistics, so that an image's result does not depend on its neighbours.

        y = gamma (x - running mean) / sqrt(running var + epsilon) + beta

    A line for each channel, which is why it can be merged into a convolution before it. Raises ShapesDisagree,
    ArgumentOutOfRange.

    >>> batch_norm_eval([[4.0]], [3.0], [1.0], RunningStatistics(np.array([2.0]), np.array([4.0])), epsilon=1e-12)
    array([[4.]])
    """
    x, gamma, beta = _operands(x, gamma, beta)
    running = _checked(running, x.shape[1])
    return _normalised(x, running.mean, running.variance, epsilon) * _along(x, gamma) + _along(x, beta)


def batch_norm_eval_backward(
    grad_output: ArrayLike,
    x: ArrayLike,
    gamma: ArrayLike,
    running: RunningStatistics,
    *,
    epsilon: float = EPSILON,
) -> tuple[Array, Array, Array]:
    """In evaluation: dL/dx, dL/dgamma (C,), dL/dbeta (C,). The statistics are constants here.

        dx = gamma dy / sqrt(running var + epsilon),  dgamma = sum dy z,  dbeta = sum dy

    This is the gradient that a frozen layer passes on. Raises as `batch_norm_eval` does.

    >>> running = RunningStatistics(np.array([2.0]), np.array([4.0]))
    >>> batch_norm_eval_backward([[1.0], [1.0]], [[1.0], [3.0]], [1.0], running, epsilon=1e-12)[0].ravel()
    array([0.5, 0.5])
    """
    x, gamma, _ = _operands(x, gamma, gamma)
    grad_output, running, over = _gradient(grad_output, x), _checked(running, x.shape[1]), _over(x)
    z = _normalised(x, running.mean, running.variance, epsilon)
    dx = grad_output * _along(x, gamma / np.sqrt(running.variance + epsilon))
    return dx, (grad_output * z).sum(axis=over), grad_output.sum(axis=over)


def _operands(x: ArrayLike, gamma: ArrayLike, beta: ArrayLike) -> tuple[Array, Array, Array]:
    x, gamma, beta = array("x", x), array("gamma", gamma, "C"), array("beta", beta, "C")
    if x.ndim not in (2, 4):
        raise ShapesDisagree(
            "x has the wrong number of axes", got=f"shape {x.shape}", expected="(N, C) or (N, C, H, W)"
        )
    require_shape("gamma", gamma, x.shape[1:2], "C")
    require_shape("beta", beta, x.shape[1:2], "C")
    return x, gamma, beta


def _checked(running: RunningStatistics, channels: int) -> RunningStatistics:
    mean, variance = (
        array("running.mean", running.mean, "C"),
        array("running.variance", running.variance, "C"),
    )
    require_shape("running.mean", mean, (channels,), "C")
    require_shape("running.variance", variance, (channels,), "C")
    return RunningStatistics(mean, variance)


def _gradient(grad_output: ArrayLike, x: Array) -> Array:
    grad_output = array("grad_output", grad_output)
    require_alike("grad_output", grad_output, "x", x.shape)
    return grad_output


def _statistics(x: Array) -> tuple[Array, Array, int]:
    """Mean, biased variance (C,), and how many numbers they are of."""
    m = x.size // max(x.shape[1], 1)
    if m < 2:
        raise ShapesDisagree(
            "a channel with fewer than two numbers has no variance",
            got=f"x of shape {x.shape}",
            expected="N H W of 2 or more",
            next_step="a larger batch, or batch_norm_eval, which uses the running statistics",
        )
    return x.mean(axis=_over(x)), x.var(axis=_over(x)), m


def _normalised(x: Array, mean: Array, variance: Array, epsilon: float) -> Array:
    root: Array = np.sqrt(_along(x, variance) + positive("epsilon", epsilon))
    return (x - _along(x, mean)) / root


def _over(x: Array) -> tuple[int, ...]:
    """All axes but the channels'."""
    return tuple(axis for axis in range(x.ndim) if axis != 1)


def _along(x: Array, channels: Array) -> Array:
    """Numbers (C,) laid along the channels of x."""
    return channels.reshape(1, -1, *[1] * (x.ndim - 2))
