"""What a run says of itself while it goes on: run.json, rewritten whole after every epoch.

Whatever reads a run (the report, a table, another tool) reads this, never the loop. Knows nothing about torch's
tensors beyond the state's history.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Literal

from striate.core.records import RunRecord, Score
from striate.core.run_folder import RunFolder

if TYPE_CHECKING:
    from striate.training.state import RunState

__all__ = ["BEST_RULE", "Journal"]

BEST_RULE = "highest val accuracy, ties by lower val loss"
Status = Literal["running", "interrupted", "failed", "finished"]


class Journal:
    """Keeps a run's RunRecord current on disk."""

    def __init__(self, folder: RunFolder, record: RunRecord) -> None:
        self.folder, self.record = folder, record

    def update(
        self, state: RunState, status: Status, *, failure: str = "", stopped_early: bool = False
    ) -> None:
        """Write the state's history and best epoch under `status`."""
        self._write(
            status=status,
            failure=failure,
            stopped_early=stopped_early,
            seconds=state.seconds,
            history=tuple(state.history),
            best_epoch=state.best.epoch,
        )

    def conclude(self, val: Score, test: Score | None) -> None:
        """The figures of the best weights: the run has finished."""
        self._write(status="finished", val=val, test=test)

    def _write(self, **changes: object) -> None:
        self.record = self.record.model_copy(update=changes)
        self.folder.write_text("run.json", self.record.to_json())


def now() -> str:
    """The time of day, UTC, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
