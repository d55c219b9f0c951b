"""What holds for every convolution and pooling: linear, with the adjoint it claims, and deaf to where a pattern lies."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from striate.conv import (
    average_pool,
    average_pool_backward,
    convolution_matrix,
    convolve,
    cross_entropy,
    cross_entropy_backward,
    grad_input,
    grad_weight,
    max_pool,
    max_pool_backward,
    output_size,
    receptive_fields,
    softmax,
)
from striate.conv.receptive_field import AxisWindow
from striate.conv.windows import Window, add_windows, windows

Array = NDArray[np.float64]


class Drawn(NamedTuple):
    x: Array
    weight: Array
    how: dict[str, Any]
    rng: np.random.Generator


pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))
sides = st.tuples(st.integers(0, 2), st.integers(0, 2))


@st.composite
def convolutions(draw: st.DrawFn) -> Drawn:
    """Any that fits: kernel, stride, dilation by axis, padding by side, groups."""
    kernel, stride, dilation = draw(pairs), draw(pairs), draw(pairs)
    padding, groups = (draw(sides), draw(sides)), draw(st.integers(1, 3))
    least = [max(1, d * (k - 1) + 1 - sum(p)) for k, d, p in zip(kernel, dilation, padding, strict=True)]
    size = [n + draw(st.integers(0, 4)) for n in least]
    n, channels, outputs = draw(st.integers(1, 2)), draw(st.integers(1, 2)), draw(st.integers(1, 2))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    return Drawn(
        rng.normal(size=(n, channels * groups, *size)),
        rng.normal(size=(outputs * groups, channels, *kernel)),
        {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups},
        rng,
    )


def window(c: Drawn) -> Window:
    return Window.of(c.weight.shape[2:], c.how["stride"], c.how["padding"], c.how["dilation"])


def close(a: float, b: float, scale: float) -> bool:
    return abs(a - b) <= 1e-12 * max(scale, 1.0)


@given(convolutions())
def test_the_gradients_are_the_adjoints_of_the_forward_map(c: Drawn) -> None:
    """<dY, conv(x, w)> = <grad_input(dY, w), x> = <grad_weight(dY, x), w>, for every dY, x and w."""
    y = convolve(c.x, c.weight, **c.how)
    dy = c.rng.normal(size=y.shape)
    forward = float((dy * y).sum())
    scale = float(np.abs(dy * y).sum()) + float(np.abs(c.x).sum())
    assert close(forward, float((grad_input(dy, c.weight, c.x.shape[2:], **c.how) * c.x).sum()), scale)
    assert close(forward, float((grad_weight(dy, c.x, c.weight.shape[2:], **c.how) * c.weight).sum()), scale)


@settings(max_examples=40)
@given(convolutions())
def test_the_transposed_matrix_is_the_adjoint(c: Drawn) -> None:
    """<y, A x> = <A^T y, x>, with A x the convolution and A^T y its gradient."""
    size = c.x.shape[2:]
    matrix, x = convolution_matrix(c.weight, size, **c.how), c.x[:1]
    y = c.rng.normal(size=convolve(x, c.weight, **c.how).shape)
    np.testing.assert_allclose(matrix @ x.ravel(), convolve(x, c.weight, **c.how).ravel(), atol=1e-11)
    np.testing.assert_allclose(
        matrix.T @ y.ravel(), grad_input(y, c.weight, size, **c.how).ravel(), atol=1e-11
    )


@given(convolutions())
def test_adding_windows_is_the_adjoint_of_taking_them(c: Drawn) -> None:
    seen = windows(c.x, window(c))
    parts = c.rng.normal(size=seen.shape)
    taken, added = (parts * seen).sum(), (add_windows(parts, window(c), c.x.shape[2:]) * c.x).sum()
    assert close(float(taken), float(added), float(np.abs(parts * seen).sum()))


@given(convolutions(), st.floats(-3, 3))
def test_convolution_is_linear_in_image_and_weight(c: Drawn, a: float) -> None:
    other, heavier = c.rng.normal(size=c.x.shape), c.rng.normal(size=c.weight.shape)
    y = convolve(c.x, c.weight, **c.how)
    np.testing.assert_allclose(
        convolve(a * c.x + other, c.weight, **c.how),
        a * y + convolve(other, c.weight, **c.how),
        atol=1e-11,
    )
    np.testing.assert_allclose(
        convolve(c.x, a * c.weight + heavier, **c.how), a * y + convolve(c.x, heavier, **c.how), atol=1e-11
    )


@given(convolutions(), pairs)
def test_a_shift_by_whole_strides_shifts_the_map(c: Drawn, steps: tuple[int, int]) -> None:
    """Without padding: what moves in by so many strides comes out so many positions on."""
    how = c.how | {"padding": 0}
    rows, columns = (n * s for n, s in zip(steps, c.how["stride"], strict=True))
    x = np.pad(c.x, ((0, 0), (0, 0), (8, 8), (8, 8)))
    moved = np.pad(x, ((0, 0), (0, 0), (rows, 0), (columns, 0)))
    y, later = convolve(x, c.weight, **how), convolve(moved, c.weight, **how)
    shifted = later[:, :, steps[0] :, steps[1] :]
    np.testing.assert_allclose(shifted[:, :, : y.shape[2], : y.shape[3]], y, atol=1e-12)


@given(convolutions(), st.booleans())
def test_what_pools_hand_back_is_what_they_were_given(c: Drawn, include: bool) -> None:
    """Pooling without padding divides a gradient and loses none of it."""
    kernel, stride = c.weight.shape[2:], c.how["stride"]
    x = np.pad(c.x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    dy = c.rng.normal(size=average_pool(x, kernel, stride=stride).shape)
    mean = average_pool_backward(dy, x.shape[2:], kernel, stride=stride, count_include_pad=include)
    largest = max_pool_backward(dy, x, kernel, stride=stride)
    for grad in (mean, largest):
        np.testing.assert_allclose(grad.sum(axis=(2, 3)), dy.sum(axis=(2, 3)), atol=1e-11)
    assert (max_pool(x, kernel, stride=stride) >= average_pool(x, kernel, stride=stride) - 1e-12).all()


@given(
    st.integers(1, 60),
    st.integers(1, 7),
    st.integers(1, 4),
    st.tuples(st.integers(0, 4), st.integers(0, 4)),
    st.integers(1, 4),
)
def test_the_last_position_fits_and_one_more_would_not(
    size: int, kernel: int, stride: int, padding: tuple[int, int], dilation: int
) -> None:
    padded, reach = size + sum(padding), dilation * (kernel - 1) + 1
    if reach > padded:
        return
    n = output_size(size, kernel, stride=stride, padding=padding, dilation=dilation)
    assert (n - 1) * stride + reach <= padded < n * stride + reach


chains = st.lists(
    st.builds(AxisWindow, st.integers(1, 5), st.integers(1, 3), st.integers(0, 3), st.integers(1, 3)),
    min_size=1,
    max_size=6,
)


@given(chains, st.integers(0, 20))
def test_a_field_is_the_union_of_the_fields_under_the_last_window(chain: list[AxisWindow], unit: int) -> None:
    """By walking back from a unit, window by window, as in Araujo et al. 2019."""
    low = high = unit
    for w in reversed(chain):
        low = low * w.stride - w.padding  # type: ignore[operator]
        high = high * w.stride - w.padding + w.dilation * (w.kernel - 1)  # type: ignore[operator]
    assert receptive_fields(chain)[-1].pixels(unit) == range(low, high + 1)


@given(st.integers(1, 6), st.integers(1, 8), st.floats(0, 1), st.integers(0, 2**32))
def test_the_gradient_of_the_loss_adds_up_to_nothing_and_leads_down(
    n: int, classes: int, smoothing: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    logits, labels = rng.normal(size=(n, classes)), rng.integers(0, classes, n)
    np.testing.assert_allclose(softmax(logits).sum(axis=1), 1.0)
    grad = cross_entropy_backward(logits, labels, smoothing=smoothing)
    np.testing.assert_allclose(grad.sum(axis=1), 0.0, atol=1e-14)
    # The loss has curvature of at most 1/N along any direction: so short a step never overshoots.
    loss = cross_entropy(logits, labels, smoothing=smoothing)
    assert cross_entropy(logits - grad, labels, smoothing=smoothing) <= loss + 1e-14
