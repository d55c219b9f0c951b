"""Who may look on while a run trains: called by name, never able to change the run.

The loop calls a watcher at its start, after each step, after each epoch and at its end. A watcher gets
records and numbers, never the model, so training with and without one is the same to the bit. Knows nothing
about terminals or torch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from striate.core.records import DataRecord, EpochRecord, RunRecord

__all__ = ["SILENT_WATCHER", "SilentWatcher", "StepInfo", "Watcher"]


@dataclass(frozen=True)
class StepInfo:
    """Where training is. `running` reads the mean loss and accuracy of the epoch so far.

    `running` costs a synchronisation with the device, so a watcher calls it a few times a second at most.
    """

    epoch: int
    step: int
    """Steps done in this epoch."""
    steps: int
    """Steps in this epoch."""
    epochs: int
    lr: float
    images: int
    """Images seen in this epoch."""
    running: Callable[[], tuple[float, float]]


class Watcher(Protocol):
    """Whoever looks on."""

    def on_start(self, run: RunRecord, data: DataRecord, folder: str) -> None:
        """Training is about to begin, or to go on after `len(run.history)` epochs."""
        ...

    def on_step(self, info: StepInfo) -> None:
        """One optimiser step is done."""
        ...

    def on_phase(self, label: str) -> None:
        """Between steps: 'clean', 'val', 'saving', ..."""
        ...

    def on_epoch(self, record: EpochRecord, best: bool) -> None:
        """One epoch is measured; `best` when it is the best so far."""
        ...

    def on_end(self, run: RunRecord) -> None:
        """Training ended: finished, interrupted or failed, as `run.status` says."""
        ...


class SilentWatcher:
    """Shows nothing."""

    def on_start(self, run: RunRecord, data: DataRecord, folder: str) -> None:
        return None

    def on_step(self, info: StepInfo) -> None:
        return None

    def on_phase(self, label: str) -> None:
        return None

    def on_epoch(self, record: EpochRecord, best: bool) -> None:
        return None

    def on_end(self, run: RunRecord) -> None:
        return None


SILENT_WATCHER = SilentWatcher()
