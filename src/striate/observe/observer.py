"""Watches one training loop, whoever wrote it: an `Observation` comes out.

Events come from hooks on the network and the optimiser and from the wrapped loaders. What is kept at each step is a few references to
small tensors; what costs more is done only when the budget affords it. No error in here reaches the loop: what fails is switched
off and said. Knows nothing about verdicts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import nn

from striate.core.observation_records import Declared, Observation
from striate.observe.batch_parts import parts
from striate.observe.budget import Budget
from striate.observe.hooks import Listener, listen, unwrapped
from striate.observe.setting_of import dataset_size, transform_names
from striate.observe.step_events import StepEvents
from striate.observe.summary import summary
from striate.observe.watched import Watched
from striate.observe.watched_loader import WatchedLoader

__all__ = ["Observer"]

REFUSED = {
    "regression": "targets are real numbers: only classifiers are diagnosed",
    "multi-label": "images have several labels at once: only one class an image is diagnosed",
    "unknown": "no targets were found in the batches: pairs, longer tuples and mappings are understood",
}


class Observer:
    """All that watches one loop. `model` may be compiled or wrapped: attach to what the loop calls."""

    def __init__(
        self,
        model: nn.Module,
        optimizers: Sequence[torch.optim.Optimizer],
        *,
        budget: Budget | None = None,
        names: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """`names` of the samples of a split, in the order of its first pass, where the loop's owner knows them."""
        self._w = Watched(unwrapped(model), optimizers, budget or Budget(), names)
        self._steps = StepEvents(self._w)
        self.detach = listen(model, self._w.optimizers, self._steps)
        if self._w.parameters.foreign:
            self._w.shield.say("the optimiser holds no parameter of this model")

    # -- what the owner of the loop calls ----------------------------------------------------------------------

    def watch(self, loader: Iterable[Any], split: str) -> WatchedLoader:
        """The same loader, noted: `split` is "train" or "val"."""
        self._w.shield.run("loader", self._describe, loader, split)
        return WatchedLoader(
            loader,
            began=lambda: self._w.shield.run("passes", self._began, split, loader),
            came=lambda batch, waited: self.batch(split, batch, waited),
            ended=lambda whole: self.end_pass(split, loader, whole=whole),
        )

    def begin_pass(self, split: str, loader: Iterable[Any]) -> None:
        """A pass over `loader` begins, whose batches are told one by one: for who has no line of the loop to wrap."""
        self._w.shield.run("loader", self._describe, loader, split)
        self._w.shield.run("passes", self._began, split, loader)

    def batch(self, split: str, batch: Any, waited: float | None = None) -> None:
        """A batch has come, and goes through the network next. `waited`: seconds until it was there; None where nobody timed it."""
        if split == "train" and self._steps.between_steps:
            self._w.pace.begin_step(self._w.count["steps"] + 1)
        if split == "val" or self._w.pace.awake:
            self._w.shield.run("batches", self._take, split, batch, waited)
        else:
            self._w.batch, self._w.slept = None, True
            self._w.passes.batch(split, 0)

    def end_pass(self, split: str, loader: Iterable[Any], *, whole: bool = True) -> None:
        """A pass has ended; `whole` is False when the loop broke off."""
        self._w.shield.run("passes", self._ended, split, loader, whole)

    def declare(self, intent: Mapping[str, Any]) -> None:
        """What is meant: fields of `Declared`, and of `Setting` for the planned length. Raises ValueError for other names."""
        planned = {
            name: value for name, value in intent.items() if name in ("planned_epochs", "planned_steps")
        }
        values = self._w.declared.model_dump() | {k: v for k, v in intent.items() if k not in planned}
        self._w.declared = Declared.model_validate(values)
        self._w.known |= planned

    @property
    def busy(self) -> bool:
        """The network is being called from here: what is heard then is not the loop's."""
        return self._w.looks.busy

    @property
    def events(self) -> Listener:
        """Who hears the hooks: for who sees an event of the loop where no hook does."""
        return self._steps

    def say(self, problem: str) -> None:
        """What could not be seen, and why."""
        self._w.shield.say(problem)

    def log(self, values: Mapping[str, Any]) -> None:
        """What the loop says itself, by the names of `EpochPoints.log`."""
        self._w.shield.run("log", self._log, values)

    def observation(self, *, deep: bool = True) -> Observation:
        """What was seen so far. The network and the loop stay as they are.

        `deep`: images and labels are compared, the network is walked through, clean images are scored, which takes up to a few seconds.
        """
        self._w.shield.run("reading", self._w.reader.read)
        if deep:
            step = self._w.count["steps"]
            self._w.shield.run(
                "clean", self._w.looks.score_clean, self._w.reader.points, step, all_of_them=True
            )
            self._w.shield.run("inside", self._w.looks.probe, step)
            self._w.shield.run("network", self._w.looks.walk)
        return summary(self._w, deep=deep)

    def _log(self, values: Mapping[str, Any]) -> None:
        numbers = {name: float(value) for name, value in values.items()}
        for name in ("loss", "train_loss"):
            if name in numbers:
                self._w.logged.append((self._w.count["steps"], numbers[name]))
        self._w.reader.points.log(numbers)

    # -- loaders -----------------------------------------------------------------------------------------------

    def _describe(self, loader: Iterable[Any], split: str) -> None:
        self._w.known[f"{split}_n"] = dataset_size(loader)
        if split == "train":
            self._w.known["augmentation"] = transform_names(loader)

    def _began(self, split: str, loader: Iterable[Any]) -> None:
        self._leftover()  # what is left of the pass around this one belongs to that
        self._w.batch = None
        self._w.passes.begin(split, loader)
        self._w.slept = False
        self._w.pace.pause()
        if split == "train":
            self._w.reader.read()
            if self._w.reader.points.train.n:
                self._w.reader.points.end_training(**self._w.now())

    def _take(self, split: str, batch: Any, waited: float | None) -> None:
        self._leftover()
        found = parts(batch)
        self._w.batch, self._w.images = found, None
        self._w.passes.batch(split, found.size)
        if split == "train":
            self._w.waited += math.nan if waited is None else waited
        if found.kind not in ("classes", "shares"):
            self._w.shield.say(REFUSED[found.kind])
            self._w.count["refused"] += 1
            self._w.batch = None

    def _ended(self, split: str, loader: Iterable[Any], whole: bool) -> None:
        self._leftover()
        self._w.batch = None
        self._w.passes.end(split, whole)
        self._w.shield.run("data", self._w.data.pass_ended, split, dataset_size(loader))
        if split == "val":
            self._w.reader.read_val()
            self._w.reader.read()
            if self._w.reader.points.end_validation(**self._w.now()):
                self._w.waited_since = self._w.worked_since = 0.0
                step = self._w.count["steps"]
                self._w.shield.run(
                    "clean", self._w.looks.score_clean, self._w.reader.points, step, all_of_them=False
                )

    def _leftover(self) -> None:
        """A batch that never went through the network is still a batch of data."""
        batch = self._w.batch
        if (
            batch is not None
            and self._w.images is None
            and batch.images is not None
            and batch.targets is not None
        ):
            self._w.see(self._w.passes.split, batch.images, batch.targets, None)
