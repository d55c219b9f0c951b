"""Pooling against torch, with ties and borders, and differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from striate.conv import (
    average_pool,
    average_pool_backward,
    global_average,
    global_average_backward,
    max_pool,
    max_pool_backward,
)
from striate.conv.errors import ShapesDisagree, WindowTooLarge
from tests.unit.conv.slopes import off, slope_of

Array = NDArray[np.float64]


def settings(seed: int) -> tuple[Array, tuple[int, int], dict[str, Any]]:
    """Random images, kernel, stride and padding; torch allows no more than half a kernel of padding."""
    rng = np.random.default_rng(seed)
    kernel = rng.integers(1, 5, 2)
    padding = rng.integers(0, kernel // 2 + 1)
    size = np.maximum(kernel - 2 * padding, 1) + rng.integers(0, 7, 2)
    x = rng.normal(size=(rng.integers(1, 3), rng.integers(1, 4), *size))
    if seed % 2:
        x = x.round()  # so that many tie
    stride = None if seed % 5 == 0 else tuple(map(int, rng.integers(1, 4, 2)))
    return x, tuple(map(int, kernel)), {"stride": stride, "padding": tuple(map(int, padding))}


def torchs(pool: Any, x: Array, kernel: tuple[int, int], how: dict[str, Any]) -> tuple[Array, Array, Array]:
    """y, a random dY, and dX."""
    t = torch.from_numpy(x).requires_grad_()
    y = pool(t, kernel, **how)
    grad_output = np.random.default_rng(0).normal(size=y.shape)
    y.backward(torch.from_numpy(grad_output))
    return y.detach().numpy(), grad_output, t.grad.numpy()


@pytest.mark.parametrize("seed", range(60))
def test_max_pool_is_torchs_ties_and_all(seed: int) -> None:
    x, kernel, how = settings(seed)
    y, grad_output, dx = torchs(F.max_pool2d, x, kernel, how)
    np.testing.assert_array_equal(max_pool(x, kernel, **how), y)
    assert off(max_pool_backward(grad_output, x, kernel, **how), dx) < 1e-14


@pytest.mark.parametrize("include", [True, False])
@pytest.mark.parametrize("seed", range(30))
def test_average_pool_is_torchs(seed: int, include: bool) -> None:
    x, kernel, how = settings(seed)
    how["count_include_pad"] = include
    y, grad_output, dx = torchs(F.avg_pool2d, x, kernel, how)
    assert off(average_pool(x, kernel, **how), y) < 1e-14
    assert off(average_pool_backward(grad_output, x.shape[2:], kernel, **how), dx) < 1e-14


def test_the_first_of_equals_takes_the_gradient() -> None:
    grad = max_pool_backward([[[[1.0]]]], np.full((1, 1, 3, 3), 7.0), 3)
    np.testing.assert_array_equal(grad[0, 0], [[1, 0, 0], [0, 0, 0], [0, 0, 0]])


def test_padding_never_wins_not_even_over_minus_infinity() -> None:
    assert max_pool([[[[-5.0]]]], 3, stride=1, padding=1) == -5.0
    x = np.full((1, 1, 2, 2), -np.inf)
    y, grad_output, dx = torchs(F.max_pool2d, x, (3, 3), {"stride": 1, "padding": 1})
    np.testing.assert_array_equal(max_pool(x, 3, stride=1, padding=1), y)
    np.testing.assert_array_equal(max_pool_backward(grad_output, x, 3, stride=1, padding=1), dx)


def test_nan_wins() -> None:
    x = np.array([[[[1.0, np.nan], [np.inf, 0.0]]]])
    assert np.isnan(max_pool(x, 2)).all()
    np.testing.assert_array_equal(max_pool_backward([[[[1.0]]]], x, 2), [[[[0, 1], [0, 0]]]])


def test_a_thin_edge_survives_the_maximum_and_not_the_mean() -> None:
    x = np.zeros((1, 1, 6, 6))
    x[..., 2] = 1.0
    assert max_pool(x, 2).max() == 1.0
    assert average_pool(x, 2).max() == 0.5


@pytest.mark.parametrize("seed", [0, 2, 4])
def test_gradients_are_slopes(seed: int) -> None:
    x, kernel, how = settings(seed)
    dy = np.random.default_rng(seed).normal(size=max_pool(x, kernel, **how).shape)
    slope = slope_of(lambda x: float((max_pool(x, kernel, **how) * dy).sum()), x)
    assert off(max_pool_backward(dy, x, kernel, **how), slope) < 1e-8
    slope = slope_of(lambda x: float((average_pool(x, kernel, **how) * dy).sum()), x)
    assert off(average_pool_backward(dy, x.shape[2:], kernel, **how), slope) < 1e-8


def test_global_average_is_torchs() -> None:
    rng = np.random.default_rng(0)
    x, grad_output = rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(2, 3))
    t = torch.from_numpy(x).requires_grad_()
    y = F.adaptive_avg_pool2d(t, 1)[:, :, 0, 0]
    y.backward(torch.from_numpy(grad_output))
    assert off(global_average(x), y.detach().numpy()) < 1e-14
    dx = global_average_backward(grad_output, (4, 5))
    assert off(dx, t.grad.numpy()) < 1e-14
    dx[0, 0, 0, 0] = 1.0  # a map of its own, not a view of one number
    assert dx[0, 0, 0, 1] != 1.0


def test_a_window_over_padding_alone_is_refused() -> None:
    text = (
        "a window sees nothing but padding [window-too-large]\n"
        "  got       padding ((2, 2), (2, 2)) around 4x4 pixels, kernel (2, 2)\n"
        "  expected  a pixel of the image under every window\n"
        "  next      pad by at most half of the kernel"
    )
    x, dy = np.zeros((1, 1, 4, 4)), np.zeros((1, 1, 4, 4))
    for call in (
        lambda: max_pool(x, 2, padding=2),
        lambda: max_pool_backward(dy, x, 2, padding=2),
        lambda: average_pool(x, 2, padding=2),
        lambda: average_pool_backward(dy, (4, 4), 2, padding=2, count_include_pad=False),
    ):
        with pytest.raises(WindowTooLarge) as refused:
            call()
        assert str(refused.value) == text


def test_a_map_without_pixels_has_no_mean() -> None:
    for call in (
        lambda: global_average(np.zeros((1, 2, 0, 3))),
        lambda: global_average_backward(np.zeros((1, 2)), (0, 3)),
    ):
        with pytest.raises(WindowTooLarge) as refused:
            call()
        assert str(refused.value) == (
            "a map without pixels has no mean [window-too-large]\n  got       0x3 pixels"
        )


def test_a_gradient_of_another_map_is_refused() -> None:
    x, dy = np.zeros((1, 2, 4, 4)), np.zeros((1, 2, 2, 3))
    for call in (lambda: max_pool_backward(dy, x, 2), lambda: average_pool_backward(dy, (4, 4), 2)):
        with pytest.raises(ShapesDisagree) as refused:
            call()
        assert str(refused.value) == (
            "grad_output has the wrong shape [shapes-disagree]\n"
            "  got       (1, 2, 2, 3)\n"
            "  expected  (N, C, I, J) = (1, 2, 2, 2)"
        )


def test_images_have_four_axes() -> None:
    for call in (lambda: max_pool(np.zeros((4, 4)), 2), lambda: global_average(np.zeros((4, 4)))):
        with pytest.raises(ShapesDisagree, match="x has the wrong number of axes"):
            call()
