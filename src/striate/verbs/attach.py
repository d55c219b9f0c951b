"""`striate.attach`: two lines in anyone's training loop, and it can be diagnosed.

    doc = striate.attach(model, optimizer)
    for x, y in doc.watch(train_loader): ...      # the loop's own line, wrapped
    print(doc.diagnose())

Knows nothing about terminals, nor about how anything is measured or judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import torch
from torch import nn

from striate.core.atomic import write_atomic
from striate.core.diagnosis_records import Diagnosis
from striate.core.observation_records import Observation
from striate.diagnosis.judge import diagnose
from striate.observe.budget import SHARE, Budget
from striate.observe.observer import Observer
from striate.observe.watched_loader import WatchedLoader

__all__ = ["Doctor", "attach"]


class Doctor:
    """Watches one loop until it is detached. Nothing of the training changes: the weights are the same to the bit."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer

    def watch(self, loader: Iterable[Any], split: str = "train") -> WatchedLoader:
        """The loader to go through instead of `loader`: the same batches in the same order, noted on their way.

        `split` is ``"train"`` or ``"val"``. Batches are pairs (images, targets), longer tuples that begin so, or mappings with usual
        names; targets are classes (N,) or shares (N, K). Other targets are refused by name in the diagnosis, and the loop goes on.
        Raises ValueError for another split.
        """
        if split not in ("train", "val"):
            raise ValueError(f"split is 'train' or 'val', not {split!r}")
        return self._observer.watch(loader, split)

    def declare(self, **intent: Any) -> Self:
        """Say what is meant, so that it raises no alarm: the fields of `striate.core.observation_records.Declared`.

        ``frozen=["stem"]``, ``accumulation=4``, ``test_time_augmentation=True``, ``ordered=True``, ``loss="distillation"``,
        ``batch_norm_frozen=True``, ``average=True``; also ``epochs=`` and ``steps=``, the planned length of the run. Raises
        ValueError for a name that is none of these.
        """
        planned = {"epochs": "planned_epochs", "steps": "planned_steps"}
        intent = {planned.get(name, name): value for name, value in intent.items()}
        if isinstance(intent.get("frozen"), str):
            intent["frozen"] = (intent["frozen"],)
        self._observer.declare(intent)
        return self

    def log(self, **values: Any) -> None:
        """What the loop computes itself: ``loss=`` at a step, ``val_loss=``, ``val_acc=`` (a share) after an evaluation.

        It is compared with what was recomputed, and stands in for what could not be.
        """
        self._observer.log(values)

    def observation(self) -> Observation:
        """Everything that was seen so far, as a record."""
        return self._observer.observation()

    def diagnose(self) -> Diagnosis:
        """What is wrong with this run so far. Takes a moment: images and labels are compared with each other."""
        return diagnose(self.observation())

    def save(self, path: str | Path) -> Path:
        """Write the observation to a JSON file that ``striate diagnose`` reads."""
        target = Path(path)
        write_atomic(target, self.observation().to_json(indent=None))
        return target

    def detach(self) -> None:
        """Take every hook away. What was seen stays, and can still be diagnosed."""
        self._observer.detach()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.detach()


def attach(
    model: nn.Module,
    optimizer: torch.optim.Optimizer | Sequence[torch.optim.Optimizer],
    *,
    budget: float = SHARE,
) -> Doctor:
    """Watch the loop that trains `model` with `optimizer` (or several; the first one counts the steps).

    Hand over what the loop calls: the compiled or the distributed object where there is one. `budget` is the share of the loop's time that
    watching may take, after the first second of it; ``float("inf")`` looks at everything. Raises ValueError when the
    model is no Module or no optimiser is given; anything else that is wrong becomes part of the diagnosis.
    """
    optimizers = [optimizer] if isinstance(optimizer, torch.optim.Optimizer) else list(optimizer)
    if not isinstance(model, nn.Module):
        raise ValueError(f"model is a torch.nn.Module, not {type(model).__name__}")
    if not optimizers or not all(isinstance(o, torch.optim.Optimizer) for o in optimizers):
        raise ValueError("optimizer is a torch.optim.Optimizer, or several of them in a list")
    return Doctor(Observer(model, optimizers, budget=Budget(budget)))
