"""Random transforms of one image (C, H, W), as a loop of one's own would write them, drawn from torch's global generator.

Knows nothing about labels: whether a transform keeps them is for a host to know.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

Transform = Callable[[Tensor], Tensor]


def _draw() -> float:
    return float(torch.rand(()))


def _below(n: int) -> int:
    return int(torch.randint(n, ()))


class Flip:
    """Left and right exchanged, with probability `p`."""

    def __init__(self, p: float = 0.5) -> None:
        self.p = p

    def __call__(self, x: Tensor) -> Tensor:
        return x.flip(2) if _draw() < self.p else x


class VerticalFlip(Flip):
    """Top and bottom exchanged, with probability `p`."""

    def __call__(self, x: Tensor) -> Tensor:
        return x.flip(1) if _draw() < self.p else x


class HalfTurn(Flip):
    """Turned by 180 degrees, with probability `p`."""

    def __call__(self, x: Tensor) -> Tensor:
        return x.flip((1, 2)) if _draw() < self.p else x


class PadCrop:
    """Moved by up to `by` pixels each way; what comes in is the edge repeated."""

    def __init__(self, by: int = 2) -> None:
        self.by = by

    def __call__(self, x: Tensor) -> Tensor:
        h, w = x.shape[1:]
        padded = F.pad(x[None], (self.by,) * 4, mode="replicate")[0]
        top, left = _below(2 * self.by + 1), _below(2 * self.by + 1)
        return padded[:, top : top + h, left : left + w]


class ResizedCrop:
    """A square of an area between `low` and `high` of the image, anywhere, enlarged to its size."""

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    def __call__(self, x: Tensor) -> Tensor:
        h, w = x.shape[1:]
        side = max(2, round((h * w * (self.low + (self.high - self.low) * _draw())) ** 0.5))
        top, left = _below(max(1, h - side + 1)), _below(max(1, w - side + 1))
        cut = x[None, :, top : top + side, left : left + side]
        return F.interpolate(cut, size=(h, w), mode="bilinear", align_corners=False)[0]


class Erase:
    """A square of `share` of the image set to grey, with probability `p`."""

    def __init__(self, p: float = 0.5, share: float = 0.15) -> None:
        self.p, self.share = p, share

    def __call__(self, x: Tensor) -> Tensor:
        if _draw() >= self.p:
            return x
        h, w = x.shape[1:]
        side = max(1, round((h * w * self.share) ** 0.5))
        top, left = _below(h - side + 1), _below(w - side + 1)
        x = x.clone()
        x[:, top : top + side, left : left + side] = 0.5
        return x


class Brightness:
    """All pixels times one factor within 1 +- `by`."""

    def __init__(self, by: float = 0.2) -> None:
        self.by = by

    def __call__(self, x: Tensor) -> Tensor:
        return x * (1 + self.by * (2 * _draw() - 1))


class Noise:
    """Gaussian noise added."""

    def __init__(self, std: float = 0.05) -> None:
        self.std = std

    def __call__(self, x: Tensor) -> Tensor:
        return x + self.std * torch.randn_like(x)
