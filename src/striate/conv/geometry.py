"""Where windows fit along one axis: output size, effective kernel, same padding.

Pixels are counted along one axis, H or W; an image is two such axes. Knows nothing about what is done with the
pixels under a window.
"""

from __future__ import annotations

from striate.conv.arguments import whole
from striate.conv.errors import ArgumentOutOfRange, WindowTooLarge

__all__ = ["Ends", "effective_kernel", "ends", "output_size", "same_padding"]

Ends = int | tuple[int, int]
"""Pixels added at both ends of an axis alike, or (before, after)."""


def effective_kernel(kernel: int, dilation: int = 1) -> int:
    """Pixels from the first to the last that a dilated kernel reads.

        d (k - 1) + 1

    A kernel of one pixel stays one, however dilated. Raises ArgumentOutOfRange where either is below 1.

    >>> effective_kernel(3), effective_kernel(3, dilation=2), effective_kernel(1, dilation=9)
    (3, 5, 1)

    Source: Yu & Koltun 2016, "Multi-scale context aggregation by dilated convolutions".
    """
    return whole("dilation", dilation, 1) * (whole("kernel", kernel, 1) - 1) + 1


def output_size(size: int, kernel: int, *, stride: int = 1, padding: Ends = 0, dilation: int = 1) -> int:
    """Positions at which a window of `kernel` pixels lies wholly on a padded axis of `size` pixels.

        floor((H + 2p - d (k - 1) - 1) / s) + 1,  or with p_before + p_after in place of 2p

    Lessons often print floor((H - k) / s) + 1, which is the case p = 0, d = 1. What is left over after the last whole stride,
    up to s - 1 pixels at the far end, is read by no window. Raises ArgumentOutOfRange; WindowTooLarge where there is
    no position at all.

    >>> output_size(224, 7, stride=2, padding=3), output_size(8, 3), output_size(8, 3, dilation=2, padding=2)
    (112, 6, 8)

    Source: Dumoulin & Visin 2016, "A guide to convolution arithmetic for deep learning", relationship 15.
    """
    before, after = ends(padding)
    size, reach = whole("size", size, 0), effective_kernel(kernel, dilation)
    padded = size + before + after
    if padded < reach:
        raise WindowTooLarge(
            "the window fits nowhere",
            got=f"{size} pixels and {before} + {after} of padding",
            expected=f"{reach} pixels or more: the effective kernel {dilation}*({kernel} - 1) + 1",
        )
    return (padded - reach) // whole("stride", stride, 1) + 1


def same_padding(kernel: int, dilation: int = 1) -> tuple[int, int]:
    """The padding (before, after) with which a window at stride 1 has as many positions as there are pixels.

        before + after = d (k - 1),  before = floor(d (k - 1) / 2)

    No symmetric padding does it where d (k - 1) is odd, as for an even kernel without dilation: 2p is even. The odd pixel
    goes behind, as in TensorFlow and torch. A stride s then gives ceil(H / s) positions. Raises ArgumentOutOfRange.

    >>> same_padding(3), same_padding(4), same_padding(2, dilation=2)
    ((1, 1), (1, 2), (1, 1))
    >>> output_size(10, 4, padding=same_padding(4)), output_size(10, 4, padding=1), output_size(10, 4, padding=2)
    (10, 9, 11)
    """
    total = effective_kernel(kernel, dilation) - 1
    return total // 2, total - total // 2


def ends(padding: object) -> tuple[int, int]:
    """One whole number for both ends of an axis, or (before, after); raises ArgumentOutOfRange.

    >>> ends(1), ends((1, 2))
    ((1, 1), (1, 2))
    """
    if not isinstance(padding, tuple | list):
        padding = (padding, padding)
    if len(padding) != 2:
        raise ArgumentOutOfRange(
            "padding does not fit", got=repr(padding), expected="one whole number, or (before, after)"
        )
    return whole("padding", padding[0], 0), whole("padding", padding[1], 0)
