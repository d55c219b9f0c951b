"""The loop: epochs of steps, each measured and saved, stoppable between two steps.

Order: train an epoch -> measure clean train and val -> write weights, checkpoint, journal -> next. Knows nothing
about how the data was read, the report, or the terminal.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from striate.core import metrics
from striate.core.records import EpochRecord, Score
from striate.data.batches import Order
from striate.observe.observer import Observer
from striate.training.clean_sample import clean_rows
from striate.training.errors import NonFiniteLoss, OutOfMemory
from striate.training.evaluate import Batches, autocast, logits
from striate.training.feed import Feed
from striate.training.finite import refuse_non_finite_loss, refuse_non_finite_weights
from striate.training.interrupt import Interrupt, Stopped
from striate.training.job import Job
from striate.training.loss import loss_for
from striate.training.post_mortem import is_out_of_memory, non_finite_loss, out_of_memory
from striate.training.resolve import decided
from striate.training.schedules import Schedule
from striate.training.state import RunState
from striate.training.step import NonFinite, StepPlan, dry_run, train_step
from striate.training.watchers import StepInfo, Watcher

__all__ = ["Loop"]

# The gradient norm is read at about this many steps of an epoch: reading every one would slow small networks.
NORM_SAMPLES = 16
# Off the CPU, how many steps may pass before the loop looks whether the loss is still finite.
LOOK_EVERY = 32
# A few images are enough to find the first layer whose output is not finite.
SEEN = 64
# An epoch shorter than this does not pay for a checkpoint of its own; a kill then costs at most so many seconds.
QUICK = 5.0


class Loop:
    """One sitting of a run. `run` trains until the end, the patience, or a request to stop."""

    def __init__(
        self,
        job: Job,
        state: RunState,
        *,
        watcher: Watcher,
        interrupt: Interrupt,
        save: Callable[[RunState], None],
        publish: Callable[[RunState, bool], None],
        observer: Observer | None = None,
        enough: Callable[[Sequence[EpochRecord]], bool] = lambda _: False,
    ) -> None:
        """`save` writes a checkpoint; `publish(state, best)` writes what users read after an epoch; `observer` watches `state`'s network and
        optimiser, and is shown the batches; `enough(history)` ends the run after an epoch, and must depend on nothing else.
        """
        self.job, self.state, self.watcher, self.interrupt = job, state, watcher, interrupt
        self._observer, self._enough = observer, enough
        self._save, self._publish = save, publish
        dataset, recipe, choice = job.dataset, job.recipe, job.choice
        train, self._val = dataset.indices("train"), dataset.indices("val")
        self._order = Order(train, decided(recipe.batch_size), recipe.seed)
        self._clean = clean_rows(dataset.labels, train, recipe.seed)
        total = recipe.epochs * self._order.steps
        warmup = min(round(decided(recipe.warmup_epochs) * self._order.steps), total - 1)
        self._schedule = Schedule(recipe.sched, decided(recipe.lr), total, warmup)
        self._feed = Feed(job)
        criterion = loss_for(recipe, dataset.labels[train], len(dataset.classes), choice.device)
        self._plan = StepPlan(criterion, choice, recipe.seed, recipe.clip_grad)
        self._norm_every = max(1, self._order.steps // NORM_SAMPLES)
        self._saved = self._sitting = time.perf_counter()

    def run(self) -> bool:
        """Train; True when the run ended of itself, False when a stop was asked for (and the state saved)."""
        try:
            while not self.over():
                self._train_epoch()
                self._end_epoch()
        except Stopped:
            self.save()
            return False
        self.save()
        return True

    def over(self) -> bool:
        """All epochs done, or the patience is."""
        return self.state.position.epoch >= self.job.recipe.epochs or self.stopped_early()

    def stopped_early(self) -> bool:
        """Whether `patience` epochs have passed without a better one, or the curves have shown enough."""
        patience = self.job.recipe.patience
        tired = patience is not None and self.state.best.stale >= patience
        return tired or self._enough(self.state.history)

    def save(self) -> None:
        """Write a checkpoint now; time spent in this sitting goes into the state first."""
        now = time.perf_counter()
        self.state.seconds += now - self._sitting
        self._sitting = now
        self.watcher.on_phase("saving")
        self._save(self.state)
        self._saved = time.perf_counter()

    # -- an epoch ----------------------------------------------------------------------------------------------

    def _train_epoch(self) -> None:
        state, running = self.state, self.state.running
        self.state.model.train()
        epoch = state.position.epoch
        batches = iter(self._watched("train", self._fed(epoch)))
        while state.position.step < self._order.steps:
            begin = time.perf_counter()
            images, targets = next(batches)
            ready = time.perf_counter()
            lr = self._schedule(state.position.global_step)
            self._step(images, targets, lr)
            end = time.perf_counter()
            running.waiting += ready - begin
            running.seconds += end - begin
            self.watcher.on_step(self._info(lr))
            self.interrupt.check()
            if end - self._saved > 60.0 * self.job.recipe.save_every:
                self.save()

    def _fed(self, epoch: int) -> Batches:
        rows = self._order.batches(epoch, first=self.state.position.step)
        pairs = (self._feed(some, epoch) for some in rows)
        return Batches(pairs, self._order.steps, self.job.dataset.indices("train"))

    def _watched(self, split: str, batches: Batches) -> Iterable[tuple[torch.Tensor, torch.Tensor]]:
        return batches if self._observer is None else self._observer.watch(batches, split)

    def _step(self, images: torch.Tensor, targets: torch.Tensor, lr: float) -> None:
        position = self.state.position
        measure = position.step % self._norm_every == 0
        try:
            train_step(self.state, images, targets, lr, self._plan, measure)
            if self._plan.choice.device.type != "cpu" and position.step % LOOK_EVERY == 0:
                refuse_non_finite_loss(self.state)
        except NonFinite:
            raise self._non_finite(images) from None
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
            raise self._out_of_memory(images, targets) from error

    def _info(self, lr: float) -> StepInfo:
        position, running = self.state.position, self.state.running
        return StepInfo(
            epoch=position.epoch + 1,
            step=position.step,
            steps=self._order.steps,
            epochs=self.job.recipe.epochs,
            lr=lr,
            images=running.seen,
            running=running.means,
        )

    def _end_epoch(self) -> None:
        self._look_at_the_end()
        record = self._measure()
        if not math.isfinite(record.clean_loss + record.val_loss):
            self.state.model.eval()
            raise self._non_finite(self._feed.clean(self._val[:SEEN]))
        best = self.state.finish_epoch(record)
        self._publish(self.state, best)
        self.watcher.on_epoch(record, best)
        if time.perf_counter() - self._saved > min(QUICK, 60.0 * self.job.recipe.save_every):
            self.save()

    def _look_at_the_end(self) -> None:
        """The last step of an epoch has none after it that would notice; what it broke must not be published."""
        try:
            refuse_non_finite_loss(self.state)
            refuse_non_finite_weights(self.state)
        except NonFinite:
            raise self._non_finite(self._feed.clean(self._clean[:SEEN])) from None

    # -- measuring ---------------------------------------------------------------------------------------------

    def _measure(self) -> EpochRecord:
        """Clean train and val figures with the averaged weights where there are some."""
        average = self.state.average
        if average is None:
            clean, val = self._score("clean", self._clean), self._score("val", self._val)
        else:
            with average.applied():
                clean, val = self._score("clean", self._clean), self._score("val", self._val)
        running, position = self.state.running, self.state.position
        train_loss, train_accuracy = running.means()
        seconds = max(running.seconds, 1e-9)
        return EpochRecord(
            epoch=position.epoch + 1,
            steps=self._order.steps,
            seconds=running.seconds,
            train_loss=train_loss,
            train_accuracy=train_accuracy,
            clean_loss=clean.loss,
            clean_accuracy=clean.accuracy,
            clean_n=clean.n,
            val_loss=val.loss,
            val_accuracy=val.accuracy,
            val_balanced_accuracy=val.balanced_accuracy,
            val_top5=val.top5,
            val_ece=val.ece,
            val_n=val.n,
            lr=self._schedule(position.global_step - 1),
            grad_norm=float(np.mean(running.norms)),
            grad_norm_max=float(np.max(running.norms)),
            images_per_second=running.seen / seconds,
            data_wait=running.waiting / seconds,
            val_recall=tuple(c.recall for c in val.classes),
        )

    def _score(self, split: str, rows: NDArray[np.int64]) -> Score:
        self.watcher.on_phase(split)
        dataset = self.job.dataset
        values = logits(
            self.state.model,
            dataset.pixels,
            rows,
            self._feed.normalise,
            self.job.choice,
            self.interrupt.check,
            watch=partial(self._watched, "val") if split == "val" else iter,
            labels=dataset.labels,
        )
        return metrics.score(split, values, dataset.labels[rows], dataset.classes)

    # -- failing -----------------------------------------------------------------------------------------------

    def _non_finite(self, images: torch.Tensor) -> NonFiniteLoss:
        position, peak = self.state.position, decided(self.job.recipe.lr)
        step = min(position.step, self._order.steps - 1)  # at an epoch's end its last step is to blame
        lr = self._schedule(position.epoch * self._order.steps + step)
        with autocast(self.job.choice):
            return non_finite_loss(self.state.model, images, (position.epoch, step), lr, peak)

    def _out_of_memory(self, images: torch.Tensor, targets: torch.Tensor) -> OutOfMemory:
        return out_of_memory(images, lambda n: dry_run(self.state, images[:n], targets[:n], self._plan))
