"""The learning rate over a run: when it rose, when it ran out, what the loss did then.

From steps where they were read, else from evaluations. Knows nothing about which schedule was meant.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from striate.diagnosis.case import Case
from striate.diagnosis.curves import MAD_TO_SIGMA

__all__ = ["Rates", "rates_of", "slope_in_errors"]

Array = NDArray[np.float64]
# O6: a learning rate under 1 % of its peak is spent.
SPENT = 0.01
# Own starting value: fewer points are no schedule.
LEAST_POINTS = 5
# Pairs of points are compared: longer series are thinned evenly.
MOST_POINTS = 300


class Rates(NamedTuple):
    """The learning rate at some moments of a run, with the training loss then."""

    progress: Array
    """Share of the budget, ]0, 1]."""
    lr: Array
    loss: Array
    """NaN where not seen."""

    @property
    def spent_at(self) -> int | None:
        """The first moment from which on the rate stays under 1 % of its peak; None when it never does."""
        high = np.flatnonzero(self.lr >= SPENT * self.lr.max())
        first = int(high[-1]) + 1
        return first if first < len(self.lr) else None

    @property
    def moves(self) -> bool:
        """Whether the rate was changed at all, by more than a hundredth."""
        return float(self.lr.min()) < 0.99 * float(self.lr.max())

    @property
    def never_fell(self) -> bool:
        """Whether no later rate is lower than an earlier one."""
        return bool(np.all(np.diff(self.lr) >= -1e-9 * self.lr.max()))

    @property
    def rose_late(self) -> float:
        """The last rate over the one at four fifths of what was seen."""
        before = float(self.lr[int(0.8 * (len(self.lr) - 1))])
        return float(self.lr[-1]) / before if before > 0 else math.inf


def rates_of(case: Case) -> Rates | None:
    """The finer of both series; None where no learning rate was seen at enough moments."""
    steps = case.seen.steps
    lr, loss = np.array(steps.lr, dtype=np.float64), np.array(steps.loss, dtype=np.float64)
    at = np.array(steps.step, dtype=np.float64)
    there = np.isfinite(lr) if len(lr) else np.zeros(0, dtype=bool)
    if there.sum() >= LEAST_POINTS:
        total = max(float(case.seen.setting.planned_steps), float(at[-1]))
        return _positive(at[there] / total, lr[there], loss[there])
    c = case.curves
    if c is None or not c.has(c.lr) or len(c) < LEAST_POINTS:
        return None
    done = np.arange(1, len(c) + 1) / len(c)
    planned = case.seen.setting.planned_epochs
    if planned > c.epoch[-1] > 0:
        done = done * float(c.epoch[-1]) / planned
    return _positive(done, c.lr, c.train_loss)


def _positive(progress: Array, lr: Array, loss: Array) -> Rates | None:
    return Rates(progress, lr, loss) if lr.max() > 0 else None


def slope_in_errors(y: Array) -> float:
    """Theil-Sen slope of a series over its standard error (from the jitter of neighbours); 0 for fewer than four points."""
    y = y[np.isfinite(y)]
    if len(y) > MOST_POINTS:
        # Means of blocks, so that the noise of single steps is averaged and not sampled.
        y = np.array([block.mean() for block in np.array_split(y, MOST_POINTS)])
    if len(y) < 4:
        return 0.0
    i, j = np.triu_indices(len(y), k=1)
    slope = float(np.median((y[j] - y[i]) / (j - i)))
    steps = np.diff(y)
    jitter = MAD_TO_SIGMA * float(np.median(np.abs(steps - np.median(steps)))) / math.sqrt(2)
    x = np.arange(len(y)) - (len(y) - 1) / 2
    error = jitter / math.sqrt(float(np.sum(x * x)))
    if error == 0.0:
        return 0.0 if slope == 0.0 else math.copysign(math.inf, slope)
    return slope / error
