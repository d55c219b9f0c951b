"""An exponential moving average of the weights: a smoother network for one copy.

    a_t = d_t a_(t-1) + (1 - d_t) w_t,   d_t = min(decay, (1 + t) / (10 + t))

The growing d_t keeps the random start out of the average (the rule of TensorFlow's ExponentialMovingAverage).
Buffers (batch norm's running statistics) are copied, not averaged. Knows nothing about files or schedules.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch
from torch import nn

__all__ = ["AveragedWeights"]


class AveragedWeights:
    """The average of `model`'s parameters; `update` after each optimiser step."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.model, self.decay, self.updates = model, decay, 0
        self.average = [p.detach().clone() for p in model.parameters()]

    @torch.no_grad()
    def update(self) -> None:
        """Move the average towards the weights by 1 - d_t."""
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        torch._foreach_lerp_(self.average, [p.detach() for p in self.model.parameters()], 1.0 - decay)

    @contextlib.contextmanager
    def applied(self) -> Iterator[None]:
        """Inside, the model computes with the average; the weights come back on leaving."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    @torch.no_grad()
    def _swap(self) -> None:
        for parameter, average in zip(self.model.parameters(), self.average, strict=True):
            parameter.data, average.data = average.data, parameter.data
