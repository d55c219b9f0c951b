"""Batch norm against torch over several steps, in training and evaluation, and differences."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from striate.conv import (
    RunningStatistics,
    batch_norm,
    batch_norm_backward,
    batch_norm_eval,
    batch_norm_eval_backward,
)
from striate.conv.errors import ArgumentOutOfRange, ShapesDisagree
from tests.unit.conv.slopes import off, slope_of

Array = NDArray[np.float64]

SHAPES = [(6, 3, 4, 5), (2, 5, 1, 1), (1, 2, 3, 1), (8, 4)]


def drawn(shape: tuple[int, ...], seed: int = 0) -> tuple[Array, Array, Array, Array]:
    """x, dY, gamma and beta; channels of unlike mean and spread."""
    rng = np.random.default_rng(seed)
    channels = shape[1]
    spread = rng.uniform(0.1, 10.0, channels).reshape(1, -1, *[1] * (len(shape) - 2))
    x = rng.normal(size=shape) * spread + 3 * spread
    return x, rng.normal(size=shape), rng.normal(size=channels), rng.normal(size=channels)


def module(shape: tuple[int, ...], gamma: Array, beta: Array, **how: float) -> torch.nn.Module:
    kind = torch.nn.BatchNorm2d if len(shape) == 4 else torch.nn.BatchNorm1d
    norm = kind(shape[1], dtype=torch.float64, **how)
    norm.load_state_dict({"weight": torch.from_numpy(gamma), "bias": torch.from_numpy(beta)}, strict=False)
    return norm


@pytest.mark.parametrize("how", [{}, {"momentum": 0.3, "eps": 1e-2}], ids=["defaults", "others"])
@pytest.mark.parametrize("shape", SHAPES)
def test_training_and_then_evaluation_are_torchs(shape: tuple[int, ...], how: dict[str, float]) -> None:
    _, _, gamma, beta = drawn(shape)
    norm = module(shape, gamma, beta, **how)
    epsilon = {"epsilon": how["eps"]} if how else {}
    momentum = {"momentum": how["momentum"]} if how else {}
    running = RunningStatistics.fresh(shape[1])
    for step in range(4):
        x, dy, _, _ = drawn(shape, step)
        y, running = batch_norm(x, gamma, beta, running, **epsilon, **momentum)
        compare(norm, x, dy, y, batch_norm_backward(dy, x, gamma, **epsilon))
        assert off(running.mean, norm.running_mean.numpy()) < 1e-12
        assert off(running.variance, norm.running_var.numpy()) < 1e-12
    norm.eval()
    y = batch_norm_eval(x, gamma, beta, running, **epsilon)
    compare(norm, x, dy, y, batch_norm_eval_backward(dy, x, gamma, running, **epsilon))


def compare(norm: torch.nn.Module, x: Array, dy: Array, y: Array, grads: tuple[Array, ...]) -> None:
    norm.zero_grad()
    t = torch.from_numpy(x).requires_grad_()
    expected = norm(t)
    expected.backward(torch.from_numpy(dy))
    assert off(y, expected.detach().numpy()) < 1e-12
    for got, of_torch in zip(grads, (t.grad, norm.weight.grad, norm.bias.grad), strict=True):
        assert off(got, of_torch.numpy()) < 1e-9


@pytest.mark.parametrize("shape", SHAPES)
def test_gradients_are_slopes(shape: tuple[int, ...]) -> None:
    # An epsilon that matters, so that a gradient without it would be seen.
    x, dy, gamma, beta = drawn(shape)
    fresh = RunningStatistics.fresh(shape[1])

    def loss(x: Array, gamma: Array, beta: Array) -> float:
        return float((batch_norm(x, gamma, beta, fresh, epsilon=0.5)[0] * dy).sum())

    dx, dgamma, dbeta = batch_norm_backward(dy, x, gamma, epsilon=0.5)
    assert off(dx, slope_of(lambda x: loss(x, gamma, beta), x)) < 1e-7
    assert off(dgamma, slope_of(lambda gamma: loss(x, gamma, beta), gamma)) < 1e-7
    assert off(dbeta, slope_of(lambda beta: loss(x, gamma, beta), beta)) < 1e-7


def test_the_biased_variance_normalises_and_the_unbiased_is_stored() -> None:
    x = np.array([[1.0], [3.0], [5.0], [7.0]])  # variance 5 biased, 20/3 unbiased
    y, running = batch_norm(x, [1], [0], RunningStatistics.fresh(1), epsilon=1e-12, momentum=1.0)
    np.testing.assert_allclose(y[:, 0], (x[:, 0] - 4) / np.sqrt(5))
    np.testing.assert_allclose(running.variance, [20 / 3])


def test_momentum_is_the_weight_of_the_new_batch() -> None:
    x = np.array([[10.0], [10.0]])
    _, running = batch_norm(x, [1], [0], RunningStatistics.fresh(1), momentum=0.1)
    np.testing.assert_allclose(running.mean, [1.0])
    _, still = batch_norm(x, [1], [0], running, momentum=0.0)
    assert still.mean == running.mean


def test_in_training_images_depend_on_their_neighbours_and_in_evaluation_not() -> None:
    x, _, gamma, beta = drawn((4, 3, 2, 2))
    fresh = RunningStatistics.fresh(3)
    assert off(batch_norm(x, gamma, beta, fresh)[0][:1], batch_norm(x[:1], gamma, beta, fresh)[0]) > 0.01
    whole = batch_norm_eval(x, gamma, beta, fresh)
    np.testing.assert_array_equal(whole[:1], batch_norm_eval(x[:1], gamma, beta, fresh))


def test_a_batch_of_equal_numbers_becomes_beta() -> None:
    y, _ = batch_norm(np.full((4, 1, 2, 2), 3.0), [2.0], [0.5], RunningStatistics.fresh(1))
    assert (y == 0.5).all()


def test_statistics_go_in_unchanged() -> None:
    fresh = RunningStatistics.fresh(2)
    batch_norm(np.random.default_rng(0).normal(size=(4, 2)), [1, 1], [0, 0], fresh)
    assert fresh.mean.tolist() == [0, 0]


ONES = np.ones(3)
FRESH = RunningStatistics.fresh(3)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            lambda: batch_norm(np.zeros((1, 3, 1, 1)), ONES, ONES, FRESH),
            "a channel with fewer than two numbers has no variance [shapes-disagree]\n"
            "  got       x of shape (1, 3, 1, 1)\n"
            "  expected  N H W of 2 or more\n"
            "  next      a larger batch, or batch_norm_eval, which uses the running statistics",
        ),
        (
            lambda: batch_norm(np.zeros((2, 3, 4)), ONES, ONES, FRESH),
            "x has the wrong number of axes [shapes-disagree]\n"
            "  got       shape (2, 3, 4)\n"
            "  expected  (N, C) or (N, C, H, W)",
        ),
        (
            lambda: batch_norm(np.zeros((2, 3)), np.ones(2), ONES, FRESH),
            "gamma has the wrong shape [shapes-disagree]\n  got       (2,)\n  expected  (C) = (3,)",
        ),
        (
            lambda: batch_norm(np.zeros((2, 3)), ONES, np.ones(2), FRESH),
            "beta has the wrong shape [shapes-disagree]\n  got       (2,)\n  expected  (C) = (3,)",
        ),
        (
            lambda: batch_norm_eval(np.zeros((2, 3)), ONES, ONES, RunningStatistics.fresh(4)),
            "running.mean has the wrong shape [shapes-disagree]\n  got       (4,)\n  expected  (C) = (3,)",
        ),
        (
            lambda: batch_norm_eval(np.zeros((2, 3)), ONES, ONES, RunningStatistics(ONES, np.ones(1))),
            "running.variance has the wrong shape [shapes-disagree]\n"
            "  got       (1,)\n"
            "  expected  (C) = (3,)",
        ),
        (
            lambda: batch_norm_backward(np.zeros((3, 2)), np.zeros((2, 3)), ONES),
            "grad_output is not shaped as x [shapes-disagree]\n"
            "  got       (3, 2)\n"
            "  expected  (2, 3), the shape of x",
        ),
    ],
)
def test_what_does_not_fit_is_refused_in_words(call, text: str) -> None:
    with pytest.raises(ShapesDisagree) as refused:
        call()
    assert str(refused.value) == text


def test_momentum_and_epsilon_have_a_range() -> None:
    x = np.zeros((2, 3))
    with pytest.raises(ArgumentOutOfRange, match="momentum does not fit"):
        batch_norm(x, ONES, ONES, FRESH, momentum=1.1)
    for call in (
        lambda: batch_norm(x, ONES, ONES, FRESH, epsilon=0.0),
        lambda: batch_norm_backward(x, x, ONES, epsilon=-1.0),
        lambda: batch_norm_eval(x, ONES, ONES, FRESH, epsilon=0.0),
        lambda: batch_norm_eval_backward(x, x, ONES, FRESH, epsilon=0.0),
    ):
        with pytest.raises(ArgumentOutOfRange, match="epsilon does not fit"):
            call()
