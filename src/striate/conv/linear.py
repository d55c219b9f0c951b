"""The dense layer and its gradients: each output weighs every input by itself.

Knows nothing about where its inputs lay in an image.
"""

from __future__ import annotations

from numpy.typing import ArrayLike

from striate.conv.arguments import Array, array, require_shape

__all__ = ["linear", "linear_backward"]


def linear(x: ArrayLike, weight: ArrayLike, bias: ArrayLike | None = None) -> Array:
    """The map y (N, O) of x (N, C) under a weight (O, C) and a bias (O,).

        y[n, o] = b[o] + sum_c w[o, c] x[n, c]

    A convolution whose kernel is as large as the image is this layer. Raises ShapesDisagree.

    >>> linear([[1, 2]], [[3, 4], [0, 1]], [10, 0])
    array([[21.,  2.]])
    """
    x, weight = _operands(x, weight)
    y = x @ weight.T
    if bias is None:
        return y
    bias = array("bias", bias, "O")
    require_shape("bias", bias, weight.shape[:1], "O")
    return y + bias


def linear_backward(grad_output: ArrayLike, x: ArrayLike, weight: ArrayLike) -> tuple[Array, Array, Array]:
    """dL/dx (N, C), dL/dW (O, C) and dL/db (O,) from dL/dy (N, O).

        dx[n, c] = sum_o dy[n, o] w[o, c],  dW[o, c] = sum_n dy[n, o] x[n, c],  db[o] = sum_n dy[n, o]

    Raises ShapesDisagree.

    >>> linear_backward([[1, 0]], [[1, 2]], [[3, 4], [0, 1]])
    (array([[3., 4.]]), array([[1., 2.],
           [0., 0.]]), array([1., 0.]))
    """
    x, weight = _operands(x, weight)
    grad_output = array("grad_output", grad_output, "N O")
    require_shape("grad_output", grad_output, (len(x), len(weight)), "N O")
    return grad_output @ weight, grad_output.T @ x, grad_output.sum(axis=0)


def _operands(x: ArrayLike, weight: ArrayLike) -> tuple[Array, Array]:
    x, weight = array("x", x, "N C"), array("weight", weight, "O C")
    require_shape("weight", weight, (len(weight), x.shape[1]), "O C")
    return x, weight
