"""The architectures of the clinic, small, each with the same knobs that a fault may turn.

Tuning hosts use `plain tanh conv-bn resnet flatten conv-gn deep-bn`; reporting hosts `lenet separable vgg preact strided patches deep-gn`. Knows
nothing about data, and nothing about which knob is a fault.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.clinic.layers import (
    Builder,
    Layers,
    first_channels,
    flat_length,
    he,
    pool,
    pooled_head,
    xavier,
)
from benchmarks.clinic.plan import Knobs, Norm


def plain(i: int, classes: int, _size: int, knobs: Knobs) -> nn.Module:
    """Four convolutions without any norm."""
    b = Builder(knobs, "none")
    front, i = b.front(i)
    a, c = b.wide(24), b.wide(48)
    body = [*b.conv(i, a), *b.conv(a, a), pool(), *b.conv(a, c), *b.conv(c, c), *b.extra(c)]
    return he(nn.Sequential(*front, *body, *pooled_head(c, classes)))


def tanh(i: int, classes: int, size: int, knobs: Knobs) -> nn.Module:
    """Three convolutions with tanh and a hidden layer, as nets were in the nineties."""
    b = Builder(knobs, "none", nn.Tanh)
    front, i = b.front(i)
    a, c = b.wide(16), b.wide(32)
    body = [*front, *b.conv(i, a), pool(), *b.conv(a, c), *b.conv(c, c), *b.extra(c), nn.Flatten()]
    n = flat_length(body, size, first_channels(body))
    net = nn.Sequential(*body, nn.Linear(n, b.wide(48)), b.activation(), nn.Linear(b.wide(48), classes))
    return xavier(net)


def conv_bn(i: int, classes: int, _size: int, knobs: Knobs) -> nn.Module:
    """Five convolutions with batch norm."""
    b = Builder(knobs, "batch")
    front, i = b.front(i)
    a, c, d = b.wide(16), b.wide(32), b.wide(48)
    body = [*b.conv(i, a), *b.conv(a, a), pool(), *b.conv(a, c), *b.conv(c, c), pool(), *b.conv(c, d)]
    return nn.Sequential(*front, *body, *b.extra(d), *pooled_head(d, classes))


class Residual(nn.Module):
    """Two convolutions beside a shortcut; norm after each convolution, activation after the sum."""

    def __init__(self, b: Builder, i: int, o: int, stride: int) -> None:
        super().__init__()
        self.branch = nn.Sequential(
            *b.conv(i, o, 3, stride), nn.Conv2d(o, o, 3, padding=1, bias=b.kind == "none"), *b.norm(o)
        )
        same = stride == 1 and i == o
        self.shortcut = nn.Identity() if same else nn.Conv2d(i, o, 1, stride, bias=False)
        self.activation = b.activation()

    def forward(self, x: Tensor) -> Tensor:
        return self.activation(self.branch(x) + self.shortcut(x))


def resnet(i: int, classes: int, _size: int, knobs: Knobs) -> nn.Module:
    """Three residual blocks."""
    b = Builder(knobs, "batch")
    front, i = b.front(i)
    a, c = b.wide(16), b.wide(32)
    body = [*b.conv(i, a), pool(), Residual(b, a, a, 1), Residual(b, a, c, 2), Residual(b, c, c, 1)]
    return nn.Sequential(*front, *body, *b.extra(c), *pooled_head(c, classes))


def flatten(i: int, classes: int, size: int, knobs: Knobs) -> nn.Module:
    """Convolve, pool, convolve, pool, flatten, two linear layers with dropout between."""
    b = Builder(knobs, "none")
    front, i = b.front(i)
    a, c, h = b.wide(24), b.wide(48), b.wide(96)
    body = [*front, *b.conv(i, a), pool(), *b.conv(a, c), pool(), *b.extra(c), nn.Flatten()]
    n = flat_length(body, size, first_channels(body))
    head = [nn.Linear(n, h), b.activation(), *b.dropout(0.3), nn.Linear(h, classes)]
    return he(nn.Sequential(*body, *head))


def conv_gn(i: int, classes: int, _size: int, knobs: Knobs) -> nn.Module:
    """Four convolutions with group norm, the first of 5x5."""
    b = Builder(knobs, "group")
    front, i = b.front(i)
    a, c = b.wide(16), b.wide(32)
    body = [*b.conv(i, a, 5), pool(), *b.conv(a, c), *b.conv(c, c), pool(), *b.conv(c, c), *b.extra(c)]
    return nn.Sequential(*front, *body, *pooled_head(c, classes))


def deep_bn(i: int, classes: int, _size: int, knobs: Knobs) -> nn.Module:
    """Ten convolutions in a row with batch norm and no shortcut."""
    b = Builder(knobs, "batch")
    front, i = b.front(i)
    a, c = b.wide(16), b.wide(24)
    body = [*front, *b.conv(i, a), *b.conv(a, a), *b.conv(a, a), pool()]
    for n in range(7):
        body += b.conv(a if n == 0 else c, c)
    return nn.Sequential(*body, *b.extra(c), *pooled_head(c, classes))


class LeNet(nn.Module):
    """5x5 convolutions, average pools, functional activations, two linear layers."""

    def __init__(self, i: int, classes: int, size: int, knobs: Knobs) -> None:
        super().__init__()
        b = Builder(knobs, "none")
        front, i = b.front(i)
        self.front = nn.Sequential(*front)
        self.conv1 = nn.Conv2d(i, b.wide(8), 5, padding=2)
        self.conv2 = nn.Conv2d(b.wide(8), b.wide(24), 5, padding=2)
        self.extra = nn.Sequential(*b.extra(b.wide(24)))
        self.act = knobs.activation() if knobs.activation else None
        width = size
        for layer in front:
            width = (width + 1) // 2 if isinstance(layer, nn.Conv2d | nn.MaxPool2d) else width
        width = (width + 3) // 4  # two pools, each rounding up
        self.fc1 = nn.Linear(b.wide(24) * width**2, b.wide(64))
        self.fc2 = nn.Linear(b.wide(64), classes)
        he(self)

    def _active(self, x: Tensor) -> Tensor:
        return F.relu(x) if self.act is None else self.act(x)

    def forward(self, x: Tensor) -> Tensor:
        x = self.front(x)
        x = F.avg_pool2d(self._active(self.conv1(x)), 2, ceil_mode=True)
        x = F.avg_pool2d(self._active(self.conv2(x)), 2, ceil_mode=True)
        x = self.extra(x).flatten(1)
        return self.fc2(self._active(self.fc1(x)))


def separable(i: int, classes: int, _size: int, knobs: Knobs) -> nn.Module:
    """Depthwise 3x3 and pointwise 1x1 in turn, batch norm after each."""
    b = Builder(knobs, "batch")
    front, i = b.front(i)
    a, c, d = b.wide(16), b.wide(32), b.wide(64)
    body = [*front, *b.conv(i, a, 3, 2)]
    for x, o, stride in ((a, c, 1), (c, c, 1), (c, d, 2), (d, d, 1)):
        body += [*b.conv(x, x, 3, stride, groups=x), *b.conv(x, o, 1)]
    return nn.Sequential(*body, *b.extra(d), *pooled_head(d, classes))


def vgg(i: int, classes: int, _size: int, knobs: Knobs) -> nn.Module:
    """Six convolutions in three stages with batch norm, a hidden layer with dropout."""
    b = Builder(knobs, "batch")
    front, i = b.front(i)
    widths = [b.wide(w) for w in (16, 32, 48)]
    body = front
    for o in widths:
        body = [*body, *b.conv(i, o), *b.conv(o, o), pool()]
        i = o
    body = [*body, *b.extra(i), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return nn.Sequential(
        *body, nn.Linear(i, b.wide(64)), b.activation(), *b.dropout(0.2), nn.Linear(b.wide(64), classes)
    )


class PreActivation(nn.Module):
    """Norm and activation before each convolution; the sum stays as it is."""

    def __init__(self, b: Builder, i: int, o: int, stride: int) -> None:
        super().__init__()
        bias = b.kind == "none"
        self.norm1, self.act1 = nn.Sequential(*b.norm(i)), b.activation()
        self.conv1 = nn.Conv2d(i, o, 3, stride, 1, bias=bias)
        self.norm2, self.act2 = nn.Sequential(*b.norm(o)), b.activation()
        self.conv2 = nn.Conv2d(o, o, 3, 1, 1, bias=bias)
        self.skip = nn.Conv2d(i, o, 1, stride, bias=False) if stride > 1 or i != o else None

    def forward(self, x: Tensor) -> Tensor:
        y = self.act1(self.norm1(x))
        skip = x if self.skip is None else self.skip(y)
        return skip + self.conv2(self.act2(self.norm2(self.conv1(y))))


def preact(i: int, classes: int, _size: int, knobs: Knobs) -> nn.Module:
    """Four residual blocks of the pre-activation kind."""
    b = Builder(knobs, "batch")
    front, i = b.front(i)
    a, c, d = b.wide(12), b.wide(24), b.wide(40)
    blocks = [PreActivation(b, a, a, 1), PreActivation(b, a, c, 2), PreActivation(b, c, c, 1)]
    body = [nn.Conv2d(i, a, 3, padding=1), *blocks, PreActivation(b, c, d, 2), *b.norm(d), b.activation()]
    return nn.Sequential(*front, *body, *b.extra(d), *pooled_head(d, classes))


def strided(i: int, classes: int, size: int, knobs: Knobs) -> nn.Module:
    """Convolutions that halve the map by their stride, leaky activations, no norm, a flat head."""
    b = Builder(knobs, "none", lambda: nn.LeakyReLU(0.1))
    front, i = b.front(i)
    a, c, d = b.wide(16), b.wide(32), b.wide(32)
    body = [*front, *b.conv(i, a), *b.conv(a, c, 3, 2), *b.conv(c, d, 3, 2), *b.conv(d, d, 3, 2)]
    body += [*b.extra(d), nn.Flatten()]
    n = flat_length(body, size, first_channels(body))
    return he(nn.Sequential(*body, nn.Linear(n, b.wide(48)), b.activation(), nn.Linear(b.wide(48), classes)))


def patches(i: int, classes: int, _size: int, knobs: Knobs) -> nn.Module:
    """A patch layer of stride 2, then large depthwise kernels with GELU, group norm and shortcuts (after ConvNeXt)."""
    b = Builder(knobs, "group", nn.GELU)
    front, i = b.front(i)
    c = b.wide(32)
    body = [*front, nn.Conv2d(i, c, 2, 2), *b.norm(c), Inverted(b, c), Inverted(b, c), pool(), Inverted(b, c)]
    return nn.Sequential(*body, *b.extra(c), *pooled_head(c, classes))


class Inverted(nn.Module):
    """Depthwise 5x5, norm, wide 1x1, activation, 1x1 back, added to the input."""

    def __init__(self, b: Builder, c: int) -> None:
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(c, c, 5, padding=2, groups=c),
            *b.norm(c),
            nn.Conv2d(c, 2 * c, 1),
            b.activation(),
            nn.Conv2d(2 * c, c, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.branch(x)


def deep_gn(i: int, classes: int, _size: int, knobs: Knobs) -> nn.Module:
    """Nine convolutions in a row with group norm and SiLU."""
    b = Builder(knobs, "group", nn.SiLU)
    front, i = b.front(i)
    a, c = b.wide(12), b.wide(24)
    body = [*front, *b.conv(i, a), *b.conv(a, a), pool(), *b.conv(a, c), *b.conv(c, c), *b.conv(c, c), pool()]
    for _ in range(4):
        body += b.conv(c, c)
    return nn.Sequential(*body, *b.extra(c), *pooled_head(c, classes))


def narrow_view(i: int, classes: int, knobs: Knobs, norm: Norm, channels: int = 32) -> nn.Module:
    """As many 3x3 layers as give the receptive field of the knob, then 1x1 layers, then the global average."""
    b = Builder(knobs, norm)
    body: Layers = []
    for _ in range((knobs.field - 1) // 2):
        body += b.conv(i, channels)
        i = channels
    body += [*b.conv(i, channels, 1), *b.conv(channels, channels, 1)]
    return he(nn.Sequential(*body, *pooled_head(channels, classes)))


NETWORKS: dict[str, tuple[Callable[[int, int, int, Knobs], nn.Module], Norm]] = {
    "plain": (plain, "none"),
    "tanh": (tanh, "none"),
    "conv-bn": (conv_bn, "batch"),
    "resnet": (resnet, "batch"),
    "flatten": (flatten, "none"),
    "conv-gn": (conv_gn, "group"),
    "deep-bn": (deep_bn, "batch"),
    "lenet": (LeNet, "none"),
    "separable": (separable, "batch"),
    "vgg": (vgg, "batch"),
    "preact": (preact, "batch"),
    "strided": (strided, "none"),
    "patches": (patches, "group"),
    "deep-gn": (deep_gn, "group"),
}


def build(name: str, channels: int, classes: int, size: int, knobs: Knobs) -> nn.Module:
    """A network by its name, as the knobs say."""
    make, norm = NETWORKS[name]
    if knobs.field:
        return narrow_view(channels, classes, knobs, norm)
    return make(channels, classes, size, knobs)
