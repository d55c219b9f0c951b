"""Networks that make observing hard: dropout, batch norm, work in place, functions for modules, odd outputs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["NETWORKS", "Functional", "batch", "conv_net", "trained_step"]


def batch(
    n: int = 24, channels: int = 3, size: int = 8, classes: int = 4, seed: int = 0
) -> tuple[Tensor, Tensor]:
    drawn = torch.Generator().manual_seed(seed)
    return torch.randn(n, channels, size, size, generator=drawn), torch.arange(n) % classes


def conv_net(norm: bool = True, dropout: float = 0.3, seed: int = 0) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1),
        nn.BatchNorm2d(8) if norm else nn.Identity(),
        nn.ReLU(inplace=True),
        nn.Dropout2d(dropout),
        nn.Conv2d(8, 8, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Dropout(dropout),
        nn.Linear(8, 4),
    )


class Functional(nn.Module):
    """Functions instead of modules, a skip, and a dictionary for an output."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.first, self.second, self.head = (
            nn.Conv2d(3, 8, 3),
            nn.Conv2d(8, 8, 3, padding=1),
            nn.Linear(8, 4),
        )

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        x = F.relu(self.first(x), inplace=True)
        x = x + torch.relu(self.second(x))
        x = F.dropout(x, 0.2, self.training).clamp(min=0)
        if x.shape[-1] > 2:
            x = F.max_pool2d(x, 2)
        return {"features": x, "logits": self.head(x.mean((2, 3)))}


@dataclass
class Output:
    loss: Tensor | None
    logits: Tensor


class _Odd(nn.Module):
    """Shared, frozen and unused parameters; group norm; a dataclass for an output."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.stem, self.norm = nn.Conv2d(3, 8, 3, padding=1), nn.GroupNorm(2, 8)
        self.mix = nn.Conv2d(8, 8, 1)
        self.again = self.mix
        self.unused = nn.Linear(3, 3)
        self.head = nn.Linear(8, 4)
        self.stem.weight.requires_grad_(False)

    def forward(self, x: Tensor) -> Output:
        x = torch.tanh(self.norm(self.stem(x)))
        x = self.again(F.gelu(self.mix(x)))
        return Output(None, self.head(x.mean((2, 3))))


def _channels_last() -> nn.Module:
    return conv_net().to(memory_format=torch.channels_last)


def _frozen_norm() -> nn.Module:
    net = conv_net().train()
    net[1].eval()
    return net


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "batch norm, dropout, in place": conv_net,
    "functions and a dictionary": Functional,
    "shared, frozen, unused": _Odd,
    "channels last": _channels_last,
    "frozen batch norm": _frozen_norm,
    "eval mode": lambda: conv_net().eval(),
}


def trained_step(model: nn.Module, optimizer: torch.optim.Optimizer, images: Tensor, targets: Tensor) -> None:
    """Gradients of the mean cross-entropy, without the step."""
    out = model(images)
    scores = out if isinstance(out, Tensor) else out["logits"] if isinstance(out, dict) else out.logits
    optimizer.zero_grad()
    F.cross_entropy(scores, targets).backward()
