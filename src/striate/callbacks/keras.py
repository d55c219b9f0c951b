"""`Striate`, a callback of Keras on its torch backend: watches a fit, and diagnoses it.

    model.fit(x, y, validation_data=(x_val, y_val), callbacks=[striate.callbacks.keras.Striate()])

Batches and outputs are what the model's own `compute_loss` is given, steps are its optimiser's. The layers keep their state where it cannot
be set aside, so there are no looks inside. Knows nothing about how a loop is judged.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from striate.callbacks.errors import BackendUnsuited, LibraryMissing
from striate.callbacks.watch import Stretch, Watch
from striate.core.diagnosis_records import Diagnosis
from striate.observe.budget import SHARE
from striate.verbs.attach import Doctor

try:
    import keras
except ModuleNotFoundError as error:
    missing = (error.name or "").split(".")[0]
    if missing in ("tensorflow", "jax"):
        raise BackendUnsuited.of(missing) from None
    raise LibraryMissing.of("Keras", "keras") from None

__all__ = ["Striate"]

SUM_ERROR = 1e-3
"""Rows of probabilities sum to 1 within this, in half precision, too."""


class Striate(keras.callbacks.Callback):
    """Watches a fit. Nothing of the training changes: the weights are the same to the bit."""

    def __init__(self, *, budget: float = SHARE, show: bool = True, **intent: Any) -> None:
        """`budget` as of `striate.attach`; `show` prints the diagnosis when the fit ends.

        intent: what is meant, as of `Doctor.declare`: ``frozen=["stem"]``, ``ordered=True``. Accumulation and length are Keras's.
        Raises ValueError for an intent of another name, `BackendUnsuited` where Keras does not run on torch.
        """
        super().__init__()
        if keras.backend.backend() != "torch":
            raise BackendUnsuited.of(keras.backend.backend())
        self._watch = Watch(budget, intent)
        self._settings, self._show = (budget, intent), show
        self._undo = contextlib.ExitStack()

    @property
    def diagnosis(self) -> Diagnosis | None:
        """What is wrong with the last fit; None before its end, and where nothing was heard."""
        return self._watch.diagnosis

    @property
    def doctor(self) -> Doctor | None:
        """Who watches, as `striate.attach` hands out: for `observation()`, `save(path)`, `log(...)`."""
        return self._watch.doctor

    def on_train_begin(self, logs: Any = None) -> None:
        self._undo.close()
        self._watch.detach()
        self._watch = Watch(*self._settings)
        self._watch.do("train begin", self._start)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._watch.do("epoch begin", self._watch.begin_pass, "train", self._stretch())

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._watch.do("epoch end", self._watch.end_pass, "train", self._stretch())

    def on_test_begin(self, logs: Any = None) -> None:
        self._watch.do("test begin", self._watch.begin_pass, "val", Stretch((), 0))

    def on_test_end(self, logs: Any = None) -> None:
        self._watch.do("test end", self._watch.end_pass, "val", Stretch((), 0))

    def on_train_end(self, logs: Any = None) -> None:
        self._undo.close()
        self._watch.do("train end", lambda: self._watch.close(judge=True, show=self._show))

    def _stretch(self) -> Stretch:
        return Stretch((), int((self.params or {}).get("steps") or 0))

    def _start(self) -> None:
        optimizer = self.model.optimizer
        every = int(getattr(optimizer, "gradient_accumulation_steps", None) or 1)
        known = {"accumulation": every, "epochs": int((self.params or {}).get("epochs") or 0)}
        stand_in = _stand_in(self.model, optimizer)
        self._watch.open(_variables(self.model), [stand_in], known)
        self._undo.enter_context(_told(self.model, "compute_loss", after=self._after_loss))

        def before(*_: Any, **__: Any) -> None:
            self._watch.do("step", self._before_step, stand_in, optimizer, every)

        def after(*_: Any, **__: Any) -> None:
            self._watch.do("step end", self._after_step, stand_in, optimizer, every)

        self._undo.enter_context(_told(optimizer, "apply", before=before, after=after))

    def _before_step(self, stand_in: torch.optim.Optimizer, optimizer: Any, every: int) -> None:
        # A call that only adds to the gradients is no step.
        if self._watch.observer is not None and (_number(optimizer.iterations) + 1) % every == 0:
            stand_in.param_groups[0]["lr"] = _number(optimizer.learning_rate)
            self._watch.observer.events.step_begins(stand_in)

    def _after_step(self, stand_in: torch.optim.Optimizer, optimizer: Any, every: int) -> None:
        if self._watch.observer is not None and _number(optimizer.iterations) % every == 0:
            self._watch.observer.events.step_ended(stand_in)

    def _after_loss(self, *args: Any, **kwargs: Any) -> None:
        given = dict(zip(("x", "y", "y_pred"), args, strict=False)) | kwargs
        self._watch.do("loss", self._tell, given.get("x"), given.get("y"), given.get("y_pred"))

    def _tell(self, x: Any, y: Any, answers: Any) -> None:
        observer = self._watch.observer
        if observer is None or not isinstance(answers, torch.Tensor):
            return
        images = _channels_first(x)
        observer.batch("val" if self._watch.is_open("val") else "train", (images, _classes(y, answers)))
        observer.events.forward_done((images,), {}, _scores(answers, self.model.loss))


def _told(
    owner: Any,
    name: str,
    *,
    before: Callable[..., None] = lambda *_, **__: None,
    after: Callable[..., None],
) -> contextlib.AbstractContextManager[None]:
    """Inside, a method of this one object tells when it is called."""

    @contextlib.contextmanager
    def within() -> Any:
        method, own = getattr(owner, name), vars(owner).get(name)

        def called(*args: Any, **kwargs: Any) -> Any:
            before(*args, **kwargs)
            result = method(*args, **kwargs)
            after(*args, **kwargs)
            return result

        # Past Keras's own bookkeeping of attributes, which this is none of.
        object.__setattr__(owner, name, called)
        try:
            yield
        finally:
            if own is None:
                object.__delattr__(owner, name)
            else:
                object.__setattr__(owner, name, own)

    return within()


def _variables(model: Any) -> nn.Module:
    """The model's weights by Keras's names for them, as something that nobody calls."""
    held = nn.Module()
    for variable in model.trainable_variables:
        held.register_parameter(variable.path.replace(".", "_"), variable.value)
    return held


def _number(value: Any) -> float:
    return float(keras.ops.convert_to_numpy(value))


def _stand_in(model: Any, optimizer: Any) -> torch.optim.Optimizer:
    """What an observer asks an optimiser of torch, answered by Keras's: its name, its parameters, its settings."""
    settings: dict[str, Any] = {"lr": _number(optimizer.learning_rate)}
    for theirs, ours in (("weight_decay", "weight_decay"), ("momentum", "momentum"), ("epsilon", "eps")):
        value = getattr(optimizer, theirs, None)
        if isinstance(value, float | int):
            settings[ours] = float(value)
    if hasattr(optimizer, "beta_1"):
        settings["betas"] = (float(optimizer.beta_1), float(getattr(optimizer, "beta_2", 0.0)))
    kind = type(type(optimizer).__name__, (torch.optim.Optimizer,), {})
    made: torch.optim.Optimizer = kind([v.value for v in model.trainable_variables], settings)
    return made


