"""What is read at every step, in columns that never grow beyond a bound.

When they are full, every other row goes and from then on only every second, fourth, ... step is kept: single steps stay single steps,
so that the noise between them is what it was. Knows nothing about torch.
"""

from __future__ import annotations

import math

from striate.core.observation_records import StepSeries

__all__ = ["StepColumns"]

MOST = 2048
NAMES = ("loss", "accuracy", "lr", "grad_norm", "seconds", "wait", "memory")


class StepColumns:
    """Rows by step."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._every = 1
        self._rows: dict[int, dict[str, float]] = {}

    def put(self, step: int, **values: float) -> None:
        """Set some values of one step; a step that is not kept is passed over."""
        if step % self._every:
            return
        self._rows.setdefault(step, {}).update(values)
        while len(self._rows) > self._most:
            self._every *= 2
            self._rows = {s: row for s, row in self._rows.items() if s % self._every == 0}

    def seen(self) -> StepSeries:
        """All rows, NaN where a value was not read."""
        steps = sorted(self._rows)
        columns = {name: tuple(self._rows[s].get(name, math.nan) for s in steps) for name in NAMES}
        return StepSeries(step=tuple(steps), **columns)
