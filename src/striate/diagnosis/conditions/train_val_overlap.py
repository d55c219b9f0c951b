"""Images of val are also in train, or val is trained on.

Means: some val images, or near copies of them, are among those the network learns from.

Hurts: on these it shows what it knows by heart. Val accuracy is too high, overfitting stays hidden, and every choice made by val is tilted.

Rule: at least 3 val images, and 0.5 % of those looked for, equal a training image bit by bit, beyond twice what chance equality within val explains; it is a
warning from 1 % on, critical from half. Near copies count from 5 %, or from 2 % when they are right more often than the rest by 3 SE. Optimiser steps on val batches
are always critical.

Origin: 0.5 % and 3 images are the catalogue's. Small drawings repeat by themselves: the share r of val that repeats within val foretells that
2 r n_train / n_val of it is found in train. 1 %: what lies below moves val accuracy by less than a point. Own starting values: 5 % and 2 %, above the 0.4 %
of natural copies that the comparison of thumbnails finds in MNIST and CIFAR-10.

False alarms: natural repeats, which the null takes off.

Changes its mind: a split by source or group without common images.

Knows nothing about images that augmentation has changed: under it exact equality is a lower limit.
"""

from __future__ import annotations

import math

from striate.core.data_observation import DataSeen, OverlapSeen
from striate.core.diagnosis_records import Evidence, Remedy, Severity, Where
from striate.core.metrics import wilson
from striate.core.wording import count, percent, points
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, suspected, unseen
from striate.diagnosis.outcome import standard_error
from striate.diagnosis.split_differences import drowned

__all__ = ["CONDITION"]

LEAST, LEAST_SHARE = 3, 0.005
WARNED, HALF = 0.01, 0.5
NEAR, NEAR_RIGHT = 0.05, 0.02
ERRORS = 3.0

SPLIT = Remedy(
    change="Split by source, person or time before anything is copied or cropped, and drop from train what equals a val image.",
    effect="val accuracy is that on new images",
    cost="training again",
    risk="val accuracy will fall, to what it was in truth",
)


def examine(case: Case) -> Opinion:
    """Steps on val, exact copies, near copies."""
    loop, data = case.seen.loop, case.seen.data
    if loop is not None and loop.val_updates:
        return _trained_on(loop.val_updates)
    overlap = data.overlap if data else None
    if data is None or overlap is None or not overlap.checked:
        return unseen("val images were not looked for in train")
    exact = overlap.exact / overlap.checked
    natural = _natural(data)
    if overlap.exact >= LEAST and exact >= LEAST_SHARE and exact > 2 * natural:
        return _exact(overlap, exact - natural)
    near = overlap.near / overlap.checked
    right = _better(overlap)
    if drowned(case) and not right:
        return absent("augmentation changes training images too much to look for near copies among them")
    if (
        overlap.near >= LEAST
        and exact <= 2 * natural + LEAST_SHARE
        and natural < NEAR_RIGHT
        and (near >= NEAR or (near >= NEAR_RIGHT and right))
    ):
        return _near(overlap, near, right)
    return absent(
        f"of {count(overlap.checked, 'val image')}, {overlap.exact} are in train and {overlap.near} nearly"
    )


def _natural(data: DataSeen) -> float:
    """Share of val that would be found in train by chance equality, from how often val repeats itself."""
    train, val = data.train, data.val
    if train is None or val is None or not val.hashed or not val.n:
        return 0.0
    return min(1.0, 2 * val.repeated / val.hashed * train.n / val.n)


def _better(overlap: OverlapSeen) -> bool:
    on, off, copies = overlap.accuracy_on, overlap.accuracy_off, overlap.exact + overlap.near
    if on is None or off is None or not copies:
        return False
    error = math.hypot(standard_error(on, copies), standard_error(off, max(1, overlap.checked - copies)))
    return on - off > ERRORS * error


def _trained_on(steps: int) -> Opinion:
    return present(
        f"The optimiser took {count(steps, 'step')} on validation batches, so val is part of the training data.",
        evidence(f"{count(steps, 'step')} on val", "val_updates", float(steps), reference=0.0),
        headline="The network is trained on val.",
        severity="critical",
        confidence=0.97,
        remedies=(
            Remedy(
                change="Take no step in the validation loop: only outputs, under torch.no_grad().",
                cost="none",
            ),
        ),
    )


def _accuracies(overlap: OverlapSeen) -> tuple[Evidence, ...]:
    on, off = overlap.accuracy_on, overlap.accuracy_off
    if on is None or off is None:
        return ()
    return (
        evidence(
            f"val accuracy {percent(on)} on them, {percent(off)} on the rest: {points(on - off)} points",
            "accuracy_difference",
            on - off,
        ),
    )


def _where(overlap: OverlapSeen) -> Where:
    return Where(samples=tuple(f"{val} = {train}" for train, val in overlap.pairs))


def _exact(overlap: OverlapSeen, share: float) -> Opinion:
    severity: Severity = "critical" if share >= HALF else "warning" if share >= WARNED else "info"
    limits = wilson(overlap.exact, overlap.checked)
    return present(
        f"{percent(overlap.exact / overlap.checked)} of the val images are in train as well, bit by bit.",
        evidence(
            f"{overlap.exact:,} of {count(overlap.checked, 'val image')} equal a training image",
            "exact",
            overlap.exact / overlap.checked,
            low=limits.low,
            high=limits.high,
            reference=LEAST_SHARE,
        ),
        *_accuracies(overlap),
        headline="Val images are in train as well.",
        severity=severity,
        confidence=0.97,
        where=_where(overlap),
    )


def _near(overlap: OverlapSeen, share: float, right: bool) -> Opinion:
    return suspected(
        f"{percent(share)} of the val images are nearly equal to a training image.",
        evidence(
            f"{overlap.near:,} of {count(overlap.checked, 'val image')} are closer to a training image than any two of those",
            "near",
            share,
            reference=NEAR,
        ),
        *_accuracies(overlap),
        headline="Val images are nearly in train.",
        severity="warning" if share >= NEAR or right else "info",
        confidence=0.8 if right else 0.65,
        where=_where(overlap),
    )


CONDITION = Condition(
    id="D3",
    name="train-val-overlap",
    title="Train and val overlap",
    group="data",
    examine=examine,
    remedies=(SPLIT,),
    rivals=("covariate-shift",),
    probe="look at the pairs, and evaluate without them",
)
