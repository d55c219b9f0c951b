"""Training loops as six people would write them: they differ in where gradients are zeroed, when schedules step, how accuracy is counted.

Every loop reads the plan for what it does and has no striate in it but the lines of `doc`. Knows nothing about faults.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.clinic.plan import Plan


@dataclass
class Bench:
    """A run that is set up: what every loop works with, and what it counted."""

    plan: Plan
    model: nn.Module
    optimizer: torch.optim.Optimizer
    schedule: Any
    by_batch: bool
    train: Any
    val: Any
    doc: Any
    averaged: Any = None
    step: int = 0
    truth: list[float] = field(default_factory=list)
    """Share of val that was right at each epoch, counted properly, in the mode and on the images that the loop used."""
    _right: int = 0
    _n: int = 0

    def loss(self, logits: Tensor, y: Tensor) -> Tensor:
        """The loss that is minimised."""
        if self.plan.loss is not None:
            return self.plan.loss(logits, y)
        return F.cross_entropy(logits, y, label_smoothing=self.plan.smoothing)

    def mixed(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """The batch after mixing, if any."""
        return self.plan.mix(x, y, self.plan.classes) if self.plan.mix else (x, y)

    def apply(self) -> None:
        """One optimiser step with clipping, averaging and the schedule if that goes by steps."""
        plan = self.plan
        self.step += 1
        self._burst(plan)
        if plan.clip is not None:
            nn.utils.clip_grad_norm_(self.model.parameters(), plan.clip)
        plan.parts.step(self.optimizer)
        if self.averaged is not None:
            self.averaged.update_parameters(self.model)
        if self.by_batch and self.schedule is not None:
            self.schedule.step()

    def _burst(self, plan: Plan) -> None:
        if plan.burst is None:
            return
        first, last, factor = plan.burst
        if self.step in (first, last + 1):
            for group in self.optimizer.param_groups:
                group["lr"] *= factor if self.step == first else 1 / factor

    def end_epoch(self) -> None:
        """The schedule, if that goes by epochs."""
        if not self.by_batch and self.schedule is not None:
            self.schedule.step()

    @property
    def judged(self) -> nn.Module:
        """The network that validation uses."""
        return self.model if self.averaged is None else self.averaged

    def honest(self, logits: Tensor, y: Tensor) -> None:
        """Counts right answers of validation for the record."""
        self._right += int((logits.argmax(1) == y).sum())
        self._n += len(y)

    def close(self) -> None:
        """Ends the count of one validation."""
        self.truth.append(self._right / max(1, self._n))
        self._right = self._n = 0


def tidy(b: Bench) -> None:
    """Functions for both halves; zeroed before the forward pass; sums over images."""

    def train_one_epoch(epoch: int) -> float:
        b.plan.parts.train_mode(b.model, epoch)
        total = n = 0.0
        for x, y in b.doc.watch(b.train):
            x, y = b.mixed(x, y)
            b.plan.parts.zero(b.optimizer, b.step)
            loss = b.loss(b.model(x), y)
            loss.backward()
            b.apply()
            total, n = total + float(loss.detach()) * len(x), n + len(x)
        return total / n

    for epoch in range(1, b.plan.epochs + 1):
        train_loss = train_one_epoch(epoch)
        val_loss, accuracy = evaluate(b)
        b.end_epoch()
        b.doc.log(epoch=epoch, train_loss=train_loss, val_loss=val_loss, val_accuracy=accuracy)


@torch.no_grad()
def evaluate(b: Bench) -> tuple[float, float]:
    """Loss and accuracy on val, as the loop's own metric has it."""
    b.plan.parts.eval_mode(b.judged)
    total = right = n = seen = 0.0
    for x, y in b.doc.watch(b.val, "val"):
        logits = b.judged(x)
        b.honest(logits, y)
        total, seen = total + float(F.cross_entropy(logits, y, reduction="sum")), seen + len(y)
        hits, count = b.plan.parts.count(logits, y)
        right, n = right + hits, n + count
    b.close()
    return total / seen, right / max(1.0, n)


def afterwards(b: Bench) -> None:
    """Zeroed after the step; batch losses averaged; validation within the same function."""
    for epoch in range(1, b.plan.epochs + 1):
        b.plan.parts.train_mode(b.model, epoch)
        losses = []
        for images, labels in b.doc.watch(b.train):
            images, labels = b.mixed(images, labels)
            outputs = b.model(images)
            loss = b.loss(outputs, labels)
            loss.backward()
            b.apply()
            b.plan.parts.zero(b.optimizer, b.step)
            losses.append(loss.item())
        b.end_epoch()
        b.plan.parts.eval_mode(b.judged)
        correct = count = 0.0
        with torch.no_grad():
            for images, labels in b.doc.watch(b.val, "val"):
                outputs = b.judged(images)
                b.honest(outputs, labels)
                hits, n = b.plan.parts.count(outputs, labels)
                correct, count = correct + hits, count + n
        b.close()
        b.doc.log(
            epoch=epoch, train_loss=sum(losses) / max(1, len(losses)), val_accuracy=correct / max(1.0, count)
        )


