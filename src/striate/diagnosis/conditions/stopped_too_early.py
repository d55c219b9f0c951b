"""Stopped too early: val was still rising when the run ended.

Means: the network was still getting better on new images, and had not begun to know its training images by heart.

Hurts: accuracy that a longer run would have reached.

Rule: with 4 evaluations or more: no big gap (rule G1), the last val accuracy is within a point of the best, the slope over the last fifth of the
evaluations (5 at least) is above 2 standard errors, and half as many epochs again would add a point if it held. That is a remark, since curves
flatten; it is a warning where the rate is known to be still above half of its peak and the lower end of the slope would add 8 points, the slope
slowing on as it did before. Where the rate has run out, it is only named if training accuracy is surely below 90 %. With fewer evaluations: accuracy
on training images surely below 90 %, and of all that the training loss fell while the rate was high, 15 % or more fell in the last quarter of that time.

Origin: slope, gap and the point are rule G4 of the catalogue; 8 points (small runs that were done enough came to 7), half of the peak and 15 % are
own starting values (a loss that falls as exp(-4 x) does 5 % of its way in the last quarter as measured here, a straight line 29 %).

False alarms: where the learning rate falls to 0 the last epochs gain by it, and more of them at that rate would add nothing.

Changes its mind: a longer run that is no better.

Knows nothing about what an epoch costs.
"""

from __future__ import annotations

import numpy as np

from striate.core.diagnosis_records import Remedy
from striate.core.wording import count, percent, points
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, suspected, unseen
from striate.diagnosis.curve_words import Learned, gap_words, levels
from striate.diagnosis.curves import Curves
from striate.diagnosis.divergence import big_gap
from striate.diagnosis.progress import (
    MIN_EPOCHS,
    at_chance,
    keeps_rising,
    level_is_low,
    lr_spent,
    rising,
    still_rising,
)

__all__ = ["CONDITION"]

# G4.
BEST_IS_LAST = 0.01
# Own starting values; see "Origin".
COSTLY, LATE_SHARE = 0.08, 0.15
STEADY = 0.5
# A series of losses with fewer readings in it says nothing.
LEAST_STEPS = 20


def examine(case: Case) -> Opinion:
    """By the slope of val, or for very short runs by the training loss of single steps."""
    c = case.curves
    if c is None:
        return unseen(case.no_curves)
    if not case.finished:
        return unseen("training goes on")
    if not c.has_both:
        return unseen("accuracies of both train and val are needed")
    if len(c) < MIN_EPOCHS:
        return _short(c, case)
    if big_gap(c):
        return absent(f"train lies above val by {gap_words(c)}: more of the same widens that")
    if at_chance(c):
        return absent("it is no better than guessing: more of the same changes nothing")
    gain = still_rising(c)
    if not gain or float(c.val.max()) - float(c.val[-1]) > BEST_IS_LAST:
        return absent("val is no longer rising at the end")
    low = level_is_low(c)
    if lr_spent(c) and not low:
        return absent("the learning rate has run out: more epochs at it would add nothing")
    return _rising(c, gain, low)


def _rising(c: Curves, gain: float, low: bool) -> Opinion:
    surely = rising(c).surely * keeps_rising(c)
    steady = c.has(c.lr) and float(c.lr[-1]) > STEADY * float(c.lr.max())
    levels_are = f"Clean train ({percent(c.end_clean.value)}) and val ({percent(c.end_val.value)})"
    levels_are = levels_are if c.clean_measured else levels_are.replace("Clean train", Learned.of(c).title)
    sentence = (
        f"{levels_are} are both low and close, and still rising: this looks like too few epochs. It may also be a hard task; more epochs will tell."
        if low
        else f"Val accuracy was still rising at the end; half as many epochs again would add {points(gain)} points at most."
    )
    return suspected(
        sentence,
        levels(c),
        evidence(
            f"half as many epochs again would add {points(gain)} points at most: curves flatten", "gain", gain
        ),
        headline="Not done learning: train and val are close and still rising.",
        severity="warning" if steady and surely >= COSTLY else "info",
        confidence=0.3 if not (steady and surely >= COSTLY) else 0.8,
        remedies=_longer(c),
    )


def _short(c: Curves, case: Case) -> Opinion:
    share = _late_share(case)
    if share is None:
        return unseen(f"fewer than {MIN_EPOCHS} evaluations were seen, and too few steps")
    if not level_is_low(c) or share < LATE_SHARE or at_chance(c):
        return absent("little of what the loss fell, it fell towards the end, or training accuracy is high")
    return suspected(
        f"After {count(len(c), 'evaluation')} {Learned.of(c).name} is at {percent(c.end_clean.value)} and the training loss was falling fast for as long as "
        "the learning rate allowed.",
        levels(c),
        evidence(
            f"{percent(share)} of all that the loss fell, it fell in the last quarter of the time at a high rate",
            "late_share",
            share,
            reference=LATE_SHARE,
        ),
        headline="Not done learning: the run is too short.",
        severity="warning",
        confidence=0.7,
        remedies=_longer(c),
    )


def _late_share(case: Case) -> float | None:
    """Of all that the training loss fell while the rate was above half of its peak, the share that fell in the last quarter of that time."""
    steps = case.seen.steps
    loss = np.array(steps.loss, dtype=np.float64)
    lr = np.array(steps.lr, dtype=np.float64)
    there = np.isfinite(loss)
    loss, lr = loss[there], lr[there] if len(lr) == len(there) else np.ones(int(there.sum()))
    if len(loss) < LEAST_STEPS:
        return None
    high = np.flatnonzero(lr > STEADY * np.nanmax(lr)) if np.isfinite(lr).any() else np.arange(len(loss))
    if not len(high):  # a rate of 0 throughout
        return None
    until = loss[: int(high[-1]) + 1]
    if len(until) < LEAST_STEPS:
        return None
    eighth = len(until) // 8
    start, before, end = (
        float(np.median(until[:eighth])),
        float(np.median(until[-3 * eighth : -2 * eighth])),
        float(np.median(until[-eighth:])),
    )
    return (before - end) / (start - end) if start > end else 0.0


def _longer(c: Curves) -> tuple[Remedy, ...]:
    """The remedy with its number: twice the epochs of this run."""
    twice = 2 * max(1, round(float(c.epoch[-1])))
    return tuple(r.model_copy(update={"settings": {"epochs": twice}}) for r in CONDITION.remedies)


CONDITION = Condition(
    id="G4",
    name="stopped-too-early",
    title="Stopped too early",
    group="capacity",
    examine=examine,
    remedies=(
        Remedy(
            change="Train for longer, with a schedule that is made for the longer run.",
            effect="val goes on rising for a while",
            cost="time, in proportion",
            risk="overfitting once train pulls away from val",
        ),
    ),
    explains=("underfitting",),
    rivals=("underfitting", "learning-rate-too-low", "schedule-fault", "overfitting"),
    probe="a paired run of twice the epochs",
)
