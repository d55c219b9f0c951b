"""A run as plain lines, for logs, pipes and notebooks: no control codes, nothing twice.

One line an epoch, and a sign of life when nothing else was said for half a minute. Knows nothing about terminals.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from striate.cli.lines import Row, amount_text, epoch_line, loss_text, rate_text, task_line
from striate.cli.view import LABEL, View, ViewedTask
from striate.core.records import EpochRecord
from striate.core.wording import duration, percent
from striate.training.watchers import StepInfo

__all__ = ["PlainView"]

# Seconds: what took less is not worth a line in a log.
WORTH_A_LINE = 1.0


class PlainView(View):
    """Writes lines and flushes each, so that `tail -f` sees it."""

    every: ClassVar[float] = 30.0

    def line(self, text: str) -> None:
        self.stream.write(text + "\n")
        self.stream.flush()
        self._shown = self.clock()

    def sentence(self, text: str) -> None:
        self.line(text)

    def labelled(self, rows: Sequence[Row]) -> None:
        for label, text in rows:
            self.line(f"{label:<{LABEL}} {text}")

    def show_task(self, task: ViewedTask) -> None:
        if task.done:
            self.line(task_line(task.label, task.done, task.total, task.seconds, task.of))

    def end_task(self, task: ViewedTask, whole: bool) -> None:
        if whole and task.total is not None and task.seconds >= WORTH_A_LINE:
            self.line(f"{task.label}: {amount_text(task.done, None, task.of)} in {duration(task.seconds)}")

    def show_step(self, info: StepInfo, now: float) -> None:
        assert self.pace is not None
        loss, accuracy = info.running()
        rate = self.pace.images_per_second(info, now)
        parts = [
            f"epoch {info.epoch:>{len(str(info.epochs))}}/{info.epochs}",
            f"step {info.step:,} of {info.steps:,}",
            f"loss {loss_text(loss)} acc {percent(accuracy)}",
            *([f"{rate_text(rate)} img/s"] if rate else []),
            f"{duration(self.pace.left(info.epoch, info.step))} left",
        ]
        self.line("  ".join(parts))

    def show_epoch(self, record: EpochRecord, best: bool, left: float) -> None:
        self.line(epoch_line(record, self.run.epochs_planned, best, left))
