"""The learning rate of each step as a pure function: no state that a resume could lose.

Knows nothing about optimisers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

__all__ = ["Schedule"]

# One-cycle (Smith & Topin 2018) in the proportions torch and fastai made common: start at 1/25 of the peak,
# climb for 30 % of the run, end near zero.
ONE_CYCLE_START = 1 / 25
ONE_CYCLE_CLIMB = 0.3
# He et al. 2016 divide by 10 at 32k and 48k of 64k iterations: after one half and three quarters.
STEP_AT = (0.5, 0.75)
STEP_FACTOR = 0.1


@dataclass(frozen=True)
class Schedule:
    """lr(step) = peak * shape(step), for step = 0 .. total - 1.

    >>> s = Schedule("cosine", peak=0.1, total=100, warmup=10)
    >>> s(0), s(9), s(10)
    (0.01, 0.1, 0.1)
    """

    kind: Literal["cosine", "onecycle", "step", "constant"]
    peak: float
    total: int
    warmup: int = 0
    """Steps of linear climb from peak / warmup to peak; one-cycle has its own climb and ignores it."""

    def __call__(self, step: int) -> float:
        if self.kind == "onecycle":
            return self.peak * self._one_cycle(step)
        if step < self.warmup:
            return self.peak * (step + 1) / self.warmup
        return self.peak * self._after_warmup(step)

    def _after_warmup(self, step: int) -> float:
        if self.kind == "cosine":
            # Half a cosine from 1 towards 0: the first step after warm-up has exactly the peak.
            done = (step - self.warmup) / max(1, self.total - self.warmup)
            return 0.5 * (1 + math.cos(math.pi * min(1.0, done)))
        if self.kind == "step":
            return STEP_FACTOR ** sum(step >= at * self.total for at in STEP_AT)
        return 1.0

    def _one_cycle(self, step: int) -> float:
        climb = max(1, round(ONE_CYCLE_CLIMB * self.total))
        if step < climb:
            return ONE_CYCLE_START + (1 - ONE_CYCLE_START) * step / climb
        return 0.5 * (1 + math.cos(math.pi * min(1.0, (step - climb) / max(1, self.total - climb))))
