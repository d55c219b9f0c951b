"""The dense layer against torch, and as the convolution it is."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from striate.conv import convolve, linear, linear_backward
from striate.conv.errors import ShapesDisagree
from tests.unit.conv.slopes import off, slope_of

rng = np.random.default_rng(0)
X, W, B, DY = (rng.normal(size=shape) for shape in ((5, 4), (3, 4), (3,), (5, 3)))


def test_forward_and_gradients_are_torchs() -> None:
    x, w, b = (torch.from_numpy(a).requires_grad_() for a in (X, W, B))
    y = torch.nn.functional.linear(x, w, b)
    y.backward(torch.from_numpy(DY))
    assert off(linear(X, W, B), y.detach().numpy()) < 1e-14
    assert off(linear(X, W), (y - b).detach().numpy()) < 1e-14
    for got, t in zip(linear_backward(DY, X, W), (x, w, b), strict=True):
        assert off(got, t.grad.numpy()) < 1e-14


def test_gradients_are_slopes() -> None:
    dx, dw, db = linear_backward(DY, X, W)
    assert off(dx, slope_of(lambda x: float((linear(x, W, B) * DY).sum()), X)) < 1e-8
    assert off(dw, slope_of(lambda w: float((linear(X, w, B) * DY).sum()), W)) < 1e-8
    assert off(db, slope_of(lambda b: float((linear(X, W, b) * DY).sum()), B)) < 1e-8


def test_a_kernel_as_large_as_the_image_is_a_dense_layer() -> None:
    images, kernels = rng.normal(size=(5, 2, 3, 4)), rng.normal(size=(6, 2, 3, 4))
    dense = linear(images.reshape(5, -1), kernels.reshape(6, -1))
    np.testing.assert_allclose(convolve(images, kernels)[:, :, 0, 0], dense)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            lambda: linear(X[0], W),
            "x has the wrong number of axes [shapes-disagree]\n  got       shape (4,)\n  expected  (N, C)",
        ),
        (
            lambda: linear(X, W.T),
            "weight has the wrong shape [shapes-disagree]\n  got       (4, 3)\n  expected  (O, C) = (4, 4)",
        ),
        (
            lambda: linear(X, W, np.zeros(1)),
            "bias has the wrong shape [shapes-disagree]\n  got       (1,)\n  expected  (O) = (3,)",
        ),
        (
            lambda: linear_backward(DY.T, X, W),
            "grad_output has the wrong shape [shapes-disagree]\n"
            "  got       (3, 5)\n"
            "  expected  (N, O) = (5, 3)",
        ),
    ],
)
def test_what_does_not_fit_is_refused_in_words(call, text: str) -> None:
    with pytest.raises(ShapesDisagree) as refused:
        call()
    assert str(refused.value) == text
