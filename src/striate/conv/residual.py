"""The residual sum: a way around a branch, along which the gradient passes unchanged.

Knows nothing about what the branch does.
"""

from __future__ import annotations

from numpy.typing import ArrayLike

from striate.conv.arguments import Array, array, require_alike

__all__ = ["residual", "residual_backward"]


def residual(x: ArrayLike, branch: ArrayLike) -> Array:
    """What went in and what the branch F made of it, added; a branch that gives 0 leaves the identity.

        y = x + F(x)

    Both have the same shape: nothing is broadcast. Where F changes the shape, x goes through a 1x1 convolution first. Raises
    ShapesDisagree.

    >>> residual([1, 2], [10, 0])
    array([11.,  2.])

    Source: He et al. 2016, "Deep residual learning for image recognition", equation 1.
    """
    x, branch = array("x", x), array("branch", branch)
    require_alike("branch", branch, "x", x.shape)
    return x + branch


def residual_backward(grad_output: ArrayLike) -> tuple[Array, Array]:
    """The same gradient twice: for x, beside the branch, and for what the branch gave.

        dL/dx = dL/dy + J_F^T dL/dy: the first part is the first result; the second comes out of the branch

    However small J_F is, the first part arrives. The two results are copies: changing one leaves the other.

    >>> residual_backward([3, 5])
    (array([3., 5.]), array([3., 5.]))
    """
    grad_output = array("grad_output", grad_output)
    return grad_output.copy(), grad_output.copy()
