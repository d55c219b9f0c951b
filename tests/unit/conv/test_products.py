"""The list of products against the fast path, and the matrix against both."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from striate.conv import convolution_matrix, convolve, grad_input, grad_weight
from striate.conv.errors import ArgumentOutOfRange, ShapesDisagree, WindowTooLarge
from striate.conv.products import convolve_slowly, grad_input_slowly, grad_weight_slowly
from striate.conv.windows import Window
from tests.unit.conv.slopes import off

CASES: list[tuple[tuple[int, ...], tuple[int, int], dict[str, Any]]] = [
    ((2, 3, 3, 3), (5, 6), {}),
    ((4, 2, 3, 2), (6, 5), {"stride": (2, 1), "padding": (1, 2)}),
    ((4, 1, 2, 3), (7, 8), {"dilation": (3, 2), "groups": 4}),
    ((6, 2, 3, 3), (7, 6), {"stride": 3, "padding": 2, "dilation": 2, "groups": 3}),
    ((3, 2, 1, 4), (3, 4), {"padding": ((0, 1), (2, 0))}),
    ((1, 1, 4, 4), (1, 1), {"padding": 3, "stride": 2}),
]


@pytest.mark.parametrize(("shape", "size", "settings"), CASES)
def test_the_fast_path_adds_up_the_same_products(
    shape: tuple[int, ...], size: tuple[int, int], settings: dict[str, Any]
) -> None:
    rng = np.random.default_rng(0)
    groups = settings.get("groups", 1)
    window = Window.of(shape[2:], **{k: v for k, v in settings.items() if k != "groups"})
    x, weight = rng.normal(size=(2, shape[1] * groups, *size)), rng.normal(size=shape)
    y = convolve(x, weight, **settings)
    grad_output = rng.normal(size=y.shape)
    assert off(y, convolve_slowly(x, weight, window, groups)) < 1e-14
    assert (
        off(
            grad_weight(grad_output, x, shape[2:], **settings),
            grad_weight_slowly(grad_output, x, shape, window, groups),
        )
        < 1e-14
    )
    assert (
        off(
            grad_input(grad_output, weight, size, **settings),
            grad_input_slowly(grad_output, weight, size, window, groups),
        )
        < 1e-14
    )


@pytest.mark.parametrize(("shape", "size", "settings"), CASES)
def test_the_matrix_is_forward_and_its_transpose_is_backward(
    shape: tuple[int, ...], size: tuple[int, int], settings: dict[str, Any]
) -> None:
    rng = np.random.default_rng(1)
    weight = rng.normal(size=shape)
    x = rng.normal(size=(1, shape[1] * settings.get("groups", 1), *size))
    matrix, y = convolution_matrix(weight, size, **settings), convolve(x, weight, **settings)
    np.testing.assert_allclose(matrix @ x.ravel(), y.ravel(), atol=1e-12)
    dy = rng.normal(size=y.shape)
    dx = grad_input(dy, weight, size, **settings)
    np.testing.assert_allclose(matrix.T @ dy.ravel(), dx.ravel(), atol=1e-12)
    assert matrix.T @ dy.ravel() @ x.ravel() == pytest.approx(dy.ravel() @ matrix @ x.ravel())


def test_a_convolution_is_a_dense_layer_of_few_numbers() -> None:
    weight = np.arange(1.0, 10.0).reshape(1, 1, 3, 3)
    matrix = convolution_matrix(weight, (6, 6))
    assert matrix.shape == (16, 36)
    assert set(matrix.ravel()) == {0.0, *weight.ravel()}
    assert (np.count_nonzero(matrix, axis=1) == 9).all()


def test_a_matrix_of_what_does_not_fit_is_refused() -> None:
    weight = np.zeros((4, 1, 3, 3))
    with pytest.raises(WindowTooLarge):
        convolution_matrix(weight, (2, 5))
    with pytest.raises(ShapesDisagree, match="groups do not divide the channels"):
        convolution_matrix(weight, (5, 5), groups=3)
    with pytest.raises(ArgumentOutOfRange, match="size does not fit"):
        convolution_matrix(weight, (1, 5, 5))  # type: ignore[arg-type]
