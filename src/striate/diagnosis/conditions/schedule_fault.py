"""The schedule of the learning rate does not fit the length of the run.

Means: the rate ran out long before the end, or was still on its way up at the end, or never came down from a rate at which the loss only trembles.

Hurts: steps at a rate near 0 change nothing; a run that ends at its highest rate never settles. Both leave accuracy unused.

Rule: (a) from before half of the budget on the rate stays under 1 % of its peak, the training loss was falling by more than 3 standard errors until
then (or it was spent within a quarter of the run), and accuracy on training images ends surely below 95 %. (c) The rate never fell, still rose over the last fifth of the run, and training
accuracy ends surely below 95 %; above that it is a remark. (b) The rate stayed at or above half of its peak all along, at the end val trembles by more than 2 standard errors and 2
points, and accuracy on training images is level and surely below 95 %: suspected, a remark.

Origin: 1 %, half of the budget, 3 and 2 standard errors are rule O6 of the catalogue; a quarter, a fifth, 95 % and 2 points are own starting values.

False alarms: a schedule that waits for a plateau lowers the rate when the loss no longer falls; a constant rate is usual in fine-tuning; averaged
weights hide the trembling. A rate that comes up again (cyclic, restarts) is not spent. A run that is still going on is not judged.

Changes its mind: a run with the schedule stretched to its length that is no better.

Knows nothing about which schedule was meant.
"""

from __future__ import annotations

import math

from striate.core.diagnosis_records import Evidence, Remedy
from striate.core.wording import percent, points, significant
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, suspected, unseen
from striate.diagnosis.curves import Curves
from striate.diagnosis.progress import still_rising
from striate.diagnosis.rates import Rates, rates_of, slope_in_errors

__all__ = ["CONDITION"]

# O6.
EARLY, FALLING_ERRORS, TREMBLE_ERRORS = 0.5, 3.0, 2.0
# Own starting values; see "Rule".
DONE, TREMBLE_POINTS, STILL_UP, AT_ONCE = 0.95, 0.02, 1.05, 0.25


def examine(case: Case) -> Opinion:
    """O6 (a), (c), (b), the exact ones first."""
    if not case.finished:
        return unseen("training goes on")
    rates = rates_of(case)
    if rates is None:
        return unseen("the learning rate was seen at too few moments")
    c = case.curves
    if c is None:
        return unseen(case.no_curves)
    if not c.has(c.clean):
        return unseen("no accuracy on training images was seen")
    return (
        _spent_early(rates, c)
        or _still_up(rates, c)
        or _noise_floor(rates, c, case)
        or absent("the learning rate falls as the run ends, or nothing is lost by its not falling")
    )


def _undone(c: Curves) -> bool:
    return c.end_clean.interval.high < DONE


def _spent_early(rates: Rates, c: Curves) -> Opinion | None:
    at = rates.spent_at
    if at is None or rates.progress[at] >= EARLY or not _undone(c):
        return None
    before = rates.loss[:at]
    slope = slope_in_errors(before[len(before) // 2 :])
    # Spent within a handful of readings, or in a small part of the run: what was done until then is too little to have been enough.
    if len(before) >= 8 and slope > -FALLING_ERRORS and rates.progress[at] >= AT_ONCE:
        return None
    share = float(rates.progress[at])
    return present(
        f"The learning rate was spent after {percent(share)} of the run, while the training loss was still falling; the rest of the steps changed next to nothing.",
        evidence(
            f"from {percent(share)} of the run on it stays under 1 % of its peak of {significant(float(rates.lr.max()))}",
            "spent_at",
            share,
            reference=EARLY,
        ),
        _ended(c),
        headline="The learning rate ran out long before the end of the run.",
        confidence=0.9,
    )


def _ended(c: Curves) -> Evidence:
    return evidence(
        f"accuracy on training images ended at {percent(c.end_clean.value)}",
        "train_accuracy",
        c.end_clean.value,
        reference=DONE,
    )


def _still_up(rates: Rates, c: Curves) -> Opinion | None:
    if not rates.moves or not rates.never_fell or rates.rose_late < STILL_UP:
        return None
    times, last = rates.rose_late, significant(float(rates.lr[-1]))
    rose = (
        "from 0 at four fifths of the run"
        if math.isinf(times)
        else f"by {percent(times - 1)} in the last fifth"
    )
    return present(
        "The learning rate was still rising when the run ended: its schedule is made for a longer run, or is stepped too rarely.",
        evidence(
            f"it rose {rose}, to {last}, and never fell",
            "rise",
            times,
            reference=STILL_UP,
        ),
        _ended(c),
        headline="The learning rate was still rising at the end.",
        severity="warning" if _undone(c) else "info",
        confidence=0.9,
    )


def _noise_floor(rates: Rates, c: Curves, case: Case) -> Opinion | None:
    if float(rates.lr[len(rates.lr) // 4 :].min()) < 0.5 * float(rates.lr.max()) or not c.has_both:
        return None
    if not _undone(c) or still_rising(c) or case.seen.declared.average:
        return None
    trembling = c.jitter(c.val)
    if trembling <= max(TREMBLE_POINTS, TREMBLE_ERRORS * c.end_val.standard_error):
        return None
    return suspected(
        f"The learning rate stays high to the end and val accuracy trembles by {points(trembling)} points from epoch to epoch: it cannot settle.",
        evidence(
            f"val trembles by {points(trembling)} points", "jitter", trembling, reference=TREMBLE_POINTS
        ),
        _ended(c),
        headline="The learning rate never came down.",
        confidence=0.5,
    )


CONDITION = Condition(
    id="O6",
    name="schedule-fault",
    title="Schedule fault",
    group="capacity",
    examine=examine,
    remedies=(
        Remedy(
            change="Let the rate fall to 0 exactly at the end of the run: give the schedule the real number of steps, and step it as often as it was made for "
            "(once a step, or once an epoch).",
            effect="all steps count, and the run settles",
            cost="none",
            risk="none",
            settings={"sched": "cosine"},
        ),
    ),
    explains=("stopped-too-early", "underfitting", "last-not-best", "learning-rate-too-low"),
    rivals=("learning-rate-too-low", "learning-rate-too-high", "stopped-too-early"),
    probe="a fork of the run from its last weights at a tenth of the rate",
)
