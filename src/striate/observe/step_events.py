"""What happens at each step of a loop, as the hooks tell it.

Told by the hooks. What is kept at each step is a few references to small tensors. Knows nothing about loaders, or what becomes of what is
noted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from striate.observe.hooks import hear_gradient
from striate.observe.looks import called_with
from striate.observe.loop_watch import stale_gradients
from striate.observe.outputs_of import logits_of
from striate.observe.outputs_watch import Pending
from striate.observe.schedule import due
from striate.observe.watched import Watched

__all__ = ["StepEvents"]

# Steps whose outputs wait to be read together: few at first, so that early trouble is seen early.
FEW, MANY = 8, 64
# dL/dz is listened for in the first steps, and later in short windows: at every step it would cost a fast network 1 %.
WINDOW, WINDOW_EVERY, WINDOW_STEPS = 64, 128, 8

ONE_SCORE = "the model gives one score an image, as for binary_cross_entropy: only networks with a score for each class are diagnosed"
UNHEARD = (
    "steps were taken and no call of the model was heard: attach to what the loop calls "
    "(the compiled or wrapped object), after compiling"
)


class StepEvents:
    """Hears a loop step by step, and writes to a `Watched`."""

    def __init__(self, watched: Watched) -> None:
        self._w = watched
        self._looking = False
        self._forwards = self._backwards = 0

    @property
    def between_steps(self) -> bool:
        """No call of the network since the last step: the next batch begins a new one."""
        return not self._forwards

    def forward_done(
        self, args: tuple[Any, ...], kwargs: Mapping[str, Any], output: Any, copy: nn.Module | None = None
    ) -> None:
        """The root module was called, or a `copy` of it, which matters where it is validated."""
        if copy is not None and self._w.passes.split != "val":
            return
        if not self._w.looks.busy and (self._w.pace.awake or self._w.passes.split != "train"):
            self._w.shield.run("forward passes", self._forward, args, kwargs, output, copy)

    def _forward(
        self, args: tuple[Any, ...], kwargs: Mapping[str, Any], output: Any, copy: nn.Module | None
    ) -> None:
        logits = logits_of(output)
        images, self._w.looks.keyword = called_with(args, kwargs)
        if logits is None or logits.ndim != 2 or images is None:
            self._w.shield.say("the model's output holds no (N, K) tensor of class scores")
            return
        if logits.shape[1] == 1:
            self._w.count["refused"] += 1
            self._w.shield.say(ONE_SCORE)
            return
        self._w.known["classes"] = logits.shape[1]
        images = images.detach()
        trained = torch.is_grad_enabled() and logits.requires_grad
        split = self._w.passes.split
        if split == "val" or (split == "" and not trained):
            self._val_forward(images, logits, trained, copy)
        elif trained:
            self._train_forward(images, logits)

    def _targets(self, logits: torch.Tensor) -> torch.Tensor | None:
        """The targets of the present batch, if these outputs are about it."""
        batch = self._w.batch
        if batch is None or batch.targets is None or len(batch.targets) != len(logits):
            return None
        return batch.targets

    def _train_forward(self, images: torch.Tensor, logits: torch.Tensor) -> None:
        self._w.count["train_forwards"] += 1
        self._forwards += 1
        step, targets = self._w.count["steps"] + 1, self._targets(logits)
        if self._w.count["train_forwards"] == 1:
            self._first(images, targets)
        if self._forwards == 1:
            self._looking = due(step)
        if self._looking or step <= WINDOW:
            self._w.modes.look_train()
        if targets is None:
            return
        pending = Pending(step, logits.detach(), targets, scaled=self._w.looks.autocast.scales)
        self._w.reader.train(pending, self._input_sum(images))
        if _in_window(step):
            hear_gradient(logits, lambda g: self._backward_began(pending, g))
        if self._w.images is None:
            self._w.see("train", images, targets, logits.detach())
            if self._w.passes.number("train") == 1:
                self._w.looks.clean.take(images, targets.to(images.device), self._w.passes.batches("train"))
        self._w.images = images

    def _input_sum(self, images: torch.Tensor) -> torch.Tensor | None:
        if not images.is_floating_point() or not self._w.pace.looks.affords("input"):
            return None
        with self._w.pace.looks.paying("input"):
            return images.sum()

    def _val_forward(
        self, images: torch.Tensor, logits: torch.Tensor, trained: bool, copy: nn.Module | None
    ) -> None:
        self._w.count["val_forwards"] += 1
        self._w.count["val_with_grad"] += trained
        if self._w.passes.position("val") <= 2 or self._w.count["val_forwards"] % 16 == 0:
            self._w.modes.look_val(copy)
        targets = self._targets(logits)
        if (
            targets is None or self._w.images is not None
        ):  # called again for the same batch: another view of it
            return
        self._w.reader.val(Pending(self._w.count["steps"], logits.detach(), targets))
        self._w.see("val", images, targets, logits.detach())
        self._w.images = images
        if self._w.reader.val_waiting >= MANY:
            self._w.reader.read_val()

    def _first(self, images: torch.Tensor, targets: torch.Tensor | None) -> None:
        """Before the first step: what the network is like."""
        self._w.parameters.start()
        self._w.looks.start(images, targets)
        self._w.known |= {"lr": self._w.lr(), "amp": self._w.looks.autocast.scales}

    # -- backward and step -------------------------------------------------------------------------------------

    def _backward_began(self, pending: Pending, gradient: torch.Tensor) -> None:
        if not self._w.looks.busy:
            self._w.shield.run("backward passes", self._backward, pending, gradient)

    def _backward(self, pending: Pending, gradient: torch.Tensor) -> None:
        self._w.count["backwards"] += 1
        self._backwards += 1
        wanted = self._w.count["stale_checked"] < FEW or self._w.pace.looks.affords("stale")
        if self._backwards == 1 and self._w.count["steps"] > 0 and wanted:
            with self._w.pace.looks.paying("stale"):
                self._w.count["stale_checked"] += 1
                self._w.count["stale"] += stale_gradients(self._w.model, self._w.optimizers)
        self._w.reader.keep_gradient(pending, gradient)

    def step_begins(self, optimizer: torch.optim.Optimizer) -> None:
        """Gradients are there; the weights are about to change."""
        if self._w.pace.awake and optimizer is self._w.optimizers[0]:
            self._w.shield.run("steps", self._before_step)

    def _before_step(self) -> None:
        step, lr = self._w.count["steps"] + 1, self._w.lr()
        self._w.count["zero_rate"] += lr == 0.0
        self._w.reader.rate(step, lr)
        if self._looking or step <= 2:
            self._w.parameters.look()
        if self._looking:
            self._note_norm(step)
            self._w.looks.before_step(
                self._w.images, self._w.batch.targets if self._w.batch else None, step=step, lr=lr
            )

    def _note_norm(self, step: int) -> None:
        gradients = [p.grad for p in self._w.model.parameters() if p.grad is not None]
        if gradients:
            self._w.reader.columns.put(step, grad_norm=float(torch.nn.utils.get_total_norm(gradients)))

    def step_ended(self, optimizer: torch.optim.Optimizer) -> None:
        """The weights have changed."""
        if optimizer is not self._w.optimizers[0]:
            return
        self._w.count["steps"] += 1
        if self._w.pace.awake:
            self._w.shield.run("steps", self._after_step, self._w.count["steps"])
            self._time(self._w.count["steps"])

    def _after_step(self, step: int) -> None:
        if step == FEW and not self._w.count["train_forwards"] and not self._w.count["refused"]:
            self._w.shield.say(UNHEARD)
        self._w.count["val_updates"] += self._w.passes.split == "val"
        self._w.count["window_steps"] += _in_window(step)
        self._w.looks.after_step(step, due=due(step))
        self._forwards = self._backwards = 0
        if len(self._w.reader) >= (FEW if step <= WINDOW else MANY):
            with self._w.pace.looks.paying("read"):
                self._w.reader.read()

    def _time(self, step: int) -> None:
        seconds = self._w.pace.end_step(*self._w.shield.settle())
        if seconds is not None and step == self._w.count["timed"] + 1:
            self._w.reader.columns.put(step, seconds=seconds, wait=self._w.waited)
            self._w.waited_since += self._w.waited
            self._w.worked_since += seconds
        self._w.count["timed"], self._w.waited = step, 0.0


def _in_window(step: int) -> bool:
    return step <= WINDOW or step % WINDOW_EVERY < WINDOW_STEPS
