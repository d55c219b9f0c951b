"""At which steps to look: densely at the start, then seldom, again more often after something changed.

Knows nothing about what is looked at or what it costs.
"""

from __future__ import annotations

__all__ = ["LookSchedule"]

DENSE = 64
EVERY = 50


class LookSchedule:
    """Steps 1, 2, 4, 8, ... 64, then every 50th; `wake` asks for the next one.

    >>> due = LookSchedule()
    >>> [step for step in range(1, 151) if due(step)]
    [1, 2, 4, 8, 16, 32, 64, 100, 150]
    """

    def __init__(self, every: int = EVERY) -> None:
        self._every = every
        self._awake = False

    def wake(self) -> None:
        """Something changed: look at the next step, too."""
        self._awake = True

    def __call__(self, step: int) -> bool:
        """Whether `step` (from 1) is one to look at."""
        due = self._awake or (step & (step - 1) == 0 if step <= DENSE else step % self._every == 0)
        self._awake = self._awake and not due
        return due
