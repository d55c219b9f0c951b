"""A run on a terminal: a table that grows by a row an epoch, and one live line under it.

The line is drawn by the training's own calls, at most four times a second: no thread competes with it, and the cursor
is never hidden, so that a kill leaves the terminal as it was. Knows nothing about what is computed.
"""

from __future__ import annotations

import sys
import textwrap
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, TextIO, cast

from rich.console import Console
from rich.live import Live
from rich.text import Text

from striate.cli.lines import Row, amount_text, loss_text, rate_text
from striate.cli.view import LABEL, View, ViewedTask
from striate.core.records import EpochRecord
from striate.core.wording import duration, percent, significant
from striate.training.watchers import StepInfo

__all__ = ["COLUMNS", "TerminalView", "bar", "fitting", "heading", "row"]

LONGEST_BAR, SHORTEST_BAR = 40, 5


@dataclass(frozen=True)
class Column:
    """One column of the epoch table. The higher `rank`, the sooner it is left out of a narrow terminal."""

    title: str
    width: int
    cell: Callable[[EpochRecord], str]
    rank: int = 0
    marked: bool = False
    """Followed by a star at a new best."""

    @property
    def room(self) -> int:
        """Characters it takes, with the gap before it."""
        return 1 + self.width + (2 if self.marked else 0)


COLUMNS = (
    Column("lr", 8, lambda e: significant(e.lr), rank=3),
    Column("train loss", 10, lambda e: loss_text(e.train_loss)),
    Column("train acc", 9, lambda e: percent(e.train_accuracy), rank=1),
    Column("clean acc", 9, lambda e: percent(e.clean_accuracy), rank=2),
    Column("val loss", 9, lambda e: loss_text(e.val_loss)),
    Column("val acc", 9, lambda e: percent(e.val_accuracy), marked=True),
    Column("img/s", 7, lambda e: rate_text(e.images_per_second), rank=4),
)
FAINT = 3
"""Columns of this rank and above are drawn dim: they are not what one follows."""


def fitting(columns: Sequence[Column], width: int) -> list[Column]:
    """The columns that fit into `width`, the least telling ones left out first."""
    kept = list(columns)
    while len(kept) > 1 and sum(c.room for c in kept) > width:
        kept.remove(max(kept, key=lambda c: c.rank))
    return kept


def heading(place: int, columns: Sequence[Column]) -> Text:
    """The titles, above cells that are right-aligned after `place` characters of epoch."""
    titles = "".join(f" {c.title:>{c.width}}" + ("  " if c.marked else "") for c in columns)
    return Text(f"{'epoch':<{place}}{titles}".rstrip(), style="dim")


def row(record: EpochRecord, epochs: int, best: bool, place: int, columns: Sequence[Column]) -> Text:
    """One epoch; the validation accuracy of a new best is bold and carries a star."""
    number = f"{record.epoch:>{len(str(epochs))}}/{epochs}"
    out = Text("").append(f"{number:<{place}}", style="bold")
    for column in columns:
        shines = best and column.marked
        style = "bold green" if shines else "dim" if column.rank >= FAINT else ""
        out.append(f" {column.cell(record):>{column.width}}", style=style)
        if column.marked:
            out.append(" ★" if shines else "  ", style=style)
    return out


def bar(share: float, width: int) -> Text:
    """A bar of `width` characters, filled to `share` in half characters."""
    halves = round(2 * width * min(max(share, 0.0), 1.0))
    full, half = divmod(halves, 2)
    return Text.assemble(("━" * full + "╸" * half, "cyan"), ("─" * (width - full - half), "dim"))


