"""Pieces that the architectures are built from: layers as the knobs say, heads, initialisations.

Knows nothing about any one architecture.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from benchmarks.clinic.plan import Knobs, Norm

Layers = list[nn.Module]


class Builder:
    """Layers as the knobs say, with the norm and activation that an architecture has by itself."""

    def __init__(self, knobs: Knobs, norm: Norm, activation: Callable[[], nn.Module] = nn.ReLU) -> None:
        self.knobs, self.kind = knobs, knobs.norm or norm
        self.activation = knobs.activation or activation

    def wide(self, channels: int) -> int:
        """Channels after the knob for width."""
        return max(self.knobs.least, round(channels * self.knobs.width))

    def norm(self, channels: int) -> Layers:
        """A normalisation layer, or none."""
        if self.kind == "batch":
            return [nn.BatchNorm2d(channels, momentum=self.knobs.momentum)]
        if self.kind == "group":
            return [nn.GroupNorm(4 if channels % 4 == 0 else 1, channels)]
        return []

    def conv(self, i: int, o: int, k: int = 3, stride: int = 1, groups: int = 1) -> Layers:
        """Convolution, norm, activation."""
        layer = nn.Conv2d(i, o, k, stride, k // 2, groups=groups, bias=self.kind == "none")
        return [layer, *self.norm(o), self.activation()]

    def front(self, i: int) -> tuple[Layers, int]:
        """What the knob for the stem puts before all else."""
        stem = {"": 0, "large": 1, "larger": 2}[self.knobs.stem]
        layers: Layers = []
        for _ in range(stem):
            o = self.wide(16)
            layers += [*self.conv(i, o, 7, 2), nn.MaxPool2d(3, 2, 1)]
            i = o
        return layers, i

    def extra(self, channels: int) -> Layers:
        """Layers without skips that the knob adds."""
        return [layer for _ in range(self.knobs.extra) for layer in self.conv(channels, channels)]

    def dropout(self, usual: float) -> Layers:
        """Dropout of a head, or none."""
        rate = usual if self.knobs.dropout is None else self.knobs.dropout
        return [nn.Dropout(rate)] if rate else []


def pool() -> nn.Module:
    """Halves a map, and leaves one of a single position as it is."""
    return nn.MaxPool2d(2, ceil_mode=True)


def pooled_head(channels: int, classes: int) -> Layers:
    """Global average pooling and one linear layer."""
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes)]


def flat_length(body: Layers, size: int, channels: int) -> int:
    """Values that come out of the layers for one image."""
    with torch.no_grad():
        return int(nn.Sequential(*body).eval()(torch.zeros(1, channels, size, size)).numel())


def first_channels(body: Layers) -> int:
    """Input channels of the first convolution."""
    return next(layer.in_channels for layer in body if isinstance(layer, nn.Conv2d))


def he(net: nn.Module) -> nn.Module:
    """He's initialisation for every convolution and linear layer, biases 0."""
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    return net


def xavier(net: nn.Module) -> nn.Module:
    """Glorot's initialisation for every convolution and linear layer, biases 0."""
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    return net
