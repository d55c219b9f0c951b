"""ReLU, GELU and SiLU against torch, differences, and at the points where it matters."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from striate.conv import activation
from striate.conv.errors import ShapesDisagree
from tests.unit.conv.slopes import off, slope_of

Array = NDArray[np.float64]

PAIRS = {
    "relu": (activation.relu, activation.relu_backward, torch.relu),
    "gelu": (activation.gelu, activation.gelu_backward, torch.nn.functional.gelu),
    "silu": (activation.silu, activation.silu_backward, torch.nn.functional.silu),
}
each = pytest.mark.parametrize(("forward", "backward", "torchs"), PAIRS.values(), ids=PAIRS)


@each
def test_value_and_slope_are_torchs(
    forward: Callable[[Array], Array], backward: Callable[[Array, Array], Array], torchs: Callable
) -> None:
    x = np.concatenate([np.linspace(-8, 8, 401), [0.0, -0.0, 30.0, 700.0, 1000.0]])
    grad_output = np.random.default_rng(0).normal(size=x.shape)
    t = torch.from_numpy(x).requires_grad_()
    y = torchs(t)
    y.backward(torch.from_numpy(grad_output))
    assert off(forward(x), y.detach().numpy()) < 1e-14
    np.testing.assert_allclose(backward(grad_output, x), t.grad.numpy(), rtol=1e-10, atol=1e-14)


@each
def test_slopes_are_slopes(
    forward: Callable[[Array], Array], backward: Callable[[Array, Array], Array], torchs: Callable
) -> None:
    x = np.random.default_rng(1).normal(size=(3, 4, 5))
    assert off(backward(np.ones_like(x), x), slope_of(lambda x: float(forward(x).sum()), x)) < 1e-8


@each
def test_nan_stays_nan_and_other_shapes_are_refused(
    forward: Callable[[Array], Array], backward: Callable[[Array, Array], Array], torchs: Callable
) -> None:
    assert np.isnan(forward(np.array([np.nan]))).all()
    with pytest.raises(ShapesDisagree) as refused:
        backward(np.zeros(3), np.zeros((3, 1)))
    assert str(refused.value) == (
        "grad_output is not shaped as x [shapes-disagree]\n"
        "  got       (3,)\n"
        "  expected  (3, 1), the shape of x"
    )


def test_relu_at_zero_is_flat() -> None:
    np.testing.assert_array_equal(activation.relu_backward([1.0, 1.0, 1.0], [0.0, -0.0, 5e-324]), [0, 0, 1])


def test_relu_lets_a_gradient_pass_where_x_is_nan_as_torch_does() -> None:
    t = torch.tensor([np.nan], requires_grad=True)
    torch.relu(t).backward(torch.tensor([3.0]))
    assert activation.relu_backward([3.0], [np.nan]) == t.grad.item() == 3.0


def test_gelu_keeps_its_digits_far_below_zero() -> None:
    # With 1 + erf(x) in place of the complement, Phi(-10) would be 0.
    assert activation.gelu([-10.0])[0] == pytest.approx(
        -10 * math.erfc(10 / math.sqrt(2)) / 2, rel=1e-12, abs=0.0
    )


def test_gelu_is_not_its_tanh_approximation() -> None:
    approximation = torch.nn.functional.gelu(torch.tensor([2.0], dtype=torch.float64), approximate="tanh")
    assert 5e-5 < abs(activation.gelu([2.0])[0] - approximation.item()) < 1e-2


def test_far_out_the_slopes_are_0_and_1() -> None:
    for backward in (activation.gelu_backward, activation.silu_backward):
        np.testing.assert_allclose(backward([1.0, 1.0], [-800.0, 800.0]), [0.0, 1.0], atol=1e-300)
