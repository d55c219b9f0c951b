"""Small networks with a known answer, and awkward ones that observers have to cope with."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import torch
import torch.nn.functional as F
from torch import Tensor, nn

NoTrace = Callable[..., AbstractContextManager[None]]


class Awkward(nn.Module):
    """Layers that return tuples and dicts, work in place, run twice; dropout and batch norm; some weights frozen."""

    def __init__(self, classes: int = 4) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.norm = nn.BatchNorm2d(8)
        self.relu = nn.ReLU(inplace=True)
        self.split = Split()
        self.drop = nn.Dropout(0.5)
        self.conv = nn.Conv2d(8, 8, 3, stride=2, padding=1)
        self.head = nn.Linear(8, classes)
        self.stem.bias.requires_grad_(False)  # type: ignore[union-attr]

    def forward(self, x: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        x = self.relu(self.norm(self.stem(x)))
        parts, named = self.split(x)
        x = torch.cat([*parts, named["rest"]], dim=1)
        x = self.relu(self.conv(self.drop(x)))
        logits = self.head(F.adaptive_avg_pool2d(x, 1).flatten(1))
        return logits, {"features": x}


class Split(nn.Module):
    """(N, 8, H, W) -> ((N, 2, ...), (N, 2, ...)), {"rest": (N, 4, ...)}."""

    def forward(self, x: Tensor) -> tuple[tuple[Tensor, Tensor], dict[str, Tensor]]:
        a, b, rest = x.split([2, 2, 4], dim=1)
        return (a, b), {"rest": rest}


def awkward(training: bool = True) -> Awkward:
    """In training mode, with gradients lying about and a mode that differs within."""
    torch.manual_seed(0)
    net = Awkward()
    net(torch.randn(4, 3, 8, 8))[0].sum().backward()
    net.train(training)
    net.drop.train(not training)
    return net


def pictures(n: int = 3, channels: int = 3, side: int = 8, seed: int = 1) -> Tensor:
    """Noise (N, C, side, side), the same every time."""
    return torch.randn(n, channels, side, side, generator=torch.Generator().manual_seed(seed))
