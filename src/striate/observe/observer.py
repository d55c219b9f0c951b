"""Watches one training loop, whoever wrote it, and leaves no trace: events in, an `Observation` out.

Events come from hooks on the network and the optimiser and from the wrapped loaders. What is kept at each step is a few references to
small tensors; what costs more is done only when the budget affords it. No error in here reaches the loop: what fails is switched
off and said. Knows nothing about verdicts.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import nn

from striate.core.observation_records import Declared, Observation
from striate.observe.batch_parts import Parts, parts
from striate.observe.budget import Budget
from striate.observe.data_watch import DataWatch
from striate.observe.hooks import hear_gradient, listen, unwrapped
from striate.observe.looks import Looks, called_with
from striate.observe.loop_watch import ModesWatch, ParametersWatch, stale_gradients
from striate.observe.outputs_of import logits_of
from striate.observe.outputs_watch import Pending
from striate.observe.pace import Pace
from striate.observe.passes import Passes
from striate.observe.schedule import due
from striate.observe.setting_of import dataset_size, rate, transform_names
from striate.observe.shield import Shield
from striate.observe.step_reader import StepReader
from striate.observe.summary import Watched, summary
from striate.observe.watched_loader import WatchedLoader

__all__ = ["Observer"]

# Steps whose outputs wait to be read together: few at first, so that early trouble is seen early.
FEW, MANY = 8, 64
# dL/dz is listened for in the first steps, and later in short windows: at every step it would cost a fast network 1 %.
WINDOW, WINDOW_EVERY, WINDOW_STEPS = 64, 128, 8
# Passes of which every batch is noted; later ones are seldom news.
ALL_PASSES = 4

REFUSED = {
    "regression": "targets are real numbers: only classifiers are diagnosed",
    "multi-label": "images have several labels at once: only one class an image is diagnosed",
    "unknown": "no targets were found in the batches: pairs, longer tuples and mappings are understood",
}

UNHEARD = (
    "steps were taken and no call of the model was heard: attach to what the loop calls "
    "(the compiled or wrapped object), after compiling"
)


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
        self.model, self.optimizers = unwrapped(model), list(optimizers)
        self.shield, self.pace = Shield(), Pace(budget or Budget())
        self.declared = Declared()
        self.reader = StepReader()
        self.parameters = ParametersWatch(self.model, self.optimizers)
        self.modes = ModesWatch(self.model)
        self.looks = Looks(self.model, self.optimizers, self.shield, self.pace.looks)
        self.data = DataWatch(names=names)
        self.passes, self.count = Passes(), Counter[str]()
        self.known: dict[str, Any] = {}
        """Facts for `Setting`, by its field names."""
        self.logged: list[tuple[int, float]] = []
        self._looking = False
        self._batch: Parts | None = None
        self._images: torch.Tensor | None = None
        self._forwards = self._backwards = 0
        self._slept = False
        self._waited = self._waited_since = self._worked_since = 0.0
        self.detach = listen(model, self.optimizers, self)
        if self.parameters.foreign:
            self.shield.say("the optimiser holds no parameter of this model")

    # -- what the owner of the loop calls ----------------------------------------------------------------------

    def watch(self, loader: Iterable[Any], split: str) -> WatchedLoader:
        """The same loader, noted: `split` is "train" or "val"."""
        self.shield.run("loader", self._describe, loader, split)
        return WatchedLoader(
            loader,
            began=lambda: self.shield.run("passes", self._began, split, loader),
            came=lambda batch, waited: self.batch(split, batch, waited),
            ended=lambda whole: self.end_pass(split, loader, whole=whole),
        )

    def begin_pass(self, split: str, loader: Iterable[Any]) -> None:
        """A pass over `loader` begins, whose batches are told one by one: for who has no line of the loop to wrap."""
        self.shield.run("loader", self._describe, loader, split)
        self.shield.run("passes", self._began, split, loader)

    def batch(self, split: str, batch: Any, waited: float | None = None) -> None:
        """A batch has come, and goes through the network next. `waited`: seconds until it was there; None where nobody timed it."""
        if split == "train" and not self._forwards:
            self.pace.begin_step(self.count["steps"] + 1)
        if split == "val" or self.pace.awake:
            self.shield.run("batches", self._take, split, batch, waited)
        else:
            self._batch, self._slept = None, True
            self.passes.batch(split, 0)

    def end_pass(self, split: str, loader: Iterable[Any], *, whole: bool = True) -> None:
        """A pass has ended; `whole` is False when the loop broke off."""
        self.shield.run("passes", self._ended, split, loader, whole)

    def log(self, values: Mapping[str, Any]) -> None:
        """What the loop says itself, by the names of `EpochPoints.log`."""
        self.shield.run("log", self._log, values)

    def observation(self, *, deep: bool = True) -> Observation:
        """What was seen so far. The network and the loop stay as they are.

        `deep`: images and labels are compared, the network is walked through, clean images are scored, which takes up to a few seconds.
        """
        self.shield.run("reading", self.reader.read)
        if deep:
            step = self.count["steps"]
            self.shield.run("clean", self.looks.score_clean, self.reader.points, step, all_of_them=True)
            self.shield.run("inside", self.looks.probe, step)
            self.shield.run("network", self.looks.walk)
        return summary(
            Watched(
                reader=self.reader,
                parameters=self.parameters,
                modes=self.modes,
                inside=self.looks.inside,
                data=self.data,
                passes=self.passes,
                optimizers=self.optimizers,
                count=self.count,
                known=self.known,
                logged=self.logged,
                declared=self.declared,
                network=self.looks.network,
                problems=self.shield.problems,
                deep=deep,
            )
        )

    def _log(self, values: Mapping[str, Any]) -> None:
        numbers = {name: float(value) for name, value in values.items()}
        for name in ("loss", "train_loss"):
            if name in numbers:
                self.logged.append((self.count["steps"], numbers[name]))
        self.reader.points.log(numbers)

    # -- loaders -----------------------------------------------------------------------------------------------

    def _describe(self, loader: Iterable[Any], split: str) -> None:
        self.known[f"{split}_n"] = dataset_size(loader)
        if split == "train":
            self.known["augmentation"] = transform_names(loader)

    def _began(self, split: str, loader: Iterable[Any]) -> None:
        self._leftover()  # what is left of the pass around this one belongs to that
        self._batch = None
        self.passes.begin(split, loader)
        self._slept = False
        self.pace.pause()
        if split == "train":
            self.reader.read()
            if self.reader.points.train.n:
                self.reader.points.end_training(**self._now())

    def _take(self, split: str, batch: Any, waited: float | None) -> None:
        self._leftover()
        found = parts(batch)
        self._batch, self._images = found, None
        self.passes.batch(split, found.size)
        if split == "train":
            self._waited += math.nan if waited is None else waited
        if found.kind not in ("classes", "shares"):
            self.shield.say(REFUSED[found.kind])
            self.count["refused"] += 1
            self._batch = None

    def _ended(self, split: str, loader: Iterable[Any], whole: bool) -> None:
        self._leftover()
        self._batch = None
        self.passes.end(split, whole)
        self.shield.run("data", self.data.pass_ended, split, dataset_size(loader))
        if split == "val":
            self.reader.read_val()
            self.reader.read()
            if self.reader.points.end_validation(**self._now()):
                self._waited_since = self._worked_since = 0.0
                step = self.count["steps"]
                self.shield.run("clean", self.looks.score_clean, self.reader.points, step, all_of_them=False)

    def _leftover(self) -> None:
        """A batch that never went through the network is still a batch of data."""
        batch = self._batch
        if (
            batch is not None
            and self._images is None
            and batch.images is not None
            and batch.targets is not None
        ):
            self._see(self.passes.split, batch.images, batch.targets, None)

    def _see(
        self, split: str, images: torch.Tensor, targets: torch.Tensor, logits: torch.Tensor | None
    ) -> None:
        # A pass is noted from its first batch on without a gap, so that places in it are known.
        if not split or not _followed(self.passes.number(split)) or (split == "train" and self._slept):
            return
        look, step = self.pace.data.affords("data"), self.count["steps"]
        with self.pace.data.paying("data" if look else "labels"):
            self.shield.run("data", self.data.saw, split, images, targets, logits, step=step, look=look)

    # -- the network -------------------------------------------------------------------------------------------

    def forward_done(self, args: tuple[Any, ...], kwargs: Mapping[str, Any], output: Any) -> None:
        """The root module was called."""
        if not self.looks.busy and (self.pace.awake or self.passes.split != "train"):
            self.shield.run("forward passes", self._forward, args, kwargs, output)

    def _forward(self, args: tuple[Any, ...], kwargs: Mapping[str, Any], output: Any) -> None:
        logits = logits_of(output)
        images, self.looks.keyword = called_with(args, kwargs)
        if logits is None or logits.ndim != 2 or images is None:
            self.shield.say("the model's output holds no (N, K) tensor of class scores")
            return
        self.known["classes"] = logits.shape[1]
        images = images.detach()
        trained = torch.is_grad_enabled() and logits.requires_grad
        split = self.passes.split
        if split == "val" or (split == "" and not trained):
            self._val_forward(images, logits, trained)
        elif trained:
            self._train_forward(images, logits)

    def _targets(self, logits: torch.Tensor) -> torch.Tensor | None:
        """The targets of the present batch, if these outputs are about it."""
        batch = self._batch
        if batch is None or batch.targets is None or len(batch.targets) != len(logits):
            return None
        return batch.targets

    def _train_forward(self, images: torch.Tensor, logits: torch.Tensor) -> None:
        self.count["train_forwards"] += 1
        self._forwards += 1
        step, targets = self.count["steps"] + 1, self._targets(logits)
        if self.count["train_forwards"] == 1:
            self._first(images, targets)
        if self._forwards == 1:
            self._looking = due(step)
        if self._looking or step <= WINDOW:
            self.modes.look_train()
        if targets is None:
            return
        pending = Pending(step, logits.detach(), targets, scaled=self.looks.autocast.scales)
        self.reader.train(pending, self._input_sum(images))
        if _in_window(step):
            hear_gradient(logits, lambda g: self._backward_began(pending, g))
        if self._images is None:
            self._see("train", images, targets, logits.detach())
            if self.passes.number("train") == 1:
                self.looks.clean.take(images, targets.to(images.device), self.passes.batches("train"))
        self._images = images

    def _input_sum(self, images: torch.Tensor) -> torch.Tensor | None:
        if not images.is_floating_point() or not self.pace.looks.affords("input"):
            return None
        with self.pace.looks.paying("input"):
            return images.sum()

    def _val_forward(self, images: torch.Tensor, logits: torch.Tensor, trained: bool) -> None:
        self.count["val_forwards"] += 1
        self.count["val_with_grad"] += trained
        if self.passes.position("val") <= 2 or self.count["val_forwards"] % 16 == 0:
            self.modes.look_val()
        targets = self._targets(logits)
        if targets is None or self._images is not None:  # called again for the same batch: another view of it
            return
        self.reader.val(Pending(self.count["steps"], logits.detach(), targets))
        self._see("val", images, targets, logits.detach())
        self._images = images
        if self.reader.val_waiting >= MANY:
            self.reader.read_val()

    def _first(self, images: torch.Tensor, targets: torch.Tensor | None) -> None:
        """Before the first step: what the network is like."""
        self.parameters.start()
        self.looks.start(images, targets)
        self.known |= {"lr": self._lr(), "amp": self.looks.autocast.scales}

    # -- backward and step -------------------------------------------------------------------------------------

    def _backward_began(self, pending: Pending, gradient: torch.Tensor) -> None:
        if not self.looks.busy:
            self.shield.run("backward passes", self._backward, pending, gradient)

    def _backward(self, pending: Pending, gradient: torch.Tensor) -> None:
        self.count["backwards"] += 1
        self._backwards += 1
        wanted = self.count["stale_checked"] < FEW or self.pace.looks.affords("stale")
        if self._backwards == 1 and self.count["steps"] > 0 and wanted:
            with self.pace.looks.paying("stale"):
                self.count["stale_checked"] += 1
                self.count["stale"] += stale_gradients(self.model, self.optimizers)
        self.reader.keep_gradient(pending, gradient)

    def step_begins(self, optimizer: torch.optim.Optimizer) -> None:
        """Gradients are there; the weights are about to change."""
        if self.pace.awake and optimizer is self.optimizers[0]:
            self.shield.run("steps", self._before_step)

    def _before_step(self) -> None:
        step, lr = self.count["steps"] + 1, self._lr()
        self.count["zero_rate"] += lr == 0.0
        self.reader.rate(step, lr)
        if self._looking or step <= 2:
            self.parameters.look()
        if self._looking:
            self._note_norm(step)
            self.looks.before_step(
                self._images, self._batch.targets if self._batch else None, step=step, lr=lr
            )

    def _note_norm(self, step: int) -> None:
        gradients = [p.grad for p in self.model.parameters() if p.grad is not None]
        if gradients:
            self.reader.columns.put(step, grad_norm=float(torch.nn.utils.get_total_norm(gradients)))

    def step_ended(self, optimizer: torch.optim.Optimizer) -> None:
        """The weights have changed."""
        if optimizer is not self.optimizers[0]:
            return
        self.count["steps"] += 1
        if self.pace.awake:
            self.shield.run("steps", self._after_step, self.count["steps"])
            self._time(self.count["steps"])

    def _after_step(self, step: int) -> None:
        if step == FEW and not self.count["train_forwards"] and not self.count["refused"]:
            self.shield.say(UNHEARD)
        self.count["val_updates"] += self.passes.split == "val"
        self.count["window_steps"] += _in_window(step)
        self.looks.after_step(step, due=due(step))
        self._forwards = self._backwards = 0
        if len(self.reader) >= (FEW if step <= WINDOW else MANY):
            with self.pace.looks.paying("read"):
                self.reader.read()

    def _time(self, step: int) -> None:
        seconds = self.pace.end_step(*self.shield.settle())
        if seconds is not None and step == self.count["timed"] + 1:
            self.reader.columns.put(step, seconds=seconds, wait=self._waited)
            self._waited_since += self._waited
            self._worked_since += seconds
        self.count["timed"], self._waited = step, 0.0

    # -- figures -----------------------------------------------------------------------------------------------

    def _lr(self) -> float:
        return max((rate(o) for o in self.optimizers), default=0.0)

    def _now(self) -> dict[str, Any]:
        share = self._waited_since / self._worked_since if self._worked_since else math.nan
        wait = None if math.isnan(share) else share
        return {"epoch": self.passes.epoch, "step": self.count["steps"], "lr": self._lr(), "wait": wait}


def _followed(number: int) -> bool:
    """Whether every batch of this pass is noted: the first four, then the 8th, 16th, ..."""
    return number <= ALL_PASSES or number & (number - 1) == 0


def _in_window(step: int) -> bool:
    return step <= WINDOW or step % WINDOW_EVERY < WINDOW_STEPS
