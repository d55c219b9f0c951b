"""The last weights are clearly worse than the best ones that the run had.

Means: val accuracy at the end lies under what it was at an earlier evaluation, by more than chance.

Hurts: whoever keeps the last weights, as most hand-written loops do, gives away that accuracy.

Rule: the last val accuracy is below the smoothed best by more than max(2 points, 2 standard errors of the difference, 4 times the jitter of the epochs). A
warning from max(5 points, 3 standard errors of the difference); a remark below that, and for runs of striate's own, which keep the best weights.

Origin: 2 points and 2 standard errors are rule E2 of the catalogue; jitter and 5 points are own starting values.

False alarms: the best of many noisy epochs is best by chance; the running median and the jitter allow for that.

Changes its mind: keeping the best weights, or a run whose learning rate ends near 0.

Knows nothing about why the end is worse.
"""

from __future__ import annotations

import math

from striate.core.diagnosis_records import Remedy
from striate.core.wording import percent, points
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, unseen
from striate.diagnosis.divergence import JITTERS, noise_of_val
from striate.diagnosis.progress import MIN_EPOCHS
from striate.diagnosis.share import Share

__all__ = ["CONDITION"]

# E2.
LOST_POINTS, LOST_ERRORS = 0.02, 2.0
# Own starting values; see "Rule".
COSTLY_POINTS, COSTLY_ERRORS = 0.05, 3.0


def examine(case: Case) -> Opinion:
    """What a person who keeps the last weights loses."""
    c = case.curves
    if c is None:
        return unseen(case.no_curves)
    if not c.has(c.val) or len(c) < MIN_EPOCHS:
        return unseen(f"val accuracy over {MIN_EPOCHS} evaluations is needed")
    if not case.finished:
        return unseen("training goes on")
    at = c.peak(c.val)
    last = Share(float(c.val[-1]), c.val_n)
    lost = float(c.smooth(c.val)[at]) - last.value
    error = math.sqrt(2) * last.standard_error if c.val_n_known else 0.0
    jitter = JITTERS * noise_of_val(c)
    if lost <= max(LOST_POINTS, LOST_ERRORS * error, jitter):
        return absent("the last weights are as good as the best ones, within noise")
    costly = lost > max(COSTLY_POINTS, COSTLY_ERRORS * error)
    kept = case.seen.setting.source == "run"
    return present(
        f"The last weights get {percent(last.value)} of val images right, {points(lost)} points less than those around epoch {c.when(at)}"
        + ("; striate keeps the best ones." if kept else "."),
        evidence(
            f"val accuracy {percent(float(c.smooth(c.val)[at]))} around epoch {c.when(at)}, {percent(last.value)} at the end",
            "lost",
            lost,
            reference=max(LOST_POINTS, LOST_ERRORS * error, jitter),
        ),
        headline="The last weights are worse than the best ones.",
        severity="warning" if costly and not kept else "info",
        confidence=0.9,
        onset_epoch=float(c.epoch[at]),
    )


CONDITION = Condition(
    id="E2",
    name="last-not-best",
    title="Last weights are not the best",
    group="capacity",
    examine=examine,
    remedies=(
        Remedy(
            change="Save the weights whenever val is best, and use those.",
            effect="the accuracy of the best epoch",
            cost="none",
            risk="the best of many epochs looks a little better on val than it is",
        ),
        Remedy(
            change="Let the learning rate fall to 0 by the end of the run.",
            effect="the last weights are the best ones, or close to them",
            cost="none",
            risk="none",
            settings={"sched": "cosine"},
        ),
    ),
    rivals=("late-overfitting", "schedule-fault", "learning-rate-too-high"),
)
