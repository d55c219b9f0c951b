"""How long work tells someone that it goes on: a task with a label, a total and steps.

The work calls; whoever watches decides what a terminal, a log or a notebook shows. Knows nothing about
terminals. The default watcher is silent.
"""

from __future__ import annotations

from types import TracebackType
from typing import Literal, Protocol

__all__ = ["SILENT", "Progress", "SilentProgress", "Task", "Unit"]

Unit = Literal["items", "bytes"]
"""What a task counts, so that bytes are shown as bytes."""


class Task(Protocol):
    """One piece of work under way; a context manager that ends the task on leaving."""

    def advance(self, n: int = 1) -> None:
        """`n` more units are done."""
        ...

    def __enter__(self) -> Task: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Progress(Protocol):
    """Whoever watches."""

    def task(self, label: str, total: int | None = None, *, of: Unit = "items") -> Task:
        """Work named `label` begins; `total` units of it, or None when that is not known."""
        ...

    def say(self, text: str) -> None:
        """One plain sentence for the person, such as a fallback that was taken."""
        ...


class _SilentTask:
    def advance(self, n: int = 1) -> None:
        return None

    def __enter__(self) -> _SilentTask:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


class SilentProgress:
    """Shows nothing."""

    def task(self, label: str, total: int | None = None, *, of: Unit = "items") -> Task:
        return _SilentTask()

    def say(self, text: str) -> None:
        return None


SILENT = SilentProgress()
