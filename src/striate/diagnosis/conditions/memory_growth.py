"""Memory grows with every step.

Means: something of each step is kept: a loss with its graph in a list, outputs gathered over epochs.

Hurts: sooner or later the process is ended for want of memory, and until then it slows down.

Rule: over the second half of at least 200 steps, memory follows a straight line (R^2 above 0.9) that rises by 5 % or more per 100 steps, or by a quarter over the run if it went
on as long again; and its later part rises at least half as fast as its earlier part. From 1 % per 100 steps on it is noted.

Origin: 5 % and R^2 are the catalogue's; the rest are own starting values.

False alarms: allocators and caches grow at first and then stop, which the second half and its two parts leave out.

Changes its mind: memory that levels off.

Knows nothing about what is kept.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from striate.core.diagnosis_records import Remedy
from striate.core.wording import percent, significant
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, unseen

__all__ = ["CONDITION"]

PER_100, NOTED = 0.05, 0.01
OVERALL = 0.25
STRAIGHT = 0.9
LEAST_STEPS, LEAST_SAMPLES = 200, 8
STILL = 0.5

Column = NDArray[np.float64]


def examine(case: Case) -> Opinion:
    """A line through the second half of the run."""
    series = case.seen.steps
    known = [(s, m) for s, m in zip(series.step, series.memory, strict=True) if math.isfinite(m) and m > 0]
    if len(known) < 2 * LEAST_SAMPLES or known[-1][0] - known[0][0] < LEAST_STEPS:
        return unseen(f"memory was not seen over {LEAST_STEPS} steps")
    middle = (known[0][0] + known[-1][0]) / 2
    late = np.array([pair for pair in known if pair[0] >= middle], dtype=np.float64)
    if len(late) < LEAST_SAMPLES:
        return unseen("memory was seen at too few late steps")
    step, memory = late[:, 0], late[:, 1]
    slope, straight = _line(step, memory)
    per_100, overall = 100 * slope / memory[0], slope * (known[-1][0] - known[0][0]) / memory[0]
    half = len(late) // 2
    early, later = _line(step[:half], memory[:half])[0], _line(step[half:], memory[half:])[0]
    if straight <= STRAIGHT or per_100 < NOTED or later < STILL * early:
        return absent("memory does not grow steadily")
    return present(
        f"Memory grows by {percent(per_100)} every 100 steps, without a sign of levelling off.",
        evidence(f"{significant(slope / 1024)} KiB a step", "slope", slope),
        evidence(f"{percent(per_100)} per 100 steps", "growth", per_100, reference=PER_100),
        evidence(
            f"a straight line explains {significant(straight)} of it",
            "straight",
            straight,
            reference=STRAIGHT,
        ),
        headline="Memory grows with every step.",
        severity="warning" if per_100 >= PER_100 or overall >= OVERALL else "info",
        confidence=0.85,
    )


def _line(x: Column, y: Column) -> tuple[float, float]:
    """Least-squares slope and R^2; (0, 0) where y is constant."""
    dx, dy = x - x.mean(), y - y.mean()
    xx, yy, xy = float(dx @ dx), float(dy @ dy), float(dx @ dy)
    return (xy / xx, xy * xy / (xx * yy)) if xx > 0 and yy > 0 else (0.0, 0.0)


CONDITION = Condition(
    id="F2",
    name="memory-growth",
    title="Memory grows",
    group="efficiency",
    examine=examine,
    remedies=(
        Remedy(
            change="Keep numbers, not tensors: loss.item(), outputs.detach().cpu(), and empty what is gathered after each epoch.",
            effect="memory stays level",
            cost="none",
        ),
    ),
)
