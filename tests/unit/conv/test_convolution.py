"""Convolution and its gradients against torch's autograd, loops and differences, in float64."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch.nn.functional import conv2d

from striate.conv import convolve, grad_bias, grad_input, grad_weight
from striate.conv.convolution import turned
from striate.conv.errors import ArgumentOutOfRange, ShapesDisagree, WindowTooLarge
from striate.conv.windows import Window
from tests.unit.conv.slopes import off, slope_of

Array = NDArray[np.float64]

CONFIGURATIONS = 640


class Case(NamedTuple):
    x: Array
    weight: Array
    bias: Array
    settings: dict[str, Any]


def case(seed: int) -> Case:
    """A random convolution that fits: every setting drawn for rows and columns by itself."""
    rng = np.random.default_rng(seed)
    kernel, stride, dilation = (rng.integers(1, top, 2) for top in (5, 4, 4))
    padding = rng.integers(0, 4, 2)
    # From a single position up to a few, with and without pixels left over.
    least = np.maximum(dilation * (kernel - 1) + 1 - 2 * padding, 1)
    size = least + rng.integers(0, 7, 2)
    groups = int(rng.choice([1, 1, 2, 3]))
    channels, outputs = groups * rng.integers(1, 4, 2)
    settings = {
        "stride": tuple(map(int, stride)),
        "padding": tuple(map(int, padding)),
        "dilation": tuple(map(int, dilation)),
        "groups": groups,
    }
    return Case(
        rng.normal(size=(rng.integers(1, 4), channels, *size)),
        rng.normal(size=(outputs, channels // groups, *kernel)),
        rng.normal(size=outputs),
        settings,
    )


def by_autograd(c: Case, grad_output: Array | None) -> tuple[Array, ...]:
    """y, dX, dW, db of torch."""
    x, w, b = (torch.from_numpy(a).requires_grad_() for a in (c.x, c.weight, c.bias))
    y = conv2d(x, w, b, **c.settings)
    y.backward(torch.ones_like(y) if grad_output is None else torch.from_numpy(grad_output))
    return tuple(t.detach().numpy() for t in (y, x.grad, w.grad, b.grad))


def by_formula(c: Case, grad_output: Array) -> tuple[Array, ...]:
    return (
        convolve(c.x, c.weight, c.bias, **c.settings),
        grad_input(grad_output, c.weight, c.x.shape[2:], **c.settings),
        grad_weight(grad_output, c.x, c.weight.shape[2:], **c.settings),
        grad_bias(grad_output),
    )


def test_forward_and_gradients_are_autograds() -> None:
    worst, grouped, leftover = 0.0, 0, 0
    for seed in range(CONFIGURATIONS):
        c = case(seed)
        grad_output = np.random.default_rng(seed).normal(size=by_autograd(c, None)[0].shape)
        for got, expected in zip(by_formula(c, grad_output), by_autograd(c, grad_output), strict=True):
            worst = max(worst, off(got, expected))
        grouped += c.settings["groups"] > 1
        window = Window.of(c.weight.shape[2:], **{k: v for k, v in c.settings.items() if k != "groups"})
        read = [
            (n - 1) * s + e
            for n, s, e in zip(window.positions(c.x.shape[2:]), window.stride, window.extent, strict=True)
        ]
        leftover += tuple(read) != window.padded(c.x.shape[2:])
    print(f"largest relative error {worst:.1e} over {CONFIGURATIONS} configurations")
    assert worst < 1e-10
    # The draw holds what is hard: groups, and pixels that no window reads.
    assert min(grouped, leftover) > CONFIGURATIONS / 4


@pytest.mark.parametrize("seed", range(8))
def test_gradients_are_the_slopes_of_the_loss(seed: int) -> None:
    c = case(seed)
    rng = np.random.default_rng(seed)
    grad_output = rng.normal(size=convolve(c.x, c.weight, **c.settings).shape)

    def loss(x: Array, weight: Array, bias: Array) -> float:
        return float((convolve(x, weight, bias, **c.settings) * grad_output).sum())

    _, dx, dw, db = by_formula(c, grad_output)
    assert off(dx, slope_of(lambda x: loss(x, c.weight, c.bias), c.x)) < 1e-8
    assert off(dw, slope_of(lambda w: loss(c.x, w, c.bias), c.weight)) < 1e-8
    assert off(db, slope_of(lambda b: loss(c.x, c.weight, b), c.bias)) < 1e-8


def test_uneven_padding_is_padding_by_hand() -> None:
    rng = np.random.default_rng(0)
    x, weight, uneven = rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(2, 3, 4, 2)), ((2, 0), (1, 3))
    by_hand = np.pad(x, ((0, 0), (0, 0), *uneven))
    y = convolve(x, weight, padding=uneven)
    np.testing.assert_array_equal(y, convolve(by_hand, weight))
    np.testing.assert_allclose(
        grad_input(y, weight, (4, 5), padding=uneven), grad_input(y, weight, (6, 9))[:, :, 2:, 1:-3]
    )
    np.testing.assert_allclose(grad_weight(y, x, (4, 2), padding=uneven), grad_weight(y, by_hand, (4, 2)))


def test_it_is_cross_correlation_and_not_convolution() -> None:
    x, w = np.random.default_rng(0).normal(size=(2, 1, 1, 3, 3))
    assert convolve(x, w) == pytest.approx((x * w).sum())
    assert convolve(x, w) != pytest.approx((x * w[:, :, ::-1, ::-1]).sum())


def test_the_lesson_s_sentence_holds_at_stride_1_only() -> None:
    """'dL/dX is a full convolution of dY with flipped W': without its zeros between, stride 2 gives something else."""
    rng = np.random.default_rng(0)
    weight, k = rng.normal(size=(4, 3, 3, 3)), 3

    def sentence(grad_output: Array) -> Array:
        return convolve(grad_output, turned(weight), padding=k - 1)

    dense, strided = rng.normal(size=(2, 4, 5, 5)), rng.normal(size=(2, 4, 2, 2))
    np.testing.assert_allclose(sentence(dense), grad_input(dense, weight, (7, 7)), atol=1e-12)
    right = grad_input(strided, weight, (5, 5), stride=2)
    assert sentence(strided).shape == (2, 3, 4, 4) != right.shape
    spread = np.zeros((2, 4, 3, 3))
    spread[:, :, ::2, ::2] = strided
    np.testing.assert_allclose(sentence(spread), right, atol=1e-12)


def test_flipping_is_not_enough_channels_swap() -> None:
    weight = np.random.default_rng(0).normal(size=(6, 2, 3, 2))
    for groups in (1, 2, 3, 6):
        back = turned(weight, groups)
        assert back.shape == (2 * groups, 6 // groups, 3, 2)
        np.testing.assert_array_equal(turned(back, groups), weight)


def test_pixels_under_no_window_have_no_gradient() -> None:
    grad = grad_input(np.ones((1, 1, 2, 2)), np.ones((1, 1, 1, 1)), (4, 4), stride=2)
    np.testing.assert_array_equal(grad[0, 0], [[1, 0, 1, 0], [0] * 4, [1, 0, 1, 0], [0] * 4])


def test_an_empty_batch_passes_and_teaches_nothing() -> None:
    x, weight = np.zeros((0, 2, 5, 5)), np.ones((3, 2, 3, 3))
    y = convolve(x, weight, np.ones(3))
    assert y.shape == (0, 3, 3, 3)
    assert grad_input(y, weight, (5, 5)).shape == x.shape
    assert not grad_weight(y, x, 3).any()
    assert not grad_bias(y).any()


def test_nan_spreads_as_far_as_the_windows_that_see_it() -> None:
    x = np.zeros((1, 1, 7, 7))
    x[0, 0, 3, 3] = np.nan
    np.testing.assert_array_equal(np.isnan(convolve(x, np.ones((1, 1, 3, 3))))[0, 0].sum(), 9)


X, W = np.zeros((1, 4, 6, 6)), np.zeros((6, 2, 3, 3))


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (
            lambda: convolve(X[0], W),
            ShapesDisagree,
            "x has the wrong number of axes [shapes-disagree]\n"
            "  got       shape (4, 6, 6)\n"
            "  expected  (N, C, H, W)",
        ),
        (
            lambda: convolve(X, W[0]),
            ShapesDisagree,
            "weight has the wrong number of axes [shapes-disagree]\n"
            "  got       shape (2, 3, 3)\n"
            "  expected  (O, C/groups, U, V)",
        ),
        (
            lambda: convolve(X, W),
            ShapesDisagree,
            "the weight is for another number of channels [shapes-disagree]\n"
            "  got       4 channels in 1 groups\n"
            "  expected  2 channels for each group, as axis 1 of the weight says",
        ),
        (
            lambda: convolve(X, W, groups=3),
            ShapesDisagree,
            "groups do not divide the channels [shapes-disagree]\n"
            "  got       3 groups, 4 channels in, 6 out\n"
            "  expected  a number of groups that divides both",
        ),
        (
            lambda: convolve(X, W[:5], groups=2),
            ShapesDisagree,
            "groups do not divide the channels [shapes-disagree]\n"
            "  got       2 groups, 4 channels in, 5 out\n"
            "  expected  a number of groups that divides both",
        ),
        (
            lambda: convolve(X, W, np.zeros(2), groups=2),
            ShapesDisagree,
            "bias has the wrong shape [shapes-disagree]\n  got       (2,)\n  expected  (O) = (6,)",
        ),
        (
            lambda: convolve(X, W, groups=0),
            ArgumentOutOfRange,
            "groups does not fit [argument-out-of-range]\n"
            "  got       0\n"
            "  expected  a whole number, 1 or more",
        ),
        (
            lambda: convolve(X, W, groups=2, stride=(1, 0)),
            ArgumentOutOfRange,
            "stride does not fit [argument-out-of-range]\n"
            "  got       0\n"
            "  expected  a whole number, 1 or more",
        ),
        (
            lambda: convolve(X, W, groups=2, dilation=3),
            WindowTooLarge,
            "the window fits nowhere [window-too-large]\n"
            "  got       6 pixels and 0 + 0 of padding\n"
            "  expected  7 pixels or more: the effective kernel 3*(3 - 1) + 1",
        ),
        (
            lambda: grad_weight(np.zeros((1, 6, 4, 3)), X, 3, groups=2),
            ShapesDisagree,
            "grad_output has the wrong shape [shapes-disagree]\n"
            "  got       (1, 6, 4, 3)\n"
            "  expected  (N, O, I, J) = (1, 6, 4, 4)",
        ),
        (
            lambda: grad_weight(np.zeros((1, 5, 4, 4)), X, 3, groups=2),
            ShapesDisagree,
            "groups do not divide the channels [shapes-disagree]\n"
            "  got       2 groups, 4 channels in, 5 out\n"
            "  expected  a number of groups that divides both",
        ),
        (
            lambda: grad_input(np.zeros((1, 6, 4, 4)), W, (6, 7), groups=2),
            ShapesDisagree,
            "grad_output has the wrong shape [shapes-disagree]\n"
            "  got       (1, 6, 4, 4)\n"
            "  expected  (N, O, I, J) = (1, 6, 4, 5)",
        ),
        (
            lambda: grad_input(np.zeros((1, 6, 4, 4)), W, (4, 6, 6), groups=2),
            ArgumentOutOfRange,
            "size does not fit [argument-out-of-range]\n"
            "  got       (4, 6, 6)\n"
            "  expected  one whole number, or (rows, columns)",
        ),
        (
            lambda: grad_bias(np.zeros((1, 6))),
            ShapesDisagree,
            "grad_output has the wrong number of axes [shapes-disagree]\n"
            "  got       shape (1, 6)\n"
            "  expected  (N, O, I, J)",
        ),
    ],
)
def test_what_does_not_fit_is_refused_in_words(call: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error) as refused:
        call()
    assert str(refused.value) == text
