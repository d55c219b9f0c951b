"""Nothing that fails in here reaches the loop, and time is accounted for.

Knows nothing about what is tried.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

__all__ = ["Shield"]

_log = logging.getLogger("striate")


class Shield:
    """Runs pieces of work by name. One that failed is not run again, and is named in `problems`."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.broken: set[str] = set()
        self._wall = self._thread = 0.0
        self._depth = 0

    def run(self, part: str, work: Callable[..., None], *args: Any, **more: Any) -> None:
        """Do `work`; an Exception switches this part off for good."""
        if part in self.broken:
            return
        wall, thread = time.perf_counter(), time.thread_time()
        self._depth += 1
        try:
            work(*args, **more)
        except Exception as error:  # noqa: BLE001 - whatever it is, the loop must go on
            self.broken.add(part)
            self.say(f"watching the {part} stopped: {type(error).__name__}: {error}")
        finally:
            self._depth -= 1
            if not self._depth:
                self._wall += time.perf_counter() - wall
                self._thread += time.thread_time() - thread

    def settle(self) -> tuple[float, float]:
        """Seconds taken since the last time this was asked: by the clock on the wall, and of the thread's own."""
        taken = self._wall, self._thread
        self._wall = self._thread = 0.0
        return taken

    def say(self, problem: str) -> None:
        """Note a problem, and log it the first time."""
        if problem not in self.problems:
            self.problems.append(problem)
            _log.warning("striate: %s", problem)
