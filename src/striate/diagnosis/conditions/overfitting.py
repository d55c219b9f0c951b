"""Overfitting: much better on training images than on new ones, and it begins to hurt.

Means: the network has learnt its training images one by one, more than what they have in common, and is clearly better on them than on val images.

Hurts: what it learns from then on is of no use for new images, and often costs accuracy on them.

Rule: accuracy on training images lies above val accuracy by more than max(5 points, 4 standard errors), jitter of the epochs included; and a
sign of harm: val loss at least 10 % above its minimum for max(3 evaluations, 10 % of them) while val accuracy did not gain, or val accuracy at a
standstill for a quarter of the run while train rose by three times what val may have moved unseen, or a fall of val accuracy; or the whole 95 % interval
of the gap above 15 points, which costs more than any usual gap. It is a warning from a gap of
15 points, or of 10 points where val loss ended 1.5 times as high as its minimum or val accuracy fell; below that it is a remark, since a gap alone is
normal. Where only losses were seen: val loss risen as above while train loss fell under half of the least val loss; that is suspected.

Origin: gap, rise and standstill are rule G1 of the catalogue, starting values; 15 points, 10 points, 1.5 and the half are own starting values.

False alarms: train as trained lies too low under augmentation and dropout, so that without clean train the gap is understated and never overstated.
A dip of val while the learning rate is near its peak is waited for. A small val set widens what is needed. Val that is bad from the first epoch on
may be labelled or prepared differently. Wrong training labels look the same from the curves.

Changes its mind: a new best val accuracy, or a longer run in which val loss comes back down.

Knows nothing about why the images did not suffice.
"""

from __future__ import annotations

from striate.core.diagnosis_records import Evidence, Remedy
from striate.core.wording import significant
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, suspected, unseen
from striate.diagnosis.curve_words import gap_evidence, gap_words, levels
from striate.diagnosis.curves import Curves
from striate.diagnosis.divergence import (
    GAP_POINTS,
    Fall,
    Standstill,
    big_gap,
    fall,
    gained_since_loss_minimum,
    loss_risen,
    loss_words,
    standstill,
)
from striate.diagnosis.progress import MIN_EPOCHS
from striate.diagnosis.share import difference

__all__ = ["CONDITION"]

# Own starting values; see "Rule".
WIDE, HARMED, LOSS_TIMES = 0.15, 0.10, 1.5
LOSS_HALF = 0.5


def examine(case: Case) -> Opinion:
    """G1 by accuracies where both were seen, else by losses."""
    c = case.curves
    if c is None:
        return unseen(case.no_curves)
    if len(c) < MIN_EPOCHS:
        return unseen(f"fewer than {MIN_EPOCHS} evaluations were seen")
    if c.has_both:
        return _by_accuracy(c, case)
    if c.has_both_losses:
        return _by_loss(c)
    return unseen("both train and val figures are needed")


def _by_accuracy(c: Curves, case: Case) -> Opinion:
    if not big_gap(c):
        return absent(f"train and val differ by {gap_words(c)}: too little, or too uncertain")
    risen = loss_risen(c) and not gained_since_loss_minimum(c)
    stood = standstill(c)
    fallen = fall(c)
    if fallen is not None and fallen.both:
        return absent("train fell together with val")
    wide = difference(c.end_clean, c.end_val).low >= WIDE
    if not risen and not stood and fallen is None and not wide:
        return absent(
            "val has not suffered from the gap: neither a fall, a standstill nor a lasting rise of its loss"
        )
    sentence = f"The network does better on images it learned from than on new ones, by {gap_words(c)}"
    if c.chance and c.end_val.interval.low <= 2 * c.chance:
        # N4: with val near guessing from the start, a broken val pipeline looks the same.
        sentence += "; val this low may also mean that val images are labelled or prepared differently"
    waiting = not case.finished and c.lr_high
    return present(
        sentence + ("." if case.finished else ", so far."),
        gap_evidence(c, GAP_POINTS),
        levels(c),
        *_signs(c, stood, fallen),
        headline="Overfitting: much better on its training images than on new ones.",
        severity="warning" if _costly(c, fallen) and not waiting else "info",
        confidence=0.85,
        onset_epoch=float(c.epoch[_onset(c, stood, fallen)]),
    )


def _costly(c: Curves, fallen: Fall | None) -> bool:
    """Whether the gap is one to warn of."""
    gap = c.end_clean.value - c.end_val.value
    _, ratio, _ = c.loss_rise()
    return gap >= WIDE or (gap >= HARMED and (ratio >= LOSS_TIMES or fallen is not None))


def _signs(c: Curves, stood: Standstill | None, fallen: Fall | None) -> list[Evidence]:
    signs = []
    if loss_risen(c):
        _, ratio, _ = c.loss_rise()
        signs.append(evidence(loss_words(c), "val_loss_ratio", ratio, reference=1.1))
    if stood:
        signs.append(evidence(stood.words))
    if fallen:
        signs.append(evidence(fallen.words, "fall", fallen.val))
    return signs


def _onset(c: Curves, stood: Standstill | None, fallen: Fall | None) -> int:
    starts = [c.loss_rise()[0]] * loss_risen(c) + [s.at for s in (stood, fallen) if s]
    return min(starts, default=len(c) - 1)


def _by_loss(c: Curves) -> Opinion:
    at, ratio, _ = c.loss_rise()
    least, trained = float(c.smooth(c.val_loss)[at]), c.end(c.clean_loss)
    fell = trained < float(c.smooth(c.clean_loss)[at])
    if not loss_risen(c) or not fell or trained > LOSS_HALF * least:
        return absent("val loss has not risen for good while train loss fell")
    return suspected(
        "Val loss has come back up while train loss went on falling; without accuracies it cannot be told whether the answers got worse or only too sure.",
        evidence(loss_words(c), "val_loss_ratio", ratio, reference=LOSS_TIMES),
        evidence(f"train loss ended at {significant(trained)}", "train_loss", trained),
        headline="Overfitting, by its losses: val loss rose while train loss fell.",
        severity="warning" if ratio >= LOSS_TIMES else "info",
        confidence=0.6,
        onset_epoch=float(c.epoch[at]),
    )


CONDITION = Condition(
    id="G1",
    name="overfitting",
    title="Overfitting",
    group="capacity",
    examine=examine,
    remedies=(
        Remedy(
            change="Use more images, or augmentation that keeps the labels right: more varied images help most.",
            effect="train accuracy falls, val accuracy rises",
            cost="more epochs until train accuracy is as high as before",
            risk="a transform that changes what an image shows teaches wrong labels",
            settings={"augment": "default"},
        ),
        Remedy(
            change="Raise weight decay.",
            effect="a smaller gap, often a little more val accuracy",
            cost="none",
            risk="too much of it keeps the network from learning at all",
            settings={"weight_decay": 5e-4},
        ),
        Remedy(
            change="Use dropout before the head.",
            effect="a smaller gap",
            cost="slower learning",
            risk="little effect, or a loss, in networks with batch norm",
            settings={"dropout": 0.2},
        ),
        Remedy(
            change="Stop when val no longer gets better.",
            effect="the same val accuracy in less time",
            cost="none",
            risk="with a learning rate that falls late, it may stop before the best epochs",
            settings={"patience": 10},
        ),
    ),
    explains=("overconfidence", "last-not-best"),
    rivals=(
        "preprocessing-mismatch",
        "label-noise",
        "labels-unrelated",
        "classes-swapped",
        "covariate-shift",
        "batch-norm-mismatch",
    ),
    probe="log the accuracy on val images, too",
)
