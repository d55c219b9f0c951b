"""Blocks of striate's own networks: conv-norm-act, and the basic residual block.

Knows nothing about whole networks, images or training. Shapes: (N, C, H, W) in, (N, O, H', W') out, with
H' = ceil(H / stride). Every non-linearity is a module of its own and never works in place, so that a hook
on it sees its input and its output.
"""

from __future__ import annotations

import math
from typing import Literal

import torch.nn.functional as F
from torch import Tensor, nn

__all__ = [
    "ACTIVATIONS",
    "NORMS",
    "BasicBlock",
    "ConvBlock",
    "PadShortcut",
    "activation_layer",
    "conv3x3",
    "dropout_layer",
    "he_init",
    "norm_layer",
]

ACTIVATIONS: dict[str, type[nn.Module]] = {"relu": nn.ReLU, "gelu": nn.GELU, "silu": nn.SiLU}
NORMS = ("batch", "group", "none")


def activation_layer(name: str) -> nn.Module:
    """A fresh non-linearity: relu, gelu (exact, by erf) or silu."""
    return ACTIVATIONS[name]()


def norm_layer(name: str, channels: int) -> nn.Module:
    """A fresh normalisation over `channels`: batch, group or none (identity).

    Group norm takes 32 groups (Wu & He 2018, table 3), fewer where a group would hold under 4 channels: with 16
    channels 32 groups are impossible and 16 would be instance norm, which forgets how strongly a channel fires.
    """
    if name == "batch":
        return nn.BatchNorm2d(channels)
    if name == "group":
        return nn.GroupNorm(math.gcd(channels, min(32, max(1, channels // 4))), channels)
    return nn.Identity()


def dropout_layer(share: float) -> nn.Module:
    """Dropout of `share` of the features; the identity where it is 0."""
    return nn.Dropout(share) if share > 0 else nn.Identity()


def conv3x3(channels: int, out_channels: int, *, stride: int = 1, norm: str = "batch") -> nn.Conv2d:
    """3x3, padding 1. With a norm behind it a bias would be subtracted again, so there is one only without."""
    return nn.Conv2d(channels, out_channels, 3, stride, 1, bias=norm == "none")


def he_init(network: nn.Module) -> None:
    """Draw every convolution from N(0, 2 / (O k k)); biases to 0. Norms keep gain 1, shift 0.

    He et al. 2015, "Delving deep into rectifiers", eq. 14 (fan-out, so that the variance of the backward signal is
    kept); the factor 2 is exact for relu and near enough for gelu and silu.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)


class ConvBlock(nn.Module):
    """pool(act(norm(conv3x3(x)))): the lesson's building block. `pool` halves the map, or is left out."""

    def __init__(
        self, channels: int, out_channels: int, *, stride: int, pool: bool, activation: str, norm: str
    ) -> None:
        super().__init__()
        self.conv = conv3x3(channels, out_channels, stride=stride, norm=norm)
        self.norm = norm_layer(norm, out_channels)
        self.act = activation_layer(activation)
        self.pool = nn.MaxPool2d(2) if pool else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, O, H', W')."""
        return self.pool(self.act(self.norm(self.conv(x))))


class PadShortcut(nn.Module):
    """Option A of He et al.: every stride-th pixel, new channels zero. No parameters.

    The zero channels are split evenly before and after the old ones, as in the public CIFAR weights that this
    network loads; the paper leaves their place open.
    """

    def __init__(self, channels: int, out_channels: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.before = (out_channels - channels) // 2
        self.after = out_channels - channels - self.before

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, O, ceil(H / stride), ceil(W / stride))."""
        return F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.before, self.after))


class BasicBlock(nn.Module):
    """act(norm(conv(act(norm(conv(x))))) + shortcut(x)), He et al. 2016, fig. 2 and eq. 1-2.

    The shortcut is the identity where shapes agree; else option "A" (PadShortcut) or "B" (1x1 convolution and
    norm). `skip=False` leaves the shortcut out: the plain net of the paper, with option A of equal parameter count.
    """

    def __init__(
        self,
        channels: int,
        out_channels: int,
        *,
        stride: int = 1,
        option: Literal["A", "B"] = "A",
        skip: bool = True,
        activation: str = "relu",
        norm: str = "batch",
    ) -> None:
        super().__init__()
        self.conv1 = conv3x3(channels, out_channels, stride=stride, norm=norm)
        self.bn1 = norm_layer(norm, out_channels)
        self.act1 = activation_layer(activation)
        self.conv2 = conv3x3(out_channels, out_channels, norm=norm)
        self.bn2 = norm_layer(norm, out_channels)
        self.skip = skip
        self.downsample: nn.Module | None = None
        if skip and (stride != 1 or channels != out_channels):
            self.downsample = _shortcut(channels, out_channels, stride, option, norm)
        self.act2 = activation_layer(activation)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, O, ceil(H / stride), ceil(W / stride))."""
        out: Tensor = self.bn2(self.conv2(self.act1(self.bn1(self.conv1(x)))))
        if self.skip:
            out = out + (x if self.downsample is None else self.downsample(x))
        return self.act2(out)


def _shortcut(channels: int, out_channels: int, stride: int, option: str, norm: str) -> nn.Module:
    if option == "A":
        return PadShortcut(channels, out_channels, stride)
    project = nn.Conv2d(channels, out_channels, 1, stride, bias=norm == "none")
    return nn.Sequential(project, norm_layer(norm, out_channels))
