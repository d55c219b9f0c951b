"""Each optimiser against torch.optim over many steps, and what tells L2 from decoupled decay."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from striate.conv import AdamState, adam, adamw, decayed, momentum, nesterov, sgd, with_l2
from striate.conv.errors import ArgumentOutOfRange, ShapesDisagree
from tests.unit.conv.slopes import off

Array = NDArray[np.float64]

STEPS = 150
START = np.random.default_rng(0).normal(size=(4, 3))


def gradient_at(weight: Array, step: int) -> Array:
    """Of a bent, noisy valley, so that a wrong weight gives a wrong gradient too."""
    noise = np.random.default_rng(step).normal(size=weight.shape)
    return np.arange(1.0, 13.0).reshape(4, 3) * np.sin(weight) + 0.3 * noise


def path(step: Callable[..., Any], state: Any, **settings: Any) -> Iterator[Array]:
    """The weights after each step."""
    weight = START
    for t in range(STEPS):
        if state is None:
            weight = step(weight, gradient_at(weight, t), **settings)
        else:
            weight, state = step(weight, gradient_at(weight, t), state, **settings)
        yield weight


def torchs_path(optimizer: type[torch.optim.Optimizer], **settings: Any) -> Iterator[Array]:
    weight = torch.from_numpy(START.copy()).requires_grad_()
    of_torch = optimizer([weight], **settings)
    for t in range(STEPS):
        weight.grad = torch.from_numpy(gradient_at(weight.detach().numpy(), t))
        of_torch.step()
        yield weight.detach().numpy().copy()


STILL, FRESH = np.zeros_like(START), AdamState.fresh(START.shape)
SGD, ADAM, ADAMW = torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW

PAIRS: dict[str, tuple[Any, Any, dict[str, Any], Any, dict[str, Any]]] = {
    "sgd": (sgd, None, {}, SGD, {}),
    "sgd, l2": (sgd, None, {"decay": 0.1}, SGD, {"weight_decay": 0.1}),
    "momentum": (momentum, STILL, {}, SGD, {"momentum": 0.9}),
    "momentum, l2": (
        momentum,
        STILL,
        {"mu": 0.7, "decay": 0.1},
        SGD,
        {"momentum": 0.7, "weight_decay": 0.1},
    ),
    "nesterov": (nesterov, STILL, {}, SGD, {"momentum": 0.9, "nesterov": True}),
    "nesterov, l2": (
        nesterov,
        STILL,
        {"mu": 0.7, "decay": 0.1},
        SGD,
        {"momentum": 0.7, "nesterov": True, "weight_decay": 0.1},
    ),
    "adam": (adam, FRESH, {}, ADAM, {}),
    "adam, l2": (
        adam,
        FRESH,
        {"betas": (0.8, 0.95), "epsilon": 1e-3, "decay": 0.1},
        ADAM,
        {"betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.1},
    ),
    "adamw": (adamw, FRESH, {}, ADAMW, {}),
    "adamw, decay": (
        adamw,
        FRESH,
        {"betas": (0.8, 0.95), "epsilon": 1e-3, "decay": 0.3},
        ADAMW,
        {"betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.3},
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_every_step_is_torchs(name: str) -> None:
    step, state, ours, optimizer, theirs = PAIRS[name]
    pairs = zip(path(step, state, lr=0.02, **ours), torchs_path(optimizer, lr=0.02, **theirs), strict=True)
    worst = max(off(got, expected) for got, expected in pairs)
    assert worst < 1e-12


def ends(step: Callable[..., Any], state: Any, **settings: Any) -> Array:
    *_, last = path(step, state, lr=0.02, **settings)
    return last


def decoupled(step: Callable[..., Any]) -> Callable[..., Any]:
    """The optimiser on the bare gradient, after decay of the weight."""

    def decayed_step(weight: Array, gradient: Array, *state: Any, lr: float, decay: float) -> Any:
        return step(decayed(weight, lr=lr, decay=decay), gradient, *state, lr=lr)

    return decayed_step


def test_for_sgd_both_kinds_of_decay_are_one() -> None:
    np.testing.assert_allclose(ends(sgd, None, decay=0.1), ends(decoupled(sgd), None, decay=0.1), rtol=1e-12)


@pytest.mark.parametrize("step", [momentum, nesterov])
def test_for_momentum_they_are_two(step: Callable[..., Any]) -> None:
    assert off(ends(step, STILL, decay=0.1), ends(decoupled(step), STILL, decay=0.1)) > 1e-4


def test_for_adam_they_are_two_and_the_second_is_adamw() -> None:
    np.testing.assert_array_equal(ends(decoupled(adam), FRESH, decay=0.1), ends(adamw, FRESH, decay=0.1))
    assert off(ends(adam, FRESH, decay=0.1), ends(adamw, FRESH, decay=0.1)) > 1e-3


def test_adam_divides_l2_away_where_gradients_are_large() -> None:
    weight, gradient, state = np.array([1.0, 1.0]), np.array([0.0, 1e3]), AdamState.fresh((2,))
    bare, with_decay = (adam(weight, gradient, state, lr=0.1, decay=d)[0] for d in (0.0, 0.1))
    pull = bare - with_decay
    assert pull[0] == pytest.approx(0.1)
    assert abs(pull[1]) < 1e-9
    pull = adam(weight, gradient, state, lr=0.1)[0] - adamw(weight, gradient, state, lr=0.1, decay=0.1)[0]
    np.testing.assert_allclose(pull, 0.01)


def test_the_first_step_of_adam_is_lr_whatever_the_gradient() -> None:
    moved, state = adam(np.zeros(3), [1e-3, -5.0, 1e6], AdamState.fresh((3,)), lr=0.1)
    np.testing.assert_allclose(moved, [-0.1, 0.1, -0.1], rtol=1e-4)
    assert state.step == 1


def test_under_a_constant_gradient_momentum_goes_ten_times_as_far() -> None:
    weight, velocity = np.zeros(1), np.zeros(1)
    for _ in range(300):
        before = weight
        weight, velocity = momentum(weight, [1.0], velocity, lr=0.1, mu=0.9)
    np.testing.assert_allclose(before - weight, 0.1 / (1 - 0.9))


def test_nothing_is_changed_in_place() -> None:
    weight, gradient, velocity, state = np.ones(2), np.ones(2), np.ones(2), AdamState.fresh((2,))
    sgd(weight, gradient, lr=0.1, decay=0.1)
    momentum(weight, gradient, velocity, lr=0.1)
    nesterov(weight, gradient, velocity, lr=0.1)
    adamw(weight, gradient, state, lr=0.1)
    with_l2(gradient, weight, 0.1)
    assert weight.tolist() == gradient.tolist() == velocity.tolist() == [1, 1]
    assert state.mean.tolist() == state.square.tolist() == [0, 0]


ONES = np.ones(2)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: sgd(ONES, ONES, lr=-0.1), "lr"),
        (lambda: sgd(ONES, ONES, lr=np.nan), "lr"),
        (lambda: sgd(ONES, ONES, lr=0.1, decay=-1.0), "decay"),
        (lambda: momentum(ONES, ONES, ONES, lr=0.1, mu=1.0), "mu"),
        (lambda: nesterov(ONES, ONES, ONES, lr=np.inf), "lr"),
        (lambda: adam(ONES, ONES, AdamState.fresh((2,)), lr=0.1, betas=(0.9, 1.0)), "betas"),
        (lambda: adam(ONES, ONES, AdamState.fresh((2,)), lr=0.1, epsilon=0.0), "epsilon"),
        (lambda: adamw(ONES, ONES, AdamState.fresh((2,)), lr=0.1, decay=-0.1), "decay"),
    ],
)
def test_a_number_out_of_range_is_named(call: Callable[[], object], name: str) -> None:
    with pytest.raises(ArgumentOutOfRange, match=f"^{name} does not fit"):
        call()


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: sgd(ONES, np.ones(3), lr=0.1), "gradient"),
        (lambda: momentum(ONES, ONES, np.ones(1), lr=0.1), "velocity"),
        (lambda: adam(ONES, ONES, AdamState.fresh((1,)), lr=0.1), "mean"),
        (lambda: adam(ONES, ONES, AdamState(0, ONES, np.ones(1)), lr=0.1), "square"),
    ],
)
def test_nothing_is_broadcast(call: Callable[[], object], name: str) -> None:
    with pytest.raises(ShapesDisagree, match=f"^{name} is not shaped as the weight"):
        call()
