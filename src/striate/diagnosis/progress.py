"""How far learning has come: at guessing, low, still rising, at the end of its schedule.

Signs only. G4 and O6 name rules of the catalogue of conditions, whose numbers are starting values themselves; "own" marks a starting value of this
file. Knows nothing about conditions or advice.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from striate.core.inside_records import Inside
from striate.diagnosis.curves import Curves

__all__ = [
    "LOW",
    "MIN_EPOCHS",
    "Rising",
    "at_chance",
    "held_down",
    "keeps_rising",
    "level_is_low",
    "lr_spent",
    "rising",
    "still_rising",
    "typical_update",
]

# Four epochs are the least in which a value can stay risen for three evaluations (rule G1).
MIN_EPOCHS = 4
# own: a training accuracy surely above this is never called underfit.
LOW = 0.90
# G4: slope > 2 SE over the last 20 % of the epochs, and half as many epochs again would add a point.
SLOPE_ERRORS, SLOPE_SHARE, FUTURE_SHARE, FUTURE_POINTS = 2.0, 0.20, 0.50, 0.01
# own: a slope over fewer epochs than this is no slope.
SLOPE_EPOCHS = 5
# O6: a learning rate under 1 % of its peak has ended its schedule.
LR_SPENT = 0.01
# own: updates are looked at while the learning rate is above this share of its peak; at the end of any schedule they are small.
ACTIVE_RATE = 0.10


def at_chance(c: Curves) -> bool:
    """Train and val are both no better than the best constant answer; False where K is not known."""
    if not c.chance or not c.has_both:
        return False
    return c.end_clean.interval.low <= c.chance and c.end_val.interval.low <= c.chance


def level_is_low(c: Curves) -> bool:
    """Accuracy on training images surely below 90 %, and on val, too.

    Train as trained is biased low by augmentation, dropout and lag, and clean train may be by mixed or augmented images, so that val must be low as
    well. Where neither is in the records nothing is sure.
    """
    if not c.has_both:
        return False
    return c.end_clean.interval.high < LOW and c.end_val.interval.high < LOW


def lr_spent(c: Curves) -> bool:
    """Whether the learning rate has run out: what curves do while it falls says little about more epochs."""
    return c.has(c.lr) and bool(c.lr[-1] < LR_SPENT * c.lr.max())


class Rising(NamedTuple):
    """What half as many epochs again would add to val accuracy if the slope held: an upper bound, curves flatten."""

    gain: float
    surely: float
    """The same for the slope less two of its standard errors."""


def rising(c: Curves) -> Rising:
    """The line through the last fifth of the epochs (five at least), drawn on by half of the run; 100 % is the end of it."""
    trend = c.trend(c.val, max(SLOPE_EPOCHS, math.ceil(SLOPE_SHARE * len(c))))
    ahead = FUTURE_SHARE * len(c)
    left = 1.0 - float(c.val[-1])
    surely = trend.per_epoch - SLOPE_ERRORS * trend.error
    return Rising(min(trend.per_epoch * ahead, left), min(surely * ahead, left))


def keeps_rising(c: Curves) -> float:
    """What of val's slope may last: the slope of the last window over that of the window before, in [0, 1]; a half where there is none before.

    Curves flatten, and one that has slowed to a fifth is soon done, however much it gained lately.
    """
    window = max(SLOPE_EPOCHS, math.ceil(SLOPE_SHARE * len(c)))
    before = c.val[-2 * window : -window]
    if len(before) < 3:
        return 0.5
    was, now = c.trend(before, len(before)).per_epoch, c.trend(c.val, window).per_epoch
    return min(1.0, max(0.0, now / was)) if was > 0 else 1.0


def still_rising(c: Curves) -> float:
    """G4: val accuracy that half as many epochs again would add if the slope held; 0 when not rising."""
    ahead = rising(c)
    return ahead.gain if ahead.surely > 0 and ahead.gain >= FUTURE_POINTS else 0.0


def held_down(c: Curves) -> float:
    """How much more is right without augmentation and dropout: clean train (else val) less train as trained; 0 where unknown."""
    if not c.has(c.train):
        return 0.0
    free = c.clean if c.clean_measured else c.val
    return c.end(free) - c.end(c.train) if c.has(free) else 0.0


def typical_update(inside: Inside | None) -> float | None:
    """Median over layers and samples of |dw| / |w| a step, while the learning rate was above a tenth of its peak; None where not seen."""
    if inside is None or not inside.layers or not inside.lr:
        return None
    lr = np.array(inside.lr)
    active = lr >= ACTIVE_RATE * np.nanmax(lr) if np.isfinite(lr).any() else np.zeros(len(lr), dtype=bool)
    ratios = [
        u / w
        for layer in inside.layers
        for u, w, on in zip(layer.update, layer.weight, active, strict=False)
        if on and w > 0 and math.isfinite(u / w)
    ]
    return float(np.median(ratios)) if ratios else None
