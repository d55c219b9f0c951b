"""A progress watcher that remembers what it was told."""

from __future__ import annotations

from types import TracebackType

from striate.core.progress import Unit

__all__ = ["Watching"]


class _Task:
    def __init__(self, place: list[tuple[str, int | None, int]], label: str, total: int | None) -> None:
        self.place, self.label, self.total, self.done = place, label, total, 0

    def advance(self, n: int = 1) -> None:
        self.done += n

    def __enter__(self) -> _Task:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.place.append((self.label, self.total, self.done))


class Watching:
    """`tasks` that have ended as (label, total, done); what was `said`."""

    def __init__(self) -> None:
        self.tasks: list[tuple[str, int | None, int]] = []
        self.said: list[str] = []

    def task(self, label: str, total: int | None = None, *, of: Unit = "items") -> _Task:
        return _Task(self.tasks, label, total)

    def say(self, text: str) -> None:
        self.said.append(text)
