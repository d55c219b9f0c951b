"""What can go wrong with an equation of the lesson, each with its page in docs/errors.

Knows nothing about the equations.
"""

from __future__ import annotations

from striate.core.errors import UsageError

__all__ = ["ArgumentOutOfRange", "ShapesDisagree", "WindowTooLarge"]


class ArgumentOutOfRange(UsageError):
    """A number given to an operation is outside what it can be.

    Cause: a stride of 0, a negative padding, a fraction where whole numbers are counted, a share above 1, groups that do not
    divide the channels, a label that is no class.

    Cure: the error says the range. A pair of numbers is (rows, columns).
    """

    slug = "argument-out-of-range"


class ShapesDisagree(UsageError):
    """An array has another shape than the formula needs, or holds no real numbers.

    Cause: axes in another order (channels last, say), an image without its batch axis, the weight of another layer, a
    gradient of another map than the one that was computed.

    Cure: the error says the axes and how long each has to be. Images are (N, C, H, W): `x.transpose(0, 3, 1, 2)` puts
    channels that come last where they belong, `x[None]` makes a batch of one image.
    """

    slug = "shapes-disagree"


class WindowTooLarge(UsageError):
    """The window fits nowhere, or somewhere it would see nothing but padding.

    Cause: a map that shrank below the effective kernel d(k - 1) + 1; or more padding than half a pooling window, whose maximum
    or mean over no pixel is no number.

    Cure: a smaller kernel or dilation, a larger image, fewer layers that shrink it, or another padding.
    """

    slug = "window-too-large"
