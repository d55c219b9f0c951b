"""`Striate`, a callback of Lightning: watches a fit, and diagnoses it.

    trainer = L.Trainer(callbacks=[striate.callbacks.lightning.Striate()])

Batches come from the trainer's events. Scores come from the module that goes from images to them, be it the LightningModule or a part of
it; which one is found in the first step. Knows nothing about how a loop is judged.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from striate.callbacks.errors import LibraryMissing
from striate.callbacks.scout import Scout
from striate.callbacks.watch import Stretch, Watch
from striate.core.diagnosis_records import Diagnosis
from striate.observe.batch_parts import parts
from striate.observe.budget import SHARE
from striate.verbs.attach import Doctor

try:
    # Both names are the same library; who has begun with one waits for the other in vain.
    if "pytorch_lightning" in sys.modules and "lightning" not in sys.modules:
        from pytorch_lightning import Callback
    else:
        from lightning.pytorch import Callback
except ModuleNotFoundError:
    try:
        from pytorch_lightning import Callback
    except ModuleNotFoundError:
        raise LibraryMissing.of("Lightning", "lightning") from None

__all__ = ["Striate"]

FETCHES = "train_dataloader_next"
"""How the name of the profiler's entry ends under which Lightning waits for a training batch."""
UNFOUND = (
    "no one part of the LightningModule goes from the images of a batch to class scores (N, K): loss, gradients and layers were not seen; "
    "call the whole classifier in training_step, as self(images) or self.model(images)"
)


