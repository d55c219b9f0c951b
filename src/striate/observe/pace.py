"""How closely a loop is followed: every step, or a few of them now and then.

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
        self._mark: tuple[float, float] | None = None
        self._charged = 0.0

    def begin_step(self, step: int) -> None:
        """Before anything of optimiser step `step` happens: is it followed?"""
        if self._left:
            self._left -= 1
            return
        self.awake = step <= ALWAYS or self.steps.affords("step", RUN)
        if self.awake and step > ALWAYS:
            self._left = RUN - 1

    def end_step(self, own_wall: float, own_thread: float) -> float | None:
        """A followed step has ended; watching took so long since the last one. Returns the loop's own seconds on the wall clock since the
        last followed step; None after a pause.
        """
        wall, thread = time.perf_counter(), time.thread_time()
        charged = self.looks.spent + self.data.spent
        self.steps.pay(max(own_thread - (charged - self._charged), 0.0), "step")
        self._charged = charged
        seconds = None
        if self._mark is not None:
            seconds = max(wall - self._mark[0] - own_wall, 0.0)
            for budget in (self.looks, self.data, self.steps):
                budget.earn(max(thread - self._mark[1] - own_thread, 0.0))
        self._mark = wall, thread
        return seconds

    def pause(self) -> None:
        """What passes from here to the next followed step is not the time of a step."""
        self._mark = None
