"""Max and average pooling: what survives of a window, and who takes its gradient.

Knows nothing about channels but that each is pooled by itself.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from striate.conv.arguments import Array, Pair, array, pair, require_shape
from striate.conv.errors import WindowTooLarge
from striate.conv.windows import Padding, Window, add_windows, windows

__all__ = [
    "average_pool",
    "average_pool_backward",
    "global_average",
    "global_average_backward",
    "max_pool",
    "max_pool_backward",
]

IMAGE, OUTPUT = "N C H W", "N C I J"
LOWEST = np.finfo(np.float64).min


def max_pool(x: ArrayLike, kernel: Pair, *, stride: Pair | None = None, padding: Padding = 0) -> Array:
    """The largest pixel of each window, (N, C, I, J); windows touch but do not overlap unless a stride is given.

        y[n, c, i, j] = max_{u,v} x[n, c, i s + u - p, j s + v - p]

    Padding never wins: it counts as -infinity, not 0. NaN wins over every number. Raises ShapesDisagree, ArgumentOutOfRange;
    WindowTooLarge also where a window would see only padding.

    >>> line = [[[[0, 0, 1, 0]] * 4]]  # an edge one pixel wide survives, and an average would halve it
    >>> max_pool(line, 2)[0, 0, 0], average_pool(line, 2)[0, 0, 0]
    (array([0., 1.]), array([0. , 0.5]))
    """
    x, window = array("x", x, IMAGE), _window(kernel, stride, padding)
    _pixels_seen(x.shape[2:], window)
    largest: Array = windows(x, window, fill=-np.inf).max(axis=(4, 5))
    return largest


def max_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel: Pair, *, stride: Pair | None = None, padding: Padding = 0
) -> Array:
    """dL/dX (N, C, H, W): all of a window's gradient goes to its largest pixel.

        dX[n, c, h, w] = sum of dY[n, c, i, j] over the windows (i, j) whose largest pixel is (h, w)

    Of pixels that tie, the first in reading order (row by row) takes all of it, as in torch; a pixel that is the largest
    of several windows takes the sum. Raises as `max_pool` does.

    >>> max_pool_backward([[[[6]]]], [[[[2, 2], [1, 2]]]], 2)
    array([[[[6., 0.],
             [0., 0.]]]])
    """
    x, grad_output = array("x", x, IMAGE), array("grad_output", grad_output, OUTPUT)
    window = _window(kernel, stride, padding)
    _pixels_seen(x.shape[2:], window)
    # Padding is less than every pixel, one of -infinity included: it takes no gradient.
    seen = windows(np.maximum(x, LOWEST), window, fill=-np.inf)
    require_shape("grad_output", grad_output, seen.shape[:4], OUTPUT)
    row_by_row = seen.reshape(*seen.shape[:4], -1)
    # argmax takes the first of equals, and the first NaN before all of them.
    first = row_by_row.argmax(axis=-1)[..., None]
    parts = np.zeros(row_by_row.shape)
    np.put_along_axis(parts, first, grad_output[..., None], axis=-1)
    return add_windows(parts.reshape(seen.shape), window, x.shape[2:])


def average_pool(
    x: ArrayLike,
    kernel: Pair,
    *,
    stride: Pair | None = None,
    padding: Padding = 0,
    count_include_pad: bool = True,
) -> Array:
    """The mean of each window, (N, C, I, J).

        y[n, c, i, j] = 1/m sum_{u,v} x[n, c, i s + u - p, j s + v - p],  0 outside the image

    m = U V where `count_include_pad` (torch's name and default), so that zeros dilute the border; else m is the number of
    pixels of the image under the window (i, j). Raises ShapesDisagree, ArgumentOutOfRange; WindowTooLarge also where a window
    would see only padding.

    >>> ones = [[[[1, 1, 1]]]]
    >>> average_pool(ones, (1, 3), stride=1, padding=(0, 1))
    array([[[[0.66666667, 1.        , 0.66666667]]]])
    >>> average_pool(ones, (1, 3), stride=1, padding=(0, 1), count_include_pad=False)
    array([[[[1., 1., 1.]]]])
    """
    x, window = array("x", x, IMAGE), _window(kernel, stride, padding)
    counted = _counted(x.shape[2:], window, count_include_pad)
    mean: Array = windows(x, window).sum(axis=(4, 5)) / counted
    return mean


def average_pool_backward(
    grad_output: ArrayLike,
    size: tuple[int, int],
    kernel: Pair,
    *,
    stride: Pair | None = None,
    padding: Padding = 0,
    count_include_pad: bool = True,
) -> Array:
    """dL/dX (N, C, H, W) for images of `size` (H, W): every pixel of a window takes the same part.

        dX[n, c, h, w] = sum of dY[n, c, i, j] / m over the windows (i, j) on (h, w),  m as in `average_pool`

    Raises as `average_pool` does.

    >>> average_pool_backward([[[[4, 8]]]], (2, 4), 2)[0, 0]
    array([[1., 1., 2., 2.],
           [1., 1., 2., 2.]])
    """
    grad_output, window = array("grad_output", grad_output, OUTPUT), _window(kernel, stride, padding)
    size = pair("size", size, 0)
    counted = _counted(size, window, count_include_pad)
    require_shape("grad_output", grad_output, (*grad_output.shape[:2], *counted.shape), OUTPUT)
    part = (grad_output / counted)[..., None, None]
    return add_windows(np.broadcast_to(part, (*grad_output.shape, *window.kernel)), window, size)


def global_average(x: ArrayLike) -> Array:
    """The mean of each map, (N, C): where it was is forgotten, whatever the size of the image.

        y[n, c] = 1/(H W) sum_{h,w} x[n, c, h, w]

    Raises ShapesDisagree; WindowTooLarge for a map without pixels.

    >>> global_average([[[[1, 2], [3, 6]]]])
    array([[3.]])

    Source: Lin, Chen & Yan 2014, "Network in network".
    """
    x = array("x", x, IMAGE)
    _require_pixels(x.shape[2:])
    mean: Array = x.mean(axis=(2, 3))
    return mean


def global_average_backward(grad_output: ArrayLike, size: tuple[int, int]) -> Array:
    """dL/dX (N, C, H, W) for maps of `size` (H, W).

        dX[n, c, h, w] = dY[n, c] / (H W)

    Raises as `global_average` does.

    >>> global_average_backward([[4]], (2, 2))
    array([[[[1., 1.],
             [1., 1.]]]])
    """
    grad_output = array("grad_output", grad_output, "N C")
    size = pair("size", size, 0)
    _require_pixels(size)
    part = grad_output[:, :, None, None] / (size[0] * size[1])
    return np.broadcast_to(part, (*grad_output.shape, *size)).copy()


def _window(kernel: Pair, stride: Pair | None, padding: Padding) -> Window:
    return Window.of(kernel, kernel if stride is None else stride, padding)


def _pixels_seen(size: tuple[int, int], window: Window) -> Array:
    """How many pixels of the image each window sees, (I, J)."""
    seen: Array = windows(np.ones((1, 1, *size)), window)[0, 0].sum(axis=(2, 3))
    if not seen.all():
        raise WindowTooLarge(
            "a window sees nothing but padding",
            got=f"padding {window.padding} around {size[0]}x{size[1]} pixels, kernel {window.kernel}",
            expected="a pixel of the image under every window",
            next_step="pad by at most half of the kernel",
        )
    return seen


def _counted(size: tuple[int, int], window: Window, include_pad: bool) -> Array:
    """M of each window, (I, J)."""
    seen = _pixels_seen(size, window)
    return np.full_like(seen, window.kernel[0] * window.kernel[1]) if include_pad else seen


def _require_pixels(size: tuple[int, ...]) -> None:
    if 0 in size:
        raise WindowTooLarge("a map without pixels has no mean", got=f"{size[0]}x{size[1]} pixels")