def between(b: Bench) -> None:
    """Zeroed between the forward and the backward pass; loss logged at every step; `inference_mode` for validation."""
    plan, doc = b.plan, b.doc
    for epoch in range(1, plan.epochs + 1):
        plan.parts.train_mode(b.model, epoch)
        for inputs, targets in doc.watch(b.train):
            inputs, targets = b.mixed(inputs, targets)
            scores = b.model(inputs)
            objective = b.loss(scores, targets)
            plan.parts.zero(b.optimizer, b.step)
            objective.backward()
            b.apply()
            doc.log(loss=float(objective.detach()))
        b.end_epoch()
        plan.parts.eval_mode(b.judged)
        tally = [0.0, 0.0]
        with torch.inference_mode():
            for inputs, targets in doc.watch(b.val, "val"):
                scores = b.judged(inputs)
                b.honest(scores, targets)
                hits, n = plan.parts.count(scores, targets)
                tally = [tally[0] + hits, tally[1] + n]
        b.close()
        doc.log(epoch=epoch, val_accuracy=tally[0] / max(1.0, tally[1]))


def accumulating(b: Bench) -> None:
    """Gradients of several small batches for each step, the loss divided by their number."""
    k = b.plan.accumulate
    for epoch in range(1, b.plan.epochs + 1):
        b.plan.parts.train_mode(b.model, epoch)
        b.plan.parts.zero(b.optimizer, b.step)
        train_loss, batches = 0.0, 0
        for x, y in b.doc.watch(b.train):
            x, y = b.mixed(x, y)
            loss = b.loss(b.model(x), y) / k
            loss.backward()
            train_loss, batches = train_loss + float(loss.detach()) * k, batches + 1
            if batches % k == 0:
                b.apply()
                b.plan.parts.zero(b.optimizer, b.step)
        val_loss, accuracy = evaluate(b)
        b.end_epoch()
        b.doc.log(epoch=epoch, train_loss=train_loss / batches, val_loss=val_loss, val_accuracy=accuracy)


def phases(b: Bench) -> None:
    """One loop over both phases with `set_grad_enabled`, after PyTorch's transfer-learning tutorial."""
    plan = b.plan
    for epoch in range(1, plan.epochs + 1):
        for phase in ("train", "val"):
            if phase == "train":
                plan.parts.train_mode(b.model, epoch)
            else:
                plan.parts.eval_mode(b.judged)
            running_loss = running_right = running_n = 0.0
            loader = b.train if phase == "train" else b.val
            for x, y in b.doc.watch(loader, phase):
                if phase == "train":
                    x, y = b.mixed(x, y)
                    plan.parts.zero(b.optimizer, b.step)
                with torch.set_grad_enabled(phase == "train"):
                    outputs = b.model(x) if phase == "train" else b.judged(x)
                    loss = b.loss(outputs, y)
                    if phase == "train":
                        loss.backward()
                        b.apply()
                running_loss += loss.item() * x.size(0)
                if phase == "val":
                    b.honest(outputs, y)
                    hits, n = plan.parts.count(outputs, y)
                    running_right, running_n = running_right + hits, running_n + n
            if phase == "train":
                b.end_epoch()
        b.close()
        b.doc.log(epoch=epoch, val_accuracy=running_right / max(1.0, running_n))


class Trainer:
    """The same as a class with methods, as many code bases have it."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench

    def training_step(self, batch: Any) -> float:
        b = self.bench
        x, y = b.mixed(*batch)
        loss = b.loss(b.model(x), y)
        loss.backward()
        b.apply()
        b.plan.parts.zero(b.optimizer, b.step)
        return loss.item()

    def fit(self) -> None:
        b = self.bench
        for epoch in range(1, b.plan.epochs + 1):
            b.plan.parts.train_mode(b.model, epoch)
            mean = 0.0
            for i, batch in enumerate(b.doc.watch(b.train), 1):
                mean += (self.training_step(batch) - mean) / i
            val_loss, accuracy = evaluate(b)
            b.end_epoch()
            b.doc.log(epoch=epoch, train_loss=mean, val_loss=val_loss, val_accuracy=accuracy)


def trainer(b: Bench) -> None:
    """`Trainer`, run."""
    Trainer(b).fit()


LOOPS: dict[str, Callable[[Bench], None]] = {
    "tidy": tidy,
    "afterwards": afterwards,
    "between": between,
    "accumulating": accumulating,
    "phases": phases,
    "trainer": trainer,
}
