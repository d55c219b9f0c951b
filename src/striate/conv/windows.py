"""All windows of a map as one view, and the adjoint that adds windows back into a map.

Convolution and pooling are what they do with these windows. Knows nothing about weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from striate.conv.arguments import Array, Pair, pair
from striate.conv.errors import ArgumentOutOfRange
from striate.conv.geometry import effective_kernel, ends, output_size

__all__ = ["Padding", "Window", "add_windows", "windows"]

Padding = int | tuple[int, int] | tuple[tuple[int, int], tuple[int, int]]
"""The same on all sides; (rows, columns); or ((above, below), (left, right))."""


@dataclass(frozen=True)
class Window:
    """A window on the plane: kernel (U, V), stride, padding ((above, below), (left, right)) and dilation.

    Offset (u, v) at position (i, j) lies on row i s + u d - p and column j s + v d - p, each with the s, d and p of its axis.
    """

    kernel: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[tuple[int, int], tuple[int, int]]
    dilation: tuple[int, int]

    @classmethod
    def of(cls, kernel: Pair, stride: Pair = 1, padding: Padding = 0, dilation: Pair = 1) -> Window:
        """From what people write; raises ArgumentOutOfRange.

        >>> Window.of(3, stride=(1, 2), padding=1).padding
        ((1, 1), (1, 1))
        """
        return cls(
            pair("kernel", kernel, 1),
            pair("stride", stride, 1),
            _sides(padding),
            pair("dilation", dilation, 1),
        )

    @property
    def extent(self) -> tuple[int, int]:
        """Rows and columns from the first to the last that the window reads."""
        rows, columns = (effective_kernel(k, d) for k, d in zip(self.kernel, self.dilation, strict=True))
        return rows, columns

    def positions(self, size: tuple[int, int]) -> tuple[int, int]:
        """(I, J) on a map of (H, W) pixels; raises WindowTooLarge where there is none."""
        axes = zip(size, self.kernel, self.stride, self.padding, self.dilation, strict=True)
        i, j = (output_size(n, k, stride=s, padding=p, dilation=d) for n, k, s, p, d in axes)
        return i, j

    def padded(self, size: tuple[int, int]) -> tuple[int, int]:
        """(H, W) with the padding."""
        return size[0] + sum(self.padding[0]), size[1] + sum(self.padding[1])

    def inside(self, size: tuple[int, int]) -> tuple[slice, slice]:
        """Where the map of (H, W) pixels lies on the padded one."""
        (above, _), (left, _) = self.padding
        return slice(above, above + size[0]), slice(left, left + size[1])


def _sides(padding: object) -> tuple[tuple[int, int], tuple[int, int]]:
    if not isinstance(padding, tuple | list):
        padding = (padding, padding)
    if len(padding) != 2:
        raise ArgumentOutOfRange(
            "padding does not fit",
            got=repr(padding),
            expected="one whole number, (rows, columns), or ((above, below), (left, right))",
        )
    return ends(padding[0]), ends(padding[1])


def windows(x: Array, window: Window, fill: float = 0.0) -> Array:
    """A read-only view (N, C, I, J, U, V) of x (N, C, H, W), padded with `fill`.

        windows[n, c, i, j, u, v] = x[n, c, i s + u d - p, j s + v d - p],  `fill` outside the map

    Raises WindowTooLarge where the window fits nowhere.

    >>> windows(np.arange(4.0).reshape(1, 1, 1, 4), Window.of((1, 3)))[0, 0, 0]
    array([[[0., 1., 2.]],
    <BLANKLINE>
           [[1., 2., 3.]]])
    """
    window.positions(x.shape[2:])  # the refusal, in the words of this package
    padded = np.pad(x, ((0, 0), (0, 0), *window.padding), constant_values=fill)
    everywhere = sliding_window_view(padded, window.extent, axis=(2, 3))
    (rows, columns), (apart, across) = window.stride, window.dilation
    return everywhere[:, :, ::rows, ::columns, ::apart, ::across]


def add_windows(parts: Array, window: Window, size: tuple[int, int]) -> Array:
    """The adjoint of `windows`: each part (N, C, I, J, U, V) is added where its window lies on a map (N, C, H, W).

        x[n, c, h, w] = sum over the (i, j, u, v) that lie on (h, w) of parts[n, c, i, j, u, v]

    So <parts, windows(x)> = <add_windows(parts), x> for every x. What falls on padding is dropped; pixels under no window
    get 0.
    """
    n, c, i, j = parts.shape[:4]
    padded = np.zeros((n, c, *window.padded(size)))
    for u, v in np.ndindex(*window.kernel):
        rows = _every(u * window.dilation[0], window.stride[0], i)
        columns = _every(v * window.dilation[1], window.stride[1], j)
        padded[:, :, rows, columns] += parts[:, :, :, :, u, v]
    return padded[:, :, *window.inside(size)]


def _every(first: int, step: int, n: int) -> slice:
    """`n` indices from `first` on, `step` apart."""
    return slice(first, first + step * (n - 1) + 1, step)
