"""Convolution as the list of its products: slow, obviously right, and a matrix.

Every product of the forward formula is met once; forward, gradients and the matrix are four ways to add them up. The
oracle for `striate.conv.convolution`, whose arguments are these. Knows nothing about speed.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from striate.conv.arguments import Array, Pair, array, pair, whole
from striate.conv.convolution import WEIGHT, require_groups
from striate.conv.windows import Padding, Window

__all__ = [
    "Product",
    "convolution_matrix",
    "convolve_slowly",
    "grad_input_slowly",
    "grad_weight_slowly",
    "products",
]


class Product(NamedTuple):
    """One w[o, k, u, v] * x[n, c, h, w] of y[n, o, i, j], for every n; k is channel c counted within its group."""

    o: int
    k: int
    u: int
    v: int
    c: int
    h: int
    w: int
    i: int
    j: int


def products(
    weight_shape: tuple[int, ...], size: tuple[int, int], window: Window, groups: int = 1
) -> Iterator[Product]:
    """All products whose pixel is in the image: those with padding are 0 and left out.

    h = i s + u d - p and w = j s + v d - p, each with the numbers of its axis; group of o = floor(o groups / O).

    >>> [(p.u, p.v, p.h, p.w) for p in products((1, 1, 1, 3), (1, 2), Window.of((1, 3), padding=(0, 1)))]
    [(0, 1, 0, 0), (0, 2, 0, 1), (0, 0, 0, 0), (0, 1, 0, 1)]
    """
    outputs, in_group, *kernel = weight_shape
    (above, _), (left, _) = window.padding
    for o, (i, j) in product(range(outputs), np.ndindex(*window.positions(size))):
        for k, (u, v) in product(range(in_group), np.ndindex(*kernel)):
            c = o * groups // outputs * in_group + k
            h = i * window.stride[0] + u * window.dilation[0] - above
            w = j * window.stride[1] + v * window.dilation[1] - left
            if 0 <= h < size[0] and 0 <= w < size[1]:
                yield Product(o, k, u, v, c, h, w, i, j)


def convolve_slowly(x: Array, weight: Array, window: Window, groups: int = 1) -> Array:
    """y[n, o, i, j] += w[o, k, u, v] * x[n, c, h, w], over all products."""
    y = np.zeros((len(x), len(weight), *window.positions(x.shape[2:])))
    for p in products(weight.shape, x.shape[2:], window, groups):
        y[:, p.o, p.i, p.j] += weight[p.o, p.k, p.u, p.v] * x[:, p.c, p.h, p.w]
    return y


def grad_weight_slowly(
    grad_output: Array, x: Array, weight_shape: tuple[int, ...], window: Window, groups: int = 1
) -> Array:
    """dW[o, k, u, v] += dY[n, o, i, j] * x[n, c, h, w], over all products and n."""
    grad = np.zeros(weight_shape)
    for p in products(weight_shape, x.shape[2:], window, groups):
        grad[p.o, p.k, p.u, p.v] += grad_output[:, p.o, p.i, p.j] @ x[:, p.c, p.h, p.w]
    return grad


def grad_input_slowly(
    grad_output: Array, weight: Array, size: tuple[int, int], window: Window, groups: int = 1
) -> Array:
    """dX[n, c, h, w] += dY[n, o, i, j] * w[o, k, u, v], over all products."""
    grad = np.zeros((len(grad_output), weight.shape[1] * groups, *size))
    for p in products(weight.shape, size, window, groups):
        grad[:, p.c, p.h, p.w] += grad_output[:, p.o, p.i, p.j] * weight[p.o, p.k, p.u, p.v]
    return grad


def convolution_matrix(
    weight: ArrayLike,
    size: tuple[int, int],
    *,
    stride: Pair = 1,
    padding: Padding = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> Array:
    """The matrix A (O I J, C H W) with which y = A x, for one image of `size` (H, W) flattened as (C, H, W).

        A[(o, i, j), (c, h, w)] = w[o, k, u, v] of the product that meets them, else 0

    Its transpose takes dL/dY to dL/dX: the adjoint, <y, A x> = <A^T y, x>. A dense layer would fill it with numbers of
    its own; a convolution has O C/groups U V of them, repeated along diagonals, among zeros. It takes 8 bytes for each of its
    O I J C H W numbers: for small images. Raises ShapesDisagree, ArgumentOutOfRange, WindowTooLarge.

    >>> convolution_matrix([[[[1, 2]]]], (1, 4))
    array([[1., 2., 0., 0.],
           [0., 1., 2., 0.],
           [0., 0., 1., 2.]])
    """
    weight = array("weight", weight, WEIGHT)
    channels = weight.shape[1] * whole("groups", groups, 1)
    require_groups(weight.shape, channels, groups)
    window, size = Window.of(weight.shape[2:], stride, padding, dilation), pair("size", size, 0)
    rows, columns = (len(weight), *window.positions(size)), (channels, *size)
    matrix = np.zeros((*rows, *columns))
    for p in products(weight.shape, size, window, groups):
        matrix[p.o, p.i, p.j, p.c, p.h, p.w] = weight[p.o, p.k, p.u, p.v]
    return matrix.reshape(int(np.prod(rows)), int(np.prod(columns)))
