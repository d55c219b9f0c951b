"""One object owns all state of a run: what it holds is what a checkpoint holds.

Data order, augmentation and dropout are functions of (seed, epoch, step), so the position is two integers and no
generator state exists. `tensors` and `plain` take the state out, `restore` puts it back to the bit. Knows
nothing about files, nor about how a step is done.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from striate.core.records import EpochRecord
from striate.training.averaging import AveragedWeights

__all__ = ["Best", "Position", "RunState", "Running"]


@dataclass
class Position:
    """How far the run is: `epoch` epochs are measured, `step` steps of the next one are done."""

    epoch: int = 0
    step: int = 0
    global_step: int = 0


@dataclass
class Best:
    """The best epoch so far: by val accuracy, ties by lower val loss. `stale` epochs have passed since."""

    epoch: int = 0
    accuracy: float = -1.0
    loss: float = math.inf
    stale: int = 0

    def beaten_by(self, record: EpochRecord) -> bool:
        """Whether `record` is better than the best so far."""
        return (record.val_accuracy, -record.val_loss) > (self.accuracy, -self.loss)

    def see(self, record: EpochRecord) -> bool:
        """Take `record` into account; True when it is the new best."""
        if self.beaten_by(record):
            self.epoch, self.accuracy, self.loss, self.stale = (
                record.epoch,
                record.val_accuracy,
                record.val_loss,
                0,
            )
            return True
        self.stale += 1
        return False


@dataclass
class Running:
    """Sums over the steps of the epoch under way. The first three live on the device: no step waits for them."""

    loss: torch.Tensor
    correct: torch.Tensor
    seen: int = 0
    norms: list[float] = field(default_factory=list)
    """Gradient norms of the sampled steps."""
    seconds: float = 0.0
    waiting: float = 0.0
    """Of `seconds`, time spent waiting for batches."""

    @classmethod
    def zero(cls, device: torch.device) -> Running:
        """Sums at the start of an epoch. float64 where the device has it: a million terms lose nothing."""
        wide = torch.float32 if device.type == "mps" else torch.float64
        return cls(torch.zeros((), dtype=wide, device=device), torch.zeros((), dtype=wide, device=device))

    def means(self) -> tuple[float, float]:
        """Mean loss and accuracy so far; waits for the device."""
        n = max(1, self.seen)
        return self.loss.item() / n, self.correct.item() / n


class RunState:
    """Model, optimiser, average, loss scaler, position, sums, history, best."""

    def __init__(
        self,
        model: nn.Module,
        optimizer: Optimizer,
        device: torch.device,
        average: AveragedWeights | None = None,
        scaler: torch.amp.GradScaler | None = None,
    ) -> None:
        self.model, self.optimizer, self.device = model, optimizer, device
        self.average, self.scaler = average, scaler
        self.position, self.best, self.running = Position(), Best(), Running.zero(device)
        self.history: list[EpochRecord] = []
        self.seconds = 0.0
        """Wall time of all sittings up to the last save."""

    def finish_epoch(self, record: EpochRecord) -> bool:
        """The epoch is measured: on to the next; True when it was the best so far."""
        self.history.append(record)
        self.position.epoch, self.position.step = self.position.epoch + 1, 0
        self.running = Running.zero(self.device)
        return self.best.see(record)

    # -- out -------------------------------------------------------------------------------------------------

    def tensors(self) -> dict[str, torch.Tensor]:
        """Every tensor of the state under a name: model/..., average/N, optimizer/N/key, running/..."""
        out = {f"model/{name}": value for name, value in self.model.state_dict().items()}
        if self.average is not None:
            out |= {f"average/{i}": value for i, value in enumerate(self.average.average)}
        for index, slots in self.optimizer.state_dict()["state"].items():
            out |= {f"optimizer/{index}/{k}": v for k, v in slots.items() if isinstance(v, torch.Tensor)}
        out |= {"running/loss": self.running.loss, "running/correct": self.running.correct}
        return {name: value.detach().to("cpu", copy=True).contiguous() for name, value in out.items()}

    def plain(self) -> dict[str, Any]:
        """Everything that is not a tensor, as strict JSON values."""
        running = self.running
        return {
            "position": vars(self.position).copy(),
            "best": {**vars(self.best), "loss": _text(self.best.loss)},
            "running": {
                "seen": running.seen,
                "norms": [_text(norm) for norm in running.norms],
                "seconds": running.seconds,
                "waiting": running.waiting,
            },
            "average_updates": self.average.updates if self.average else 0,
            "scaler": self.scaler.state_dict() if self.scaler else {},
            "history": [record.to_dict() for record in self.history],
            "seconds": self.seconds,
        }

    # -- in --------------------------------------------------------------------------------------------------

    def restore(self, tensors: Mapping[str, torch.Tensor], plain: Mapping[str, Any]) -> None:
        """Put back what `tensors` and `plain` gave. Raises KeyError, ValueError or RuntimeError on a misfit."""
        self.model.load_state_dict(_under("model/", tensors), strict=True)
        self._restore_optimizer(tensors)
        if self.average is not None:
            for i, value in enumerate(self.average.average):
                value.copy_(tensors[f"average/{i}"])
            self.average.updates = int(plain["average_updates"])
        if self.scaler is not None:
            self.scaler.load_state_dict(plain["scaler"])
        self.position = Position(**plain["position"])
        self.best = Best(**{**plain["best"], "loss": float(plain["best"]["loss"])})
        self.running = Running(
            tensors["running/loss"].to(self.device),
            tensors["running/correct"].to(self.device),
            **{**plain["running"], "norms": [float(norm) for norm in plain["running"]["norms"]]},
        )
        self.history = [EpochRecord.model_validate(record) for record in plain["history"]]
        self.seconds = float(plain["seconds"])

    def _restore_optimizer(self, tensors: Mapping[str, torch.Tensor]) -> None:
        parameters = [p for group in self.optimizer.param_groups for p in group["params"]]
        slots: dict[int, dict[str, torch.Tensor]] = {}
        for name, value in _under("optimizer/", tensors).items():
            index, key = name.split("/")
            parameter = parameters[int(index)]
            # The memory layout of the parameter, which a contiguous file does not keep: speed, not values.
            same = value.shape == parameter.shape
            kept = torch.empty_like(parameter, dtype=value.dtype).copy_(value) if same else value.clone()
            slots.setdefault(int(index), {})[key] = kept
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": slots, "param_groups": groups})


def _under(prefix: str, tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name[len(prefix) :]: value for name, value in tensors.items() if name.startswith(prefix)}


def _text(value: float) -> str | float:
    """Strict JSON has no infinity: it travels as text, which float() reads back."""
    return value if math.isfinite(value) else str(value)
