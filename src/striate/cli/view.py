"""Whoever shows a run in a terminal: what the live view and the plain lines share.

A view is both the progress and the watcher of a verb. It looks at the clock at every step and at the run only when it
is time to show something again; a terminal that has gone away silences it and never ends a training. Knows nothing
about colours or control codes.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Any, ClassVar, TextIO

from striate.cli.lines import PHASES, Row, opening
from striate.cli.pace import Pace
from striate.cli.screen import printable_lines
from striate.core.progress import Unit
from striate.core.records import DataRecord, EpochRecord, RunRecord
from striate.training.watchers import StepInfo

__all__ = ["LABEL", "View", "ViewedTask", "open_view", "wants_live"]

LABEL = 8
"""Characters that a label of a labelled line takes."""


class LastingStream:
    """A stream that falls silent when its reader or its terminal goes away, instead of ending the training."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.gone = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """As the stream's own; nothing once it is gone."""
        self._while_there(lambda: self._stream.write(text))
        return len(text)

    def flush(self) -> None:
        """As the stream's own; nothing once it is gone."""
        self._while_there(self._stream.flush)

    def _while_there(self, act: Callable[[], object]) -> None:
        if self.gone:
            return
        try:
            act()
        except OSError:
            self.gone = True


class View:
    """The base of both views; a subclass says how a line and a moment are shown."""

    every: ClassVar[float]
    """Seconds between two looks at the run."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self.stream, self.clock = LastingStream(stream), clock
        self.pace: Pace | None = None
        self._shown = clock()

    # -- what a subclass adds ----------------------------------------------------------------------------------

    def line(self, text: str) -> None:
        """One permanent line, as it is."""
        raise NotImplementedError

    def sentence(self, text: str) -> None:
        """Permanent text, in lines that may be wrapped."""
        raise NotImplementedError

    def labelled(self, rows: Sequence[Row]) -> None:
        """Permanent lines of a label and a text each."""
        raise NotImplementedError

    def show_task(self, task: ViewedTask) -> None:
        """A task is under way."""

    def end_task(self, task: ViewedTask, whole: bool) -> None:
        """A task ended; `whole` unless an error ended it."""

    def show_step(self, info: StepInfo, now: float) -> None:
        """Training is under way."""

    def show_phase(self, text: str) -> None:
        """Something between steps is under way."""

    def show_epoch(self, record: EpochRecord, best: bool, left: float) -> None:
        """An epoch is measured."""

    def close(self) -> None:
        """Leave the terminal as it was found."""

    # -- progress ----------------------------------------------------------------------------------------------

    def task(self, label: str, total: int | None = None, *, of: Unit = "items") -> ViewedTask:
        """Work named `label` begins."""
        return ViewedTask(self, label, total, of)

    def say(self, text: str) -> None:
        """One sentence for the person."""
        self.sentence(printable_lines(text))

    # -- watcher -----------------------------------------------------------------------------------------------

    def on_start(self, run: RunRecord, data: DataRecord, folder: str) -> None:
        """Training is about to begin."""
        self.run, self.folder = run, folder
        self.pace = Pace(run, data, self.clock())
        self.labelled(opening(run, data, folder))
        self.show_phase(PHASES["start"])

    def on_step(self, info: StepInfo) -> None:
        """One step is done: note the time; show it when the last look is old enough."""
        now = self.clock()
        assert self.pace is not None
        self.pace.step(info, now)
        if self.due(now):
            self.show_step(info, now)

    def on_phase(self, label: str) -> None:
        """Something between steps begins."""
        self.show_phase(PHASES.get(label, label))

    def on_epoch(self, record: EpochRecord, best: bool) -> None:
        """One epoch is measured."""
        assert self.pace is not None
        self.pace.epoch(self.clock())
        self.show_epoch(record, best, self.pace.left(record.epoch + 1, 0))

    def on_end(self, run: RunRecord) -> None:
        """Training ended; a failed run says here where its report is, since an error follows."""
        self.close()
        if run.status == "failed" and run.history:
            self.labelled([("Report", f"{self.folder}/report.html")])

    # -- shared ------------------------------------------------------------------------------------------------

    def due(self, now: float) -> bool:
        """Whether it is time to show something again; if so, the time counts as used."""
        if now - self._shown < self.every:
            return False
        self._shown = now
        return True


class ViewedTask:
    """A task that its view shows."""

    def __init__(self, view: View, label: str, total: int | None, of: Unit = "items") -> None:
        self.view, self.label, self.total, self.of = view, label, total, of
        self.done = 0
        self.began = view.clock()

    @property
    def seconds(self) -> float:
        """Since the task began."""
        return self.view.clock() - self.began

    def advance(self, n: int = 1) -> None:
        """`n` more units are done."""
        self.done += n
        if self.view.due(self.view.clock()):
            self.view.show_task(self)

    def __enter__(self) -> ViewedTask:
        self.view.show_task(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.view.end_task(self, kind is None)


def wants_live(stream: TextIO) -> bool:
    """Whether a line that rewrites itself is welcome: a terminal that can, and not a build log."""
    return (
        stream.isatty()
        and os.environ.get("TERM", "xterm") not in ("dumb", "unknown")
        and os.environ.get("CI", "").lower() in ("", "0", "false")
    )


@contextlib.contextmanager
def open_view(stream: TextIO) -> Iterator[View]:
    """The view that suits `stream`, closed in the end whatever happens."""
    from striate.cli.plain import PlainView
    from striate.cli.terminal import TerminalView

    view: View = TerminalView(stream) if wants_live(stream) else PlainView(stream)
    try:
        yield view
    finally:
        view.close()
