"""Scores of classes in whatever a network returns, and their cross-entropy.

What is not a score of classes gives None, never a guess. Knows nothing about networks or loops.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["Scored", "logits_of", "mean_loss", "scored"]

NAMES = ("logits", "out", "output")
"""What libraries call the scores: Hugging Face, torchvision's segmenters, and what people write."""


class Scored(NamedTuple):
    """Sum of cross-entropies in nats, right answers, images."""

    loss: float
    hits: int
    n: int


def logits_of(output: Any) -> Tensor | None:
    """The scores in what a network returned, None where there are none.

    A tensor is itself; a mapping or an object (a dataclass, a named tuple) has them under one of `NAMES`, else, and in a
    tuple or list, they are the narrowest (N, K): features beside scores are wider.

    >>> logits_of({"loss": None, "logits": torch.zeros(2, 10)}).shape
    torch.Size([2, 10])
    """
    if isinstance(output, Tensor):
        return output
    for name in NAMES:
        found = output.get(name) if isinstance(output, Mapping) else getattr(output, name, None)
        if isinstance(found, Tensor):
            return found
    if isinstance(output, Mapping):
        output = tuple(output.values())
    if isinstance(output, tuple | list):
        return _narrowest([part for part in output if isinstance(part, Tensor)])
    return None


def _narrowest(tensors: Sequence[Tensor]) -> Tensor | None:
    """Of several tensors the (N, K) with the fewest columns, K > 1: features beside scores are wider. The first of equals, or of none such."""
    scores = [t for t in tensors if t.dim() == 2 and t.shape[1] > 1 and t.is_floating_point()]
    return min(scores, key=lambda t: t.shape[1]) if scores else next(iter(tensors), None)


def mean_loss(logits: Tensor, targets: Tensor | None) -> Tensor | None:
    """Mean cross-entropy with its graph; None where outputs and targets do not go together.

    logits: (N, K) with K > 1. targets: (N,) or (N, 1) classes in [0, K), or (N, K) shares. In float32 at least.
    """
    wanted = _targets(logits, targets)
    precise = logits if logits.dtype == torch.float64 else logits.float()
    return None if wanted is None else F.cross_entropy(precise, wanted)


def scored(logits: Tensor | None, targets: Tensor | None) -> Scored | None:
    """Cross-entropy and hits of a batch, in float64; None where outputs and targets do not go together.

    The difference of two losses a small step apart is then not lost in rounding. With shares as targets a hit is the largest of them.
    """
    wanted = None if logits is None else _targets(logits, targets)
    if logits is None or wanted is None:
        return None
    z, y = logits.detach().cpu().double(), wanted.detach().cpu()
    y = y.double() if y.is_floating_point() else y
    classes = y.argmax(1) if y.dim() == 2 else y
    loss = F.cross_entropy(z, y, reduction="sum")
    return Scored(float(loss), int((z.argmax(1) == classes).sum()), len(z))


def _targets(logits: Tensor, targets: Tensor | None) -> Tensor | None:
    """As `F.cross_entropy` takes them. Classes out of range are refused here: on a GPU they would end the process."""
    if targets is None or logits.dim() != 2 or logits.shape[1] < 2 or len(targets) != len(logits):
        return None
    targets = targets.detach().to(logits.device)
    if targets.shape == logits.shape:
        return targets.to(logits.dtype if logits.dtype == torch.float64 else torch.float32)
    if targets.numel() != len(logits) or not targets.numel() or targets.is_floating_point():
        return None
    classes = targets.reshape(-1).long()
    inside = (classes >= 0) & (classes < logits.shape[1])
    return classes if bool(inside.all()) else None
