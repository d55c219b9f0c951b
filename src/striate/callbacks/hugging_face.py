"""`Striate`, a callback of the Hugging Face Trainer: watches a training, and diagnoses it.

    trainer = Trainer(model, args, train_dataset=..., callbacks=[striate.callbacks.hugging_face.Striate()])

Batches are what the model is called with: images and labels by their usual names. A call in eval mode without gradients is of an
evaluation. Knows nothing about how a loop is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from striate.callbacks.errors import LibraryMissing
from striate.callbacks.watch import Watch
from striate.core.diagnosis_records import Diagnosis
from striate.observe.budget import SHARE
from striate.observe.hooks import unwrapped
from striate.verbs.attach import Doctor

try:
    from transformers import TrainerCallback
except ModuleNotFoundError:
    raise LibraryMissing.of("The Hugging Face Trainer (transformers)", "hf") from None

__all__ = ["Striate"]

NO_LABELS = (
    "the model was called without labels (label smoothing or a loss of your own takes them out): "
    "loss and accuracy could not be computed"
)


class Striate(TrainerCallback):
    """Watches a training. Nothing of it changes: the weights are the same to the bit."""

    def __init__(self, *, budget: float = SHARE, show: bool = True, **intent: Any) -> None:
        """`budget` as of `striate.attach`; `show` prints the diagnosis when training ends, in the first process.

        intent: what is meant, as of `Doctor.declare`: ``frozen=["stem"]``, ``ordered=True``. Accumulation and length are the trainer's.
        Raises ValueError for an intent of another name.
        """
        self._watch = Watch(budget, intent)
        self._settings, self._show = (budget, intent), show
        self._hook: Any = None

    @property
    def diagnosis(self) -> Diagnosis | None:
        """What is wrong with the last training; None before its end, and where nothing was heard."""
        return self._watch.diagnosis

    @property
    def doctor(self) -> Doctor | None:
        """Who watches, as `striate.attach` hands out: for `observation()`, `save(path)`, `log(...)`."""
        return self._watch.doctor

    # -- a training --------------------------------------------------------------------------------------------

    def on_train_begin(self, args: Any, state: Any, control: Any, **of: Any) -> None:
        self._clear()
        self._watch = Watch(*self._settings)
        self._watch.do("train begin", self._start, args, state, of)

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **of: Any) -> None:
        self._watch.do("epoch begin", self._watch.begin_pass, "train", of.get("train_dataloader"))

    def on_epoch_end(self, args: Any, state: Any, control: Any, **of: Any) -> None:
        self._watch.do("epoch end", self._end_epoch, state, of.get("train_dataloader"))

    def on_evaluate(self, args: Any, state: Any, control: Any, **of: Any) -> None:
        self._watch.do("evaluation", self._watch.end_pass, "val", of.get("eval_dataloader"))

    def on_predict(self, args: Any, state: Any, control: Any, metrics: Any, **of: Any) -> None:
        self._watch.do("prediction", self._watch.end_pass, "val", of.get("eval_dataloader"))

    def on_train_end(self, args: Any, state: Any, control: Any, **of: Any) -> None:
        self._clear(detach=False)
        first = bool(state.is_world_process_zero)
        self._watch.do("train end", lambda: self._watch.close(judge=first, show=first and self._show))

    def _start(self, args: Any, state: Any, of: Mapping[str, Any]) -> None:
        # Hooks run in the order in which they were added: the batch is told before the observer hears of the call.
        model = unwrapped(of["model"])
        self._hook = model.register_forward_hook(_Ear(self._called), with_kwargs=True)
        optimizer = getattr(of["optimizer"], "optimizer", of["optimizer"])
        known = {"accumulation": args.gradient_accumulation_steps, "steps": state.max_steps}
        if args.num_train_epochs > 0 and args.max_steps <= 0:
            known["epochs"] = args.num_train_epochs
        self._watch.open(model, [optimizer], known)

    def _end_epoch(self, state: Any, loader: Any) -> None:
        self._watch.end_pass("train", loader, whole=float(state.epoch).is_integer())

    def _clear(self, *, detach: bool = True) -> None:
        if self._hook is not None:
            self._hook.remove()
            self._hook = None
        if detach:
            self._watch.detach()

    def _called(self, model: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        observer = self._watch.observer
        if observer is None or observer.busy or torch.compiler.is_compiling():
            return
        training = model.training or torch.is_grad_enabled()
        self._watch.do("call", self._tell, "train" if training else "val", kwargs or args)

    def _tell(self, split: str, batch: Any) -> None:
        observer = self._watch.observer
        assert observer is not None
        if split == "val" and not self._watch.is_open("val"):
            # The trainer tells the loader of an evaluation only when it is over.
            self._watch.begin_pass("val", ())
        if isinstance(batch, Mapping) and not any(
            batch.get(name) is not None for name in ("labels", "label")
        ):
            self._watch.say(NO_LABELS)
        observer.batch(split, batch)


class _Ear:
    """The hook on the model. A model that is saved whole leaves it behind, and a copy of the model has one that is deaf."""

    def __init__(self, tell: Callable[..., None] | None = None) -> None:
        self._tell = tell

    def __call__(self, model: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], _: Any) -> None:
        if self._tell is not None:
            self._tell(model, args, kwargs)

    def __reduce__(self) -> tuple[type[_Ear], tuple[()]]:
        return _Ear, ()
