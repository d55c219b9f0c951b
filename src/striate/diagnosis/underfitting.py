"""Train and val both low: too few epochs, too little capacity, a hard task, no learning.

G2, G4, O6 name rules of the project's catalogue of conditions, whose numbers are starting values themselves; "own"
marks a starting value of this file. Knows nothing about files or drawing.
"""

from __future__ import annotations

import math

from striate.core.wording import percent, points
from striate.diagnosis.curves import Curves
from striate.diagnosis.overfitting import big_gap
from striate.diagnosis.pattern import Named, gap_words, levels, named

__all__ = ["lr_spent", "nothing_learned", "still_rising", "underfit"]

# own: a training accuracy surely above this is never called underfit.
LOW = 0.90
# G4: slope > 2 SE over the last 20 % of the epochs, and half as many epochs again would add a point.
SLOPE_ERRORS, SLOPE_SHARE, FUTURE_SHARE, FUTURE_POINTS = 2.0, 0.20, 0.50, 0.01
# own: a slope over fewer epochs than this is no slope.
SLOPE_EPOCHS = 5
# O6: a learning rate under 1 % of its peak has ended its schedule.
LR_SPENT = 0.01


def nothing_learned(c: Curves) -> Named | None:
    """Clean train and val both no better than guessing one of K classes."""
    clean, val = c.end_clean, c.end_val
    if clean.interval.low > c.chance or val.interval.low > c.chance:
        return None
    return named(
        "Nothing learned yet: no better than guessing.",
        "underfit",
        "warning",
        f"Clean train and val are no better than guessing one of {c.classes} classes ({percent(c.chance)}).",
        [levels(c)],
        "Check that labels belong to their images, then try other learning rates: `striate lr-find`.",
    )


def lr_spent(c: Curves) -> bool:
    """Whether the learning rate has run out: what curves do while it falls says little about more epochs."""
    return bool(c.lr[-1] < LR_SPENT * c.lr.max())


def still_rising(c: Curves) -> float:
    """G4: val accuracy that half as many epochs again would add if the slope held; 0 when not rising."""
    window = max(SLOPE_EPOCHS, math.ceil(SLOPE_SHARE * len(c)))
    trend = c.trend(c.val, window)
    future = trend.per_epoch * FUTURE_SHARE * len(c)
    return future if trend.per_epoch > SLOPE_ERRORS * trend.error and future >= FUTURE_POINTS else 0.0


def underfit(c: Curves, finished: bool) -> Named | None:
    """Clean train surely below 90 %, val close to it: too little learned, or a hard task."""
    clean = c.end_clean
    if clean.interval.high >= LOW or big_gap(c):
        return None
    rising = still_rising(c)
    both = f"Clean train ({percent(clean.value)}) and val ({percent(c.end_val.value)}) are both low and close"
    evidence = [levels(c), f"the gap is {gap_words(c)}"]
    if rising:
        return named(
            "Not done learning: train and val are close and still rising.",
            "underfit",
            "info",
            f"{both}, and still rising: this looks like too few epochs. It may also be a hard task; more epochs "
            "will tell.",
            [
                *evidence,
                f"half as many epochs again would add {points(rising)} points at most: curves flatten",
            ],
            "Start a longer run: the learning rate of this one has run out."
            if lr_spent(c) and finished
            else ("Give it more epochs." if finished else "Let it go on."),
        )
    return named(
        "Underfitting, or a hard task: train and val are both low.",
        "underfit",
        "warning" if finished else "info",
        f"{both}, and level: the network may be too small or too strongly regularised, the learning rate "
        "may be off, or the task may also be hard: classes that look alike, or wrong labels.",
        evidence,
        "Look at the confident mistakes in the report first; if their labels are right, try a larger network or "
        "less augmentation.",
    )
