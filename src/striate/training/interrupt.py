"""Ctrl-C and SIGTERM: the first asks to stop after this step, the second leaves at once.

The handler only sets a flag, so nothing is ever cut in half by it. Knows nothing about training.
"""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType, TracebackType
from typing import Any

__all__ = ["Interrupt", "Stopped"]


class Stopped(Exception):
    """Raised between two units of work once a stop was asked for."""


class Interrupt:
    """While entered, SIGINT and SIGTERM set `signal`; a second one exits with 128 + its number.

    Outside the main thread Python allows no handlers, so there it listens to nothing.
    """

    def __init__(self) -> None:
        self.signal: int | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interrupt:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.signal is not None:
            # No clean-up: whoever presses twice wants out now, and every file on disk is whole.
            os._exit(128 + number)
        self.signal = number

    def check(self) -> None:
        """Raise Stopped if a stop was asked for."""
        if self.signal is not None:
            raise Stopped
