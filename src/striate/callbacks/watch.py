"""One training of another library, from its first event to its diagnosis.

No error in here reaches the library. Knows nothing about any one of them: a callback translates its events.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import nn

from striate.core.diagnosis_records import Diagnosis
from striate.core.observation_records import Declared
from striate.observe.budget import Budget
from striate.observe.observer import Observer
from striate.observe.shield import Shield
from striate.verbs.attach import Doctor

__all__ = ["Stretch", "Watch"]


class Watch:
    """Opened when the network is known, closed when the training ends."""

    def __init__(self, budget: float, intent: Mapping[str, Any]) -> None:
        """`budget` as of `striate.attach`, `intent` as of `Doctor.declare`. Raises ValueError for an intent of another name."""
        Declared.model_validate(Declared().model_dump() | {**intent})
        self.doctor: Doctor | None = None
        self.observer: Observer | None = None
        self.diagnosis: Diagnosis | None = None
        self._budget, self._intent = budget, dict(intent)
        self._shield = Shield()
        self._open: set[str] = set()

    def do(self, event: str, work: Callable[..., None], *args: Any) -> None:
        """What a callback does at an event of its library. What fails is said, and not done again."""
        self._shield.run(f"event {event}", work, *args)

    def say(self, problem: str) -> None:
        """What could not be seen, and why."""
        (self.observer or self._shield).say(problem)

    def open(
        self, model: nn.Module, optimizers: Sequence[torch.optim.Optimizer], known: Mapping[str, Any]
    ) -> Observer:
        """Watch from here on. `known`: what the library says of the run; what its owner said goes before."""
        self.observer = Observer(model, optimizers, budget=Budget(self._budget))
        self.doctor = Doctor(self.observer)
        self.doctor.declare(**{**known, **self._intent})
        return self.observer

    def begin_pass(self, split: str, loader: Any) -> None:
        """A pass begins; one of the same split that is still open ends here."""
        if self.observer is not None:
            self.end_pass(split, loader)
            self._open.add(split)
            self.observer.begin_pass(split, loader)

    def end_pass(self, split: str, loader: Any, *, whole: bool = True) -> None:
        """A pass ends, if one is open."""
        if self.observer is not None and split in self._open:
            self._open.discard(split)
            self.observer.end_pass(split, loader, whole=whole)

    def is_open(self, split: str) -> bool:
        """Whether a pass of this split is being gone through."""
        return split in self._open

    def detach(self) -> None:
        """Hear no more. Called again it does nothing."""
        observer, self.observer = self.observer, None
        if observer is not None:
            observer.detach()
            for problem in self._shield.problems:
                observer.say(problem)

    def close(self, *, judge: bool, show: bool) -> None:
        """The training is over: diagnose it, and print what was found, where this is asked for."""
        self.detach()
        if self.doctor is None:
            self.say("no call of the network was heard, so that there is nothing to diagnose")
        elif judge:
            self._shield.run("diagnosis", self._judge)
        if show and self.diagnosis is not None:
            print(self.diagnosis)

    def _judge(self) -> None:
        assert self.doctor is not None
        self.diagnosis = self.doctor.diagnose()


class Stretch:
    """A loader of which one pass takes only so many batches: what the observer asks of it."""

    def __init__(self, loader: Any, batches: int) -> None:
        self.dataset = getattr(loader, "dataset", None)
        self._batches = batches
        self.sampler = range(batches * (getattr(loader, "batch_size", None) or 0))

    def __len__(self) -> int:
        return self._batches

    def __iter__(self) -> Any:
        raise TypeError("a stretch of a loader is only asked how long it is")