class Striate(Callback):
    """Watches a fit. Nothing of the training changes: the weights are the same to the bit."""

    def __init__(self, *, budget: float = SHARE, show: bool = True, **intent: Any) -> None:
        """`budget` as of `striate.attach`; `show` prints the diagnosis when the fit ends, in the first process.

        intent: what is meant, as of `Doctor.declare`: ``frozen=["stem"]``, ``ordered=True``. Accumulation and length are the trainer's.
        Raises ValueError for an intent of another name.
        """
        self._watch = Watch(budget, intent)
        self._settings, self._show = (budget, intent), show
        self._scout: Scout | None = None
        self._batch: Any = None
        self._early = False
        self._fetch = _Fetch()

    @property
    def diagnosis(self) -> Diagnosis | None:
        """What is wrong with the last fit; None before its end, and where nothing was heard."""
        return self._watch.diagnosis

    @property
    def doctor(self) -> Doctor | None:
        """Who watches, as `striate.attach` hands out: for `observation()`, `save(path)`, `log(...)`."""
        return self._watch.doctor

    # -- a fit -------------------------------------------------------------------------------------------------

    def on_train_start(self, trainer: Any, pl_module: nn.Module) -> None:
        self._clear()
        self._watch = Watch(*self._settings)
        self._watch.do("train start", self._start, trainer, pl_module)

    def on_train_epoch_start(self, trainer: Any, pl_module: nn.Module) -> None:
        self._watch.do("epoch start", self._watch.begin_pass, "train", _train_loader(trainer))

    def on_train_batch_start(self, trainer: Any, pl_module: nn.Module, batch: Any, batch_idx: int) -> None:
        self._batch = batch
        if self._watch.observer is not None:
            self._watch.observer.batch("train", batch, self._fetch.waited())

    def on_before_backward(self, trainer: Any, pl_module: nn.Module, loss: torch.Tensor) -> None:
        if self._scout is not None:
            self._watch.do("scouting", self._adopt, trainer, pl_module)

    def on_before_optimizer_step(self, trainer: Any, pl_module: nn.Module, optimizer: Any) -> None:
        if self._early and self._watch.observer is not None:
            # The step was under way when watching began, so that its hook has been passed.
            self._early = False
            self._watch.observer.events.step_begins(optimizer)

    def on_train_batch_end(
        self, trainer: Any, pl_module: nn.Module, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        self._early = False
        if self._scout is not None:
            self._watch.do("scouting", self._adopt, trainer, pl_module)

    def on_train_epoch_end(self, trainer: Any, pl_module: nn.Module) -> None:
        loader = _train_loader(trainer)
        whole = trainer.fit_loop.epoch_loop.batch_progress.current.ready >= len(loader)
        self._watch.do("epoch end", lambda: self._watch.end_pass("train", loader, whole=whole))

    # -- a validation within it --------------------------------------------------------------------------------

    def on_validation_epoch_start(self, trainer: Any, pl_module: nn.Module) -> None:
        with torch.inference_mode(False), torch.no_grad():
            self._watch.do("validation start", self._watch.begin_pass, "val", _val_loader(trainer))

    def on_validation_batch_start(
        self, trainer: Any, pl_module: nn.Module, batch: Any, batch_idx: int, dataloader_idx: int = 0
    ) -> None:
        # Of several validation loaders the first one is what val means.
        if self._watch.observer is not None and self._watch.is_open("val") and dataloader_idx == 0:
            self._watch.observer.batch("val", batch)

    def on_validation_epoch_end(self, trainer: Any, pl_module: nn.Module) -> None:
        with torch.inference_mode(False), torch.no_grad():
            self._watch.do("validation end", self._watch.end_pass, "val", _val_loader(trainer))

    # -- the end -----------------------------------------------------------------------------------------------

    def on_train_end(self, trainer: Any, pl_module: nn.Module) -> None:
        self._clear()
        first = bool(trainer.is_global_zero)
        self._watch.do("train end", lambda: self._watch.close(judge=first, show=first and self._show))

    def on_exception(self, trainer: Any, pl_module: nn.Module, exception: BaseException) -> None:
        self._clear()

    def teardown(self, trainer: Any, pl_module: nn.Module, stage: str) -> None:
        self._clear()

    def _start(self, trainer: Any, pl_module: nn.Module) -> None:
        self._scout = Scout(pl_module)
        self._fetch.listen(trainer.profiler)

    def _clear(self) -> None:
        self._watch.do("clearing", self._cleared)
        self._watch.detach()

    def _cleared(self) -> None:
        if self._scout is not None:
            self._scout.stop()
        self._scout = self._batch = None
        self._fetch.stop()

    def _adopt(self, trainer: Any, pl_module: nn.Module) -> None:
        """After the first call of the network: what was called is watched from here on, this call included."""
        assert self._scout is not None
        scout, self._scout = self._scout, None
        call = scout.found(parts(self._batch).images)
        scout.stop()
        observer = self._watch.open(
            pl_module if call is None else call.module, trainer.optimizers, _known(trainer)
        )
        self._watch.begin_pass("train", _train_loader(trainer))
        observer.batch("train", self._batch, self._fetch.waited())
        if call is None:
            self._watch.say(UNFOUND)
            return
        self._early = True
        with call.again():
            observer.events.forward_done(call.args, call.kwargs, call.output)


class _Fetch:
    """How long the trainer waits for batches, by the entries of its profiler, which are made whether it profiles or not."""

    def __init__(self) -> None:
        self._profiler: Any = None
        self._asked = 0.0
        self._waited: float | None = None

    def waited(self) -> float | None:
        """Seconds since this was last asked; None where no wait was heard of."""
        waited, self._waited = self._waited, None
        return waited

    def listen(self, profiler: Any) -> None:
        start, stop = profiler.start, profiler.stop

        def started(action_name: str) -> None:
            start(action_name)
            if action_name.endswith(FETCHES):
                self._asked = time.perf_counter()

        def stopped(action_name: str) -> None:
            if action_name.endswith(FETCHES):
                self._waited = (self._waited or 0.0) + time.perf_counter() - self._asked
            stop(action_name)

        profiler.start, profiler.stop = started, stopped
        self._profiler = profiler

    def stop(self) -> None:
        """The profiler as it was."""
        if self._profiler is not None:
            del self._profiler.start, self._profiler.stop
            self._profiler = None


def _known(trainer: Any) -> Mapping[str, Any]:
    known: dict[str, Any] = {"accumulation": trainer.accumulate_grad_batches}
    if trainer.max_epochs is not None and trainer.max_epochs > 0:
        known["epochs"] = trainer.max_epochs
    if trainer.max_steps is not None and trainer.max_steps > 0:
        known["steps"] = trainer.max_steps
    return known


def _train_loader(trainer: Any) -> Any:
    return _stretch(trainer.train_dataloader, trainer.num_training_batches)


def _val_loader(trainer: Any) -> Any:
    batches = trainer.num_val_batches
    return _stretch(trainer.val_dataloaders, batches[0] if isinstance(batches, list) else batches)


def _stretch(loaders: Any, batches: float) -> Any:
    """The first loader; cut where ``limit_train_batches`` and its like say so."""
    loader = loaders[0] if isinstance(loaders, list | tuple) and loaders else loaders
    try:
        whole = len(loader) <= batches
    except (TypeError, NotImplementedError):
        whole = False
    return loader if whole else Stretch(loader, int(batches) if batches != float("inf") else 0)