def _channels_first(images: Any) -> Any:
    """(N, C, H, W), as everywhere here; Keras has (N, H, W, C) unless told otherwise."""
    if isinstance(images, torch.Tensor) and images.ndim == 4:
        return images.movedim(-1, 1) if keras.config.image_data_format() == "channels_last" else images
    return images


def _classes(targets: Any, answers: torch.Tensor) -> Any:
    """Class numbers that came as real numbers are classes, where the answers are of several classes."""
    if not isinstance(targets, torch.Tensor) or not targets.is_floating_point() or answers.ndim != 2:
        return targets
    one_each = targets.ndim == 1 or (targets.ndim == 2 and targets.shape[1] == 1)
    if one_each and answers.shape[1] > 1 and bool((targets == targets.round()).all()):
        return targets.long()
    return targets


def _scores(answers: torch.Tensor, loss: Any) -> torch.Tensor:
    """Scores z with softmax(z) = answers, where the loss takes probabilities and gets them; else the answers themselves."""
    if getattr(loss, "from_logits", False):
        return answers
    before: torch.Tensor | None = getattr(answers, "_keras_logits", None)
    if before is not None:
        return before
    values = answers.detach()
    sums = values.float().sum(-1)
    if answers.ndim == 2 and bool((values >= 0).all()) and bool(((sums - 1).abs() < SUM_ERROR).all()):
        return answers.clamp_min(torch.finfo(answers.dtype).tiny).log()
    return answers
