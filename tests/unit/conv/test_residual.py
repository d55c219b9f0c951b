"""The residual sum: the identity where the branch is silent, and a gradient that always arrives."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from striate.conv import linear, linear_backward, residual, residual_backward
from striate.conv.errors import ShapesDisagree
from tests.unit.conv.slopes import off

X, W, DY = np.random.default_rng(0).normal(size=(3, 4, 4))


def test_a_block_and_its_gradient_are_torchs() -> None:
    x, w = torch.from_numpy(X).requires_grad_(), torch.from_numpy(W)
    y = x + x @ w.T
    y.backward(torch.from_numpy(DY))
    assert off(residual(X, linear(X, W)), y.detach().numpy()) < 1e-14
    around, into = residual_backward(DY)
    assert off(around + linear_backward(into, X, W)[0], x.grad.numpy()) < 1e-14


def test_past_a_silent_branch_all_of_the_gradient_arrives() -> None:
    silent = np.zeros_like(W)
    np.testing.assert_array_equal(residual(X, linear(X, silent)), X)
    around, into = residual_backward(DY)
    np.testing.assert_array_equal(around + linear_backward(into, X, silent)[0], DY)


def test_the_two_gradients_are_not_one_array() -> None:
    around, into = residual_backward(DY)
    around += 1.0
    np.testing.assert_array_equal(into, DY)
    assert around is not DY


def test_nothing_is_broadcast() -> None:
    with pytest.raises(ShapesDisagree) as refused:
        residual(np.zeros((2, 3)), np.zeros((1, 3)))
    assert str(refused.value) == (
        "branch is not shaped as x [shapes-disagree]\n  got       (1, 3)\n  expected  (2, 3), the shape of x"
    )
