"""Outputs of steps that wait to be read, and where what they say goes.

Knows nothing about when to read, or about the network.
"""

from __future__ import annotations

import math

import torch

from striate.observe.epoch_points import EpochPoints
from striate.observe.non_finite import NonFiniteWatch
from striate.observe.outputs_watch import OutputsWatch, Pending, read_outputs
from striate.observe.process_memory import process_memory
from striate.observe.step_columns import StepColumns

__all__ = ["StepReader"]

# Batches whose outputs are looked at closely, with dL/dz: the first ones, then one now and then.
CHECKS, FIRST, THEN_EVERY = 48, 12, 64
# Of them without a gradient (before the first backward pass was heard).
CHECKS_WITHOUT = 8


class StepReader:
    """What waits, and the parts it is read into."""

    def __init__(self) -> None:
        self.points, self.columns = EpochPoints(), StepColumns()
        self.outputs, self.non_finite = OutputsWatch(), NonFiniteWatch()
        self._train: list[tuple[Pending, torch.Tensor | None]] = []
        self._val: list[Pending] = []
        self._rates: dict[int, float] = {}
        self._close = 0

    def __len__(self) -> int:
        return len(self._train)

    @property
    def val_waiting(self) -> int:
        """Validation batches that wait."""
        return len(self._val)

    def train(self, pending: Pending, input_sum: torch.Tensor | None) -> None:
        """A training batch; `input_sum` is not finite where an image is not."""
        self._train.append((pending, input_sum))

    def val(self, pending: Pending) -> None:
        """A validation batch."""
        self._val.append(pending)

    def rate(self, step: int, lr: float) -> None:
        """The learning rate of a step."""
        self._rates[step] = lr

    def keep_gradient(self, pending: Pending, gradient: torch.Tensor) -> None:
        """dL/dz of a batch, which is perhaps one to look at closely."""
        pending.gradient = gradient.detach()
        if pending.step <= FIRST or (pending.step % THEN_EVERY < 2 and self._close < CHECKS):
            self._close += 1
            pending.closely = True

    def read(self) -> None:
        """Read the training batches that wait."""
        waiting, self._train = self._train, []
        for read, (pending, total) in zip(read_outputs([p for p, _ in waiting]), waiting, strict=True):
            lr = self._rates.get(read.step)
            self.non_finite.take(read, lr=lr, input_finite=total is None or math.isfinite(float(total)))
            self.points.train.add(read)
            if read.n:
                self.columns.put(read.step, loss=read.loss, accuracy=read.hits / read.n)
            if lr is not None:
                self.columns.put(read.step, lr=lr)
            if pending.closely or self.outputs.checked < CHECKS_WITHOUT:
                self.outputs.check(pending)
        if waiting:
            last = waiting[-1][0]
            self.columns.put(last.step, memory=process_memory(last.logits.device))
            self._rates = {step: lr for step, lr in self._rates.items() if step >= last.step}

    def read_val(self) -> None:
        """Read the validation batches that wait."""
        waiting, self._val = self._val, []
        for read in read_outputs(waiting):
            self.points.val.add(read)
