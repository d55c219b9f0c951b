"""Looks at the network beside its loop: paid from a budget, unheard by hooks.

Knows nothing about when a look is due, or about the loop.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from striate.core.inside_records import NetworkSeen
from striate.observe.autocast_state import AutocastState
from striate.observe.budget import Budget
from striate.observe.calling import as_called
from striate.observe.clean_images import LEAST, CleanImages
from striate.observe.epoch_points import EpochPoints
from striate.observe.inside import InsideWatch
from striate.observe.network_seen import network_seen
from striate.observe.shadow import is_holder
from striate.observe.shield import Shield

__all__ = ["Looks", "called_with"]


def called_with(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[torch.Tensor | None, str]:
    """The first tensor that a network was called with, and its name where it has one."""
    for value in args:
        if isinstance(value, torch.Tensor):
            return value, ""
    return next(((v, name) for name, v in kwargs.items() if isinstance(v, torch.Tensor)), (None, ""))


class Looks:
    """What calls the network on its own account."""

    def __init__(
        self, model: nn.Module, optimizers: Sequence[torch.optim.Optimizer], shield: Shield, budget: Budget
    ) -> None:
        self.inside, self.clean = InsideWatch(model, optimizers), CleanImages()
        self.network: NetworkSeen | None = None
        self.keyword = ""
        """The name under which the loop hands images over."""
        self.autocast = AutocastState()
        self.busy = False
        """The network is being called from here: what its hooks hear is not the loop."""
        self._model, self._shield, self._budget = model, shield, budget
        self._example: torch.Tensor | None = None
        self._open = False
        self._probed = 0

    def start(self, images: torch.Tensor, targets: torch.Tensor | None) -> None:
        """Before the first step, in the loop's first call of the network."""
        self.autocast = AutocastState.now(images.device)
        self._example = images[:2].clone()
        if targets is not None:
            self._look("start", self.inside.start, images, targets.to(images.device))

    def before_step(
        self, images: torch.Tensor | None, targets: torch.Tensor | None, *, step: int, lr: float
    ) -> None:
        """Gradients are there; images and targets of (the last part of) the batch."""
        if not self._budget.affords("inside"):
            return
        self._open = True
        if images is None or targets is None:
            images = targets = None
        else:
            targets = targets.to(images.device)
        self._look("inside", self.inside.before_step, images, targets, step=step, lr=lr)

    def after_step(self, step: int, *, due: bool) -> None:
        """The weights have changed; `due`: a probe is wanted, too."""
        if self._open:
            self._open = False
            self._look("after", self.inside.after_step, step=step)
        if due and self._budget.affords("probe"):
            self.probe(step)

    def probe(self, step: int) -> None:
        """Look at the probe images after `step` steps, unless that was done."""
        if step > self._probed:
            self._probed = step
            self._look("probe", self.inside.probe, step=step)

    def score_clean(self, points: EpochPoints, step: int, *, all_of_them: bool) -> None:
        """Clean figures of the last point: on all clean images, or on as many as are paid for."""
        most = self.clean.n if all_of_them else self._affordable()
        begin = time.thread_time()
        with self._quiet():
            n = self.clean.score(self.inside, points, step, most)
        if n:
            self._budget.pay(time.thread_time() - begin, "clean", n)

    def walk(self) -> None:
        """Once: what the network is."""
        if self.network is None and self._example is not None and not is_holder(self._model):
            with self._quiet():
                self.network = network_seen(self._model, self._example)

    def _affordable(self) -> int:
        balance, each = self._budget.balance, self._budget.costs.get("clean")
        if balance <= 0:
            return 0
        return 2 * LEAST if each is None else int(min(balance / each, self.clean.n))

    def _look(self, name: str, work: Callable[..., None], *args: Any, **more: Any) -> None:
        with self._quiet(), self._budget.paying(name):
            self._shield.run("inside", work, *args, **more)

    @contextmanager
    def _quiet(self) -> Iterator[None]:
        """The network is called as the loop calls it, and nobody counts it."""
        before, self.busy = self.busy, True
        try:
            with self.autocast.again(), as_called(self._model, self.keyword):
                yield
        finally:
            self.busy = before
