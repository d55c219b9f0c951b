"""Small loops that people write, to be watched: each takes a doctor or None, and trains the same either way.

Knows nothing about what is seen.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

import striate

__all__ = ["blobs", "loaders", "net", "train"]

K = 4


def blobs(n: int = 256, *, seed: int = 0) -> TensorDataset:
    """Images (1, 8, 8) of `K` classes: a bright quadrant in noise."""
    generator = torch.Generator().manual_seed(seed)
    y = torch.randint(0, K, (n,), generator=generator)
    x = torch.randn(n, 1, 8, 8, generator=generator) * 0.7
    for i, label in enumerate(y.tolist()):
        top, left = 4 * (label // 2), 4 * (label % 2)
        x[i, :, top : top + 4, left : left + 4] += 1.0
    return TensorDataset(x, y)


def loaders(batch: int = 32, **more: Any) -> tuple[DataLoader[Any], DataLoader[Any]]:
    """A shuffled one and one in order."""
    return DataLoader(blobs(), batch, shuffle=True, **more), DataLoader(blobs(128, seed=1), 64)


def net(*, dropout: float = 0.3) -> nn.Sequential:
    """Two convolutions with batch norm, dropout, a linear head."""
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(inplace=True),
        nn.Conv2d(8, 8, 3, padding=1, stride=2),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Flatten(),
        nn.Linear(8 * 16, K),
    )


def train(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    train_loader: Any,
    val_loader: Any,
    doc: striate.verbs.attach.Doctor | None = None,
    *,
    epochs: int = 3,
    accumulate: int = 1,
    amp: torch.dtype | None = None,
    scaler: torch.amp.GradScaler | None = None,
    call: nn.Module | None = None,
    each: Callable[[int], None] = lambda step: None,
) -> float:
    """The plain loop; returns the last validation accuracy. `call` is what is called instead of `model` (compiled, wrapped)."""
    called = model if call is None else call
    if doc is not None:
        train_loader, val_loader = doc.watch(train_loader), doc.watch(val_loader, "val")
    torch.manual_seed(1)
    right = step = 0
    for _ in range(epochs):
        called.train()
        for i, (x, y) in enumerate(train_loader):
            with torch.autocast("cpu", dtype=amp) if amp else nullcontext():
                loss = F.cross_entropy(called(x), y) / accumulate
            (scaler.scale(loss) if scaler else loss).backward()
            if (i + 1) % accumulate == 0:
                if scaler:
                    scaler.step(optimizer)
                    scaler.update()
                else:
                    optimizer.step()
                optimizer.zero_grad()
            step += 1
            each(step)
        called.eval()
        with torch.no_grad():
            right = sum(int((called(x).argmax(1) == y).sum()) for x, y in val_loader)
    return right / len(val_loader.dataset)
