"""Small networks put together at random from everything that moves, joins or mixes positions; a seed names each.

Knows nothing about receptive fields.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Doing", "random_network"]


class Doing(nn.Module):
    """A function as a layer, with what it needs."""

    def __init__(self, what: str, function: Callable[..., Tensor], *parts: nn.Module) -> None:
        super().__init__()
        self.what, self.function = what, function
        self.parts = nn.ModuleList(parts)

    def extra_repr(self) -> str:
        return self.what

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x, *self.parts)


def random_network(seed: int, layers: int = 6, size: int = 24) -> nn.Sequential:
    """`layers` random layers that take (N, 4, `size`, `size`); evaluation mode, float32."""
    draw = random.Random(seed)
    torch.manual_seed(seed)
    net = nn.Sequential().eval()
    x = torch.zeros(1, 4, size, size)
    while len(net) < layers:
        layer = draw.choice(_LAYERS)(draw, x.shape[1]).eval()
        try:
            with torch.no_grad():
                y = layer(x)
        except (RuntimeError, ValueError):
            continue  # a window larger than the map: draw another
        if y.numel() and max(y.shape[2:]) <= 2 * size and y.shape[1] <= 32:
            net.append(layer)
            x = y
    return net


def _conv(draw: random.Random, c: int) -> nn.Module:
    groups = draw.choice([g for g in (1, 1, 2, c) if c % g == 0])
    pair = lambda low, high: (draw.randint(low, high), draw.randint(low, high))
    return nn.Conv2d(
        c, groups * draw.randint(1, 3), pair(1, 4), pair(1, 2), pair(0, 2), pair(1, 2), groups=groups,
        padding_mode=draw.choice(["zeros", "zeros", "reflect", "replicate", "circular"]),
    )  # fmt: skip


def _same(draw: random.Random, c: int) -> nn.Module:
    return nn.Conv2d(c, c, draw.randint(1, 5), padding="same", dilation=draw.randint(1, 2))


def _transposed(draw: random.Random, c: int) -> nn.Module:
    s = draw.randint(1, 3)
    return nn.ConvTranspose2d(
        c, c, draw.randint(1, 4), s, draw.randint(0, 1), draw.randint(0, s - 1), dilation=draw.randint(1, 2)
    )


def _pool(draw: random.Random, c: int) -> nn.Module:
    k = draw.randint(1, 3)
    if draw.random() < 0.5:
        return nn.MaxPool2d(
            k, draw.randint(1, 3), draw.randint(0, k // 2), draw.randint(1, 2), ceil_mode=True
        )
    return nn.AvgPool2d((k, draw.randint(1, 3)), draw.randint(1, 2), ceil_mode=draw.random() < 0.5)


def _adaptive(draw: random.Random, c: int) -> nn.Module:
    kind = draw.choice([nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d])
    return kind((draw.randint(2, 9), draw.choice([None, 4, 7])))


def _sum(draw: random.Random, c: int) -> nn.Module:
    a = nn.Conv2d(c, c, 3, padding=draw.randint(0, 2))
    b = nn.Conv2d(c, c, (3, 5), padding=(draw.randint(0, 1), 1), dilation=(1, draw.randint(1, 2)))

    def f(x: Tensor, a: nn.Module, b: nn.Module) -> Tensor:
        p, q = a(x), b(x)
        h, w = min(p.shape[2], q.shape[2]), min(p.shape[3], q.shape[3])
        return p[:, :, :h, :w] + q[:, :, -h:, -w:]

    return Doing("sum of branches cut to one size", f, a, b)


def _joined(draw: random.Random, c: int) -> nn.Module:
    a, b = nn.Conv2d(c, 2, 3, padding=1), nn.Conv2d(c, 3, 5, padding=2, padding_mode="reflect")
    keep = draw.random() < 0.5
    f = lambda x, a, b: torch.cat([a(x), x, b(x)] if keep else [a(x), b(x)], dim=1)
    return Doing("concatenation", f, a, b)


def _residual(draw: random.Random, c: int) -> nn.Module:
    def f(x: Tensor, a: nn.Module, n: nn.Module) -> Tensor:
        y = F.relu(n(a(x)), inplace=True)
        y += x
        return y

    return Doing("residual, in place", f, nn.Conv2d(c, c, 3, padding=1), nn.BatchNorm2d(c))


def _excited(draw: random.Random, c: int) -> nn.Module:
    f = lambda x, a: x * torch.sigmoid(a(x.mean((2, 3), keepdim=True)))
    return Doing("squeeze and excite", f, nn.Conv2d(c, c, 1))


def _strip(draw: random.Random, c: int) -> nn.Module:
    return Doing("strip pooling", lambda x: x + x.mean(3, keepdim=True))


def _resampled(draw: random.Random, c: int) -> nn.Module:
    # Nearest only: torch multiplies a neighbour by zero where other kernels do not need it, and NaN times zero is NaN.
    factor = draw.choice([2, 3, 0.5])
    return Doing(f"nearest x {factor}", lambda x: F.interpolate(x, scale_factor=factor, mode="nearest"))


def _shuffled(draw: random.Random, c: int) -> nn.Module:
    if draw.random() < 0.5:
        return nn.Sequential(nn.Conv2d(c, 4 * c, 1), nn.PixelShuffle(2))
    return nn.Sequential(nn.PixelUnshuffle(2), nn.Conv2d(4 * c, c, 1))


def _padded(draw: random.Random, c: int) -> nn.Module:
    pads = [draw.randint(0, 2) for _ in range(4)]
    mode = draw.choice(["constant", "reflect", "replicate"])
    if mode == "constant":
        pads[draw.randrange(4)] = -1
    return Doing(f"pad {pads} {mode}", lambda x: F.pad(x, pads, mode=mode))


def _moved(draw: random.Random, c: int) -> nn.Module:
    by, start = draw.randint(-3, 3), draw.randint(0, 1)
    return draw.choice(
        [
            Doing("flip", lambda x: x.flip(3)),
            Doing(f"roll {by}", lambda x: x.roll((by, 1), (2, 3))),
            Doing("transpose", lambda x: x.transpose(2, 3)),
            Doing(f"every second row from {start}", lambda x: x[:, :, start::2]),
            Doing("channels rolled", lambda x: x.roll(1, 1)),
        ]
    )


def _normed(draw: random.Random, c: int) -> nn.Module:
    kind = draw.randrange(3)
    if kind == 0:
        return nn.InstanceNorm2d(c)
    if kind == 1:
        return nn.GroupNorm(c, c)
    f = lambda x, n: n(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
    return Doing("layer norm over channels", f, nn.LayerNorm(c))


def _chunked(draw: random.Random, c: int) -> nn.Module:
    if c % 2:
        return nn.ReLU()

    def f(x: Tensor, a: nn.Module) -> Tensor:
        kept, worked = x.chunk(2, dim=1)
        y = torch.cat((kept, a(worked)), dim=1)
        n, c, h, w = y.shape
        return y.view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w)

    return Doing("split, work, shuffle", f, nn.Conv2d(c // 2, c // 2, 3, padding=1))


def _written(draw: random.Random, c: int) -> nn.Module:
    def rows(x: Tensor) -> Tensor:
        y = x.clone()
        y[:, :, 1:-1] = x[:, :, 2:]
        return y

    def channel(x: Tensor) -> Tensor:
        y = torch.zeros_like(x)
        y[:, 0] = x[:, -1]
        y[:, 1:, ::2] = x[:, 1:, ::2]
        return y

    return Doing("written into", draw.choice([rows, channel]))


def _unfolded(draw: random.Random, c: int) -> nn.Module:
    def f(x: Tensor) -> Tensor:
        n, c, h, w = x.shape
        return F.unfold(x, 3, padding=1).view(n, c, 9, h, w).amax(2)

    return Doing("unfold and maximum", f)


_LAYERS = [
    _conv, _conv, _conv, _same, _transposed, _pool, _pool, _adaptive, _sum, _joined, _residual, _excited, _strip,
    _resampled, _shuffled, _padded, _moved, _normed, _chunked, _written, _unfolded,
]  # fmt: skip