class TerminalView(View):
    """Draws with Rich; every permanent line goes above the living one."""

    every: ClassVar[float] = 0.25

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(stream, clock)
        self.console = Console(file=cast(TextIO, self.stream), highlight=False, markup=False, emoji=False)
        self._live: Live | None = None
        self._headed = False

    # -- permanent lines ---------------------------------------------------------------------------------------

    def line(self, text: str) -> None:
        # Never broken by us: a command or path that the terminal wraps can still be copied whole.
        self.console.print(Text(text), soft_wrap=True)

    def sentence(self, text: str) -> None:
        for line in text.split("\n"):
            self.line("\n".join(self._wrapped(line, self.console.width)))

    def labelled(self, rows: Sequence[Row]) -> None:
        indent = " " * (LABEL + 1)
        for label, text in rows:
            body = f"\n{indent}".join(self._wrapped(text, self.console.width - len(indent)))
            self.console.print(Text.assemble((f"{label:<{LABEL}} ", "dim"), body), soft_wrap=True)

    @staticmethod
    def _wrapped(text: str, width: int) -> list[str]:
        """At spaces only, so that a path stays whole."""
        return textwrap.wrap(text, max(width, 20), break_long_words=False, break_on_hyphens=False) or [""]

    def show_epoch(self, record: EpochRecord, best: bool, left: float) -> None:
        epochs = self.run.epochs_planned
        place = max(len("epoch"), 2 * len(str(epochs)) + 1)
        columns = fitting(COLUMNS, self.console.width - place)
        if not self._headed:
            self._headed = True
            self.console.print()
            self.console.print(heading(place, columns))
        self.console.print(row(record, epochs, best, place, columns), soft_wrap=True)
        self._draw(Text(f"{duration(left)} left" if record.epoch < epochs else "", style="dim"))

    # -- the living line ---------------------------------------------------------------------------------------

    def show_task(self, task: ViewedTask) -> None:
        self._draw(self._task_frame(task))

    def end_task(self, task: ViewedTask, whole: bool) -> None:
        self.close()

    def show_step(self, info: StepInfo, now: float) -> None:
        assert self.pace is not None
        loss, accuracy = info.running()
        rate = self.pace.images_per_second(info, now)
        pieces = [
            f"loss {loss_text(loss)}",
            f"acc {percent(accuracy)}",
            f"{rate_text(rate)} img/s" if rate else "",
            f"{duration(self.pace.left(info.epoch, info.step))} left",
        ]
        head = f"{info.epoch:>{len(str(info.epochs))}}/{info.epochs}"
        self._draw(self._frame(head, info.step / info.steps, f"{info.step:,}/{info.steps:,}", pieces))

    def show_phase(self, text: str) -> None:
        self._draw(Text(text, style="dim"))

    def close(self) -> None:
        if self._live is not None:
            live, self._live = self._live, None
            live.stop()

    def _task_frame(self, task: ViewedTask) -> Text:
        if not task.total:
            amount = f"  {amount_text(task.done, None, task.of)}" if task.done else ""
            return Text(task.label + amount, style="dim")
        pieces: list[str] = []
        if task.done and task.seconds > 0.5:
            each = task.seconds / task.done
            pieces = [
                f"{rate_text(1 / each, task.of)}/s",
                f"{duration(each * (task.total - task.done))} left",
            ]
        amount = amount_text(task.done, task.total, task.of)
        return self._frame(task.label, task.done / task.total, amount, pieces)

    def _frame(self, head: str, share: float, place: str, pieces: Sequence[str]) -> Text:
        """``head ━━━━──── place  piece  piece``, with as long a bar as there is room for, on one line."""
        kept = [piece for piece in pieces if piece]
        while True:
            tail = "  ".join([place, *kept])
            room = self.console.width - len(head) - len(tail) - 3
            if room >= SHORTEST_BAR or not kept:
                break
            kept.pop(0)
        out = Text("").append(head, style="bold")
        if room >= SHORTEST_BAR:
            out.append(" ").append_text(bar(share, min(room, LONGEST_BAR)))
        return out.append(f" {tail}")

    def _draw(self, frame: Text) -> None:
        if self._live is None:
            self._live = Live(
                console=self.console, auto_refresh=False, transient=True, redirect_stderr=sys.stderr.isatty()
            )
            self._live.start()
            self.console.show_cursor(True)
        frame.no_wrap, frame.overflow = True, "crop"
        self._live.update(frame, refresh=True)
