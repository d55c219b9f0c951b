"""Training waits for its images.

Means: the next batch is not ready when a step ends; reading, decoding or augmenting takes longer than learning.

Hurts: time, and nothing else: the device idles.

Rule: over the second half of the sampled steps, the median share of a step that is spent waiting is at least 30 % and the wait at least 20 ms, or the share is at least
half. From 30 % on it is noted.

Origin: 30 % is the catalogue's. A small network on a processor waits a few milliseconds for any loader; 20 ms is what decoding or a slow disk costs. Own starting value.

False alarms: the first epoch, which fills caches, is in the first half.

Changes its mind: a median below 30 %.

Knows nothing about why a batch is late.
"""

from __future__ import annotations

import math
from statistics import median

from striate.core.diagnosis_records import Remedy
from striate.core.wording import duration, percent
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, unseen

__all__ = ["CONDITION"]

SHARE, HALF = 0.30, 0.50
WAIT = 0.020
LEAST_STEPS = 10
LEAST_EPOCHS = 2


def examine(case: Case) -> Opinion:
    """Steps where they were timed, else epochs."""
    steps = case.seen.steps
    timed = [
        (w, s)
        for w, s in zip(steps.wait, steps.seconds, strict=True)
        if math.isfinite(w) and math.isfinite(s) and s > 0
    ]
    late = timed[len(timed) // 2 :]
    if len(late) >= LEAST_STEPS:
        return _judged(median(w / s for w, s in late), median(w for w, _ in late))
    shares = [p.data_wait for p in case.seen.epochs if p.data_wait is not None and math.isfinite(p.data_wait)]
    if len(shares) < LEAST_EPOCHS:
        return unseen("waiting for batches was not timed")
    return _judged(median(shares[len(shares) // 2 :]), None)


def _judged(share: float, wait: float | None) -> Opinion:
    if share < SHARE:
        return absent(f"{percent(share)} of the time is spent waiting for batches")
    slow = share >= HALF or (wait is not None and wait >= WAIT)
    each = (
        ""
        if wait is None
        else f", {duration(wait)} a step"
        if wait >= 0.1
        else f", {1000 * wait:.0f} ms a step"
    )
    return present(
        f"{percent(share)} of the training time is spent waiting for batches{each}.",
        evidence(f"median share of a step spent waiting: {percent(share)}", "wait", share, reference=SHARE),
        headline="Training waits for its images.",
        severity="warning" if slow else "info",
        confidence=0.9,
    )


CONDITION = Condition(
    id="F1",
    name="input-bound",
    title="Training is input-bound",
    group="efficiency",
    examine=examine,
    remedies=(
        Remedy(
            change="Load with more workers and prefetching, keep decoded images in memory, or move augmentation to the device.",
            effect="steps follow one another without a pause",
            cost="memory, or processor cores",
        ),
    ),
)
