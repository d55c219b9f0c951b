"""Convolution and its three gradients, as the index formulas say them.

What networks call convolution is cross-correlation: the kernel is not flipped. It is flipped on the way back, in
`grad_input`. Knows nothing about training.

Each product w[o, c, u, v] * x[n, c, h, w] is met by all four functions: forward sums it over (c, u, v); the
gradients put dY in the place of one factor and sum over what that factor lacks. `striate.conv.products` lists the same
products one by one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from striate.conv.arguments import Array, Pair, array, pair, require_shape, whole
from striate.conv.errors import ShapesDisagree
from striate.conv.windows import Padding, Window, windows

__all__ = ["convolve", "grad_bias", "grad_input", "grad_weight", "require_groups", "turned"]

IMAGE, WEIGHT, OUTPUT = "N C H W", "O C/groups U V", "N O I J"


def convolve(
    x: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    *,
    stride: Pair = 1,
    padding: Padding = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> Array:
    """The map y (N, O, I, J) of images x (N, C, H, W) under a weight (O, C/groups, U, V) and a bias (O,).

        y[n, o, i, j] = b[o] + sum_{c,u,v} w[o, c, u, v] x[n, c, i s + u d - p, j s + v d - p]

    With groups, output o of group g sees only the channels of group g: c counts from g C/groups on. Outside the image x is 0.
    I and J are `output_size` of H and W; padding may differ on all sides: ((above, below), (left, right)). Raises
    ShapesDisagree, ArgumentOutOfRange, WindowTooLarge.

    >>> convolve([[[[1, 2, 4, 8]]]], [[[[-1, 1]]]])  # differences: not flipped, or they would be negative
    array([[[[1., 2., 4.]]]])

    Source: Goodfellow, Bengio & Courville 2016, "Deep Learning", equation 9.6.
    """
    x, weight = array("x", x, IMAGE), array("weight", weight, WEIGHT)
    window = Window.of(weight.shape[2:], stride, padding, dilation)
    require_groups(weight.shape, x.shape[1], groups)
    in_group, out_of_group = np.split(windows(x, window), groups, axis=1), np.split(weight, groups)
    y = np.concatenate(
        [_einsum("ncijuv,ocuv->noij", *both) for both in zip(in_group, out_of_group, strict=True)], axis=1
    )
    if bias is None:
        return y
    bias = array("bias", bias, "O")
    require_shape("bias", bias, y.shape[1:2], "O")
    return y + bias[:, None, None]


def grad_weight(
    grad_output: ArrayLike,
    x: ArrayLike,
    kernel: Pair,
    *,
    stride: Pair = 1,
    padding: Padding = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> Array:
    """dL/dW (O, C/groups, U, V) from dL/dY (N, O, I, J) and the images x that went in.

        dW[o, c, u, v] = sum_{n,i,j} dY[n, o, i, j] x[n, c, i s + u d - p, j s + v d - p]

    The correlation of x with dY: u now counts positions and i offsets, so stride and dilation have changed places. Raises
    ShapesDisagree, ArgumentOutOfRange, WindowTooLarge.

    >>> grad_weight([[[[1, 1, 1]]]], [[[[1, 2, 4, 8]]]], kernel=(1, 2))
    array([[[[ 7., 14.]]]])
    """
    x, grad_output = array("x", x, IMAGE), array("grad_output", grad_output, OUTPUT)
    window = Window.of(kernel, stride, padding, dilation)
    channels = grad_output.shape[1]
    require_groups((channels, x.shape[1] // whole("groups", groups, 1)), x.shape[1], groups)
    expected = (len(x), channels, *window.positions(x.shape[2:]))
    require_shape("grad_output", grad_output, expected, OUTPUT)
    in_group = np.split(windows(x, window), groups, axis=1)
    out_of_group = np.split(grad_output, groups, axis=1)
    return np.concatenate(
        [_einsum("noij,ncijuv->ocuv", *both) for both in zip(out_of_group, in_group, strict=True)]
    )


def grad_bias(grad_output: ArrayLike) -> Array:
    """dL/db (O,) from dL/dY (N, O, I, J).

        db[o] = sum_{n,i,j} dY[n, o, i, j]

    >>> grad_bias([[[[1, 2, 3]]]])
    array([6.])
    """
    total: Array = array("grad_output", grad_output, OUTPUT).sum(axis=(0, 2, 3))
    return total


def grad_input(
    grad_output: ArrayLike,
    weight: ArrayLike,
    size: tuple[int, int],
    *,
    stride: Pair = 1,
    padding: Padding = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> Array:
    """dL/dX (N, C, H, W) from dL/dY (N, O, I, J), for images of `size` (H, W).

        dX[n, c, h, w] = sum over the (o, i, u) with i s + u d - p = h, and (j, v) likewise, of dY[n, o, i, j] w[o, c, u, v]

    As a convolution: s - 1 zeros between the rows and columns of dY, then the full convolution (padding d (k - 1)) at
    stride 1 with the weight `turned`, less what fell on padding. Pixels under no window get 0. Raises ShapesDisagree,
    ArgumentOutOfRange, WindowTooLarge.

    >>> dy, w = [[[[1, 1]]]], np.array([[[[1, 2, 3]]]])
    >>> grad_input(dy, w, (1, 4))
    array([[[[1., 3., 5., 3.]]]])

    "The gradient is the full convolution of dY with flipped W" is this at stride 1, and at stride 1 only. At stride 2 the
    sentence gives another gradient, and not even one of the right size:

    >>> convolve(dy, turned(w), padding=(0, 2))
    array([[[[1., 3., 5., 3.]]]])
    >>> grad_input(dy, w, (1, 5), stride=(1, 2))
    array([[[[1., 2., 4., 2., 3.]]]])

    Source: Dumoulin & Visin 2016, "A guide to convolution arithmetic for deep learning", relationships 13 and 14.
    """
    weight, grad_output = array("weight", weight, WEIGHT), array("grad_output", grad_output, OUTPUT)
    window = Window.of(weight.shape[2:], stride, padding, dilation)
    require_groups(weight.shape, weight.shape[1] * whole("groups", groups, 1), groups)
    size = pair("size", size, 0)
    expected = (len(grad_output), len(weight), *window.positions(size))
    require_shape("grad_output", grad_output, expected, OUTPUT)
    full = (window.extent[0] - 1, window.extent[1] - 1)
    spread = _insert_zeros(grad_output, window, size)
    # The gradient at the padded images; what padding received is nobody's.
    at_padded = convolve(spread, turned(weight, groups), padding=full, dilation=dilation, groups=groups)
    return at_padded[:, :, *window.inside(size)]


def _insert_zeros(grad_output: Array, window: Window, size: tuple[int, int]) -> Array:
    """DY with row i on row i s, and so many rows that the window has as many positions at stride 1; columns alike."""
    rows, columns = (
        padded - reach + 1 for padded, reach in zip(window.padded(size), window.extent, strict=True)
    )
    spread = np.zeros((*grad_output.shape[:2], rows, columns))
    spread[:, :, :: window.stride[0], :: window.stride[1]] = grad_output
    return spread


def turned(weight: Array, groups: int = 1) -> Array:
    """The weight of the way back, (C, O/groups, U, V): offsets flipped, channels swapped within each group.

        turned[c, o, u, v] = w[o, c, U-1-u, V-1-v]

    Turned twice it is the weight again.

    >>> turned(np.arange(6.0).reshape(2, 1, 1, 3))
    array([[[[2., 1., 0.]],
    <BLANKLINE>
            [[5., 4., 3.]]]])
    """
    parts = [part.swapaxes(0, 1)[:, :, ::-1, ::-1] for part in np.split(weight, groups)]
    return np.concatenate(parts)


def require_groups(weight_shape: tuple[int, ...], channels: int, groups: int) -> None:
    """Raises unless a weight (O, C/groups, ...) fits so many channels: ArgumentOutOfRange, ShapesDisagree."""
    outputs, taken = weight_shape[:2]
    whole("groups", groups, 1)
    if channels % groups or outputs % groups:
        raise ShapesDisagree(
            "groups do not divide the channels",
            got=f"{groups} groups, {channels} channels in, {outputs} out",
            expected="a number of groups that divides both",
        )
    if taken * groups != channels:
        raise ShapesDisagree(
            "the weight is for another number of channels",
            got=f"{channels} channels in {groups} groups",
            expected=f"{taken} channels for each group, as axis 1 of the weight says",
        )


def _einsum(formula: str, first: Array, second: Array) -> Array:
    # optimize: as a product of matrices, where the machine is fast.
    product: Array = np.einsum(formula, first, second, optimize=True)
    return product
