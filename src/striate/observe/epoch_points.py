"""From single batches to one point of the curves for each evaluation.

A point is made when a validation pass ends; where the loop never validates, when the next training pass begins. Knows nothing about
networks or hooks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from striate.core.observation_records import EpochPoint
from striate.observe.outputs_watch import Read

__all__ = ["EpochPoints", "Sums"]

LOGGED = {
    "loss": "logged_train_loss",
    "train_loss": "logged_train_loss",
    "val_loss": "logged_val_loss",
    "val_acc": "logged_val_accuracy",
    "val_accuracy": "logged_val_accuracy",
    "accuracy": "logged_val_accuracy",
}


@dataclass
class Sums:
    """Loss and hits over images."""

    loss: float = 0.0
    hits: float = 0.0
    n: int = 0

    def add(self, read: Read) -> None:
        """Take one batch in; one without known targets changes nothing."""
        if read.n:
            self.loss += read.loss * read.n
            self.hits += read.hits
            self.n += read.n

    def figures(self) -> tuple[float | None, float | None, int]:
        """(mean loss, accuracy, images); None without images."""
        return (self.loss / self.n, self.hits / self.n, self.n) if self.n else (None, None, 0)


@dataclass
class EpochPoints:
    """The curves as they grow. `step` and `epoch` are what the caller says they are."""

    points: list[EpochPoint] = field(default_factory=list)
    train: Sums = field(default_factory=Sums)
    val: Sums = field(default_factory=Sums)
    validated: int = -1
    """Step of the last evaluation: a second one without training between (other weights, other images) is not a new point."""
    _logged: dict[str, float] = field(default_factory=dict)

    def end_validation(self, *, epoch: float, step: int, lr: float | None, wait: float | None) -> bool:
        """A validation pass has ended; True when it made a point."""
        sums, self.val = self.val, Sums()
        if not sums.n or step == self.validated or step == 0:
            return False
        self.validated = step
        loss, accuracy, n = sums.figures()
        self._make(epoch, step, lr, wait, {"val_loss": loss, "val_accuracy": accuracy, "val_n": n})
        return True

    def end_training(self, *, epoch: float, step: int, lr: float | None, wait: float | None) -> None:
        """A training pass ended and no validation followed it."""
        if self.train.n:
            self._make(epoch, step, lr, wait, {})

    def log(self, values: Mapping[str, float]) -> None:
        """What the loop itself says; it belongs to the point just made, or to the one to come."""
        for name, value in values.items():
            if name in LOGGED:
                self._logged[LOGGED[name]] = float(value)
        if self.points and not self.train.n:
            self.points[-1] = self._with_logged(self.points[-1])

    def set_clean(self, loss: float, accuracy: float, n: int) -> None:
        """Figures on clean training images, of the point just made."""
        if self.points:
            update = {"clean_loss": loss, "clean_accuracy": accuracy, "clean_n": n}
            self.points[-1] = self.points[-1].model_copy(update=update)

    def _make(
        self, epoch: float, step: int, lr: float | None, wait: float | None, val: dict[str, Any]
    ) -> None:
        sums, self.train = self.train, Sums()
        loss, accuracy, n = sums.figures()
        point = EpochPoint(
            epoch=epoch,
            step=step,
            train_loss=loss,
            train_accuracy=accuracy,
            train_n=n,
            lr=lr,
            data_wait=wait,
            **val,
        )
        self.points.append(self._with_logged(point))

    def _with_logged(self, point: EpochPoint) -> EpochPoint:
        logged, self._logged = self._logged, {}
        update: dict[str, Any] = dict(logged)
        # A loop that is not watched while it validates can still say how it did.
        for said, ours in (("logged_val_accuracy", "val_accuracy"), ("logged_val_loss", "val_loss")):
            if said in logged and not point.val_n and math.isfinite(logged[said]):
                update[ours] = logged[said]
        return point.model_copy(update=update)
