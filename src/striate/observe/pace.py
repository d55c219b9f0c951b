"""How closely a loop is followed: every step while there is time for it, else a few steps now and then.

Three budgets of one: for following steps, for looks inside, for images and labels; none starves another. While a step is not followed, its hooks
return at once. Knows nothing about what following means.
"""

from __future__ import annotations

import time

from striate.observe.budget import Budget

__all__ = ["Pace"]

DATA, STEPS = 0.3, 0.4
"""Shares of the whole for images and labels, and for following steps; the rest is for looks inside."""
ALWAYS = 64
"""The first steps are followed in any case."""
RUN = 8
"""Once awake, for so many steps in a row: gradients left over, accumulation and noise show between neighbours."""


class Pace:
    """Decides step by step, and keeps the accounts."""

    def __init__(self, budget: Budget) -> None:
        self.data = budget.part(DATA)
        self.steps = budget.part(STEPS / (1 - DATA))
        self.looks = budget
        self.awake = True
        self._left = 0
        self._mark: float | None = None
        self._charged = 0.0

    def begin_step(self, step: int) -> None:
        """Before anything of optimiser step `step` happens: is it followed?"""
        if self._left:
            self._left -= 1
            return
        self.awake = step <= ALWAYS or self.steps.affords("step", RUN)
        if self.awake and step > ALWAYS:
            self._left = RUN - 1

    def end_step(self, own: float) -> float | None:
        """A followed step has ended, and watching took `own` seconds since the last one. Returns the loop's own seconds since the last
        followed step; None where that is not one step.
        """
        now = time.perf_counter()
        charged = self.looks.spent + self.data.spent
        rest = max(own - (charged - self._charged), 0.0)
        self._charged = charged
        self.steps.pay(rest, "step")
        seconds = None if self._mark is None else max(now - self._mark - own, 0.0)
        self._mark = now
        if seconds is not None:
            for budget in (self.looks, self.data, self.steps):
                budget.earn(seconds)
        return seconds

    def pause(self) -> None:
        """What passes from here to the next followed step is not the time of a step."""
        self._mark = None
