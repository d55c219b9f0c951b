"""Late overfitting: val was best long before the end and has fallen, while train held.

Means: the run went on after it was done: what it learnt in the later epochs made it worse on new images.

Hurts: whoever keeps the last weights keeps a worse network than the one of the best epoch, and paid for the epochs after it.

Rule: val accuracy ended below its smoothed peak by more than max(2 points, 3 standard errors of the difference, 4 times the jitter of
the epochs); two standard errors do where val loss stayed 10 % above its minimum as well. The peak lies at least a fifth of the run and 3 evaluations
before the end, and accuracy on training images did not fall by 2 points. Where nobody said how many val images there are, jitter alone is the noise.

Origin: 2 points and 3 standard errors are the general gate of the catalogue; the rest are own starting values.

False alarms: the dip of val in warm-up or near the peak of one-cycle recovers as the learning rate falls, so that while a run goes on at more than
half of its peak rate nothing is said. If train falls too it is instability. An oscillating val has a large jitter. The highest of many noisy
epochs is too high by chance, hence the running median and the jitter.

Changes its mind: val accuracy back within the noise of its peak.

Knows nothing about why training images stopped being useful: wrong labels among them do this more than anything.
"""

from __future__ import annotations

from striate.core.diagnosis_records import Remedy
from striate.core.wording import points
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, unseen
from striate.diagnosis.curve_words import Learned, levels
from striate.diagnosis.divergence import MOVE_POINTS, fall, loss_risen, loss_words
from striate.diagnosis.progress import MIN_EPOCHS

__all__ = ["CONDITION"]


def examine(case: Case) -> Opinion:
    """A fall of val beyond noise, without one of train."""
    c = case.curves
    if c is None:
        return unseen(case.no_curves)
    if not c.has_both:
        return unseen("accuracies of both train and val are needed")
    if len(c) < MIN_EPOCHS:
        return unseen(f"fewer than {MIN_EPOCHS} evaluations were seen")
    fallen = fall(c)
    if fallen is None:
        return absent("val accuracy has not fallen from its best by more than its noise")
    if fallen.both:
        return absent("train fell together with val: that is instability")
    best = c.when(fallen.at)
    if not case.finished and c.lr_high:
        return unseen(
            f"val has fallen since epoch {best}, but the learning rate is still above half its peak; such dips often recover as it falls"
        )
    seen = [
        evidence(fallen.words, "fall", fallen.val, reference=MOVE_POINTS),
        evidence(
            f"{Learned.of(c).name} moved by {points(fallen.clean)} points in that time", "train", fallen.clean
        ),
    ]
    if loss_risen(c):
        seen.append(evidence(loss_words(c), "val_loss_ratio", c.loss_rise()[1], reference=1.1))
    return present(
        f"Val accuracy was best around epoch {best} and ended {points(fallen.val)} points lower, while training accuracy held.",
        *seen,
        levels(c),
        headline=f"Late overfitting: val was best around epoch {best} and has fallen since.",
        confidence=0.88,
        onset_epoch=float(c.epoch[fallen.at]),
    )


CONDITION = Condition(
    id="G1",
    name="late-overfitting",
    title="Late overfitting",
    group="capacity",
    examine=examine,
    remedies=(
        Remedy(
            change="Keep the weights of the best epoch, and stop when val no longer gets better.",
            effect="the accuracy of the best epoch, in less time",
            cost="none",
            risk="with a learning rate that falls late, it may stop before the best epochs",
            settings={"patience": 10},
        ),
        Remedy(
            change="Add augmentation.",
            effect="val goes on rising for longer",
            cost="slower learning",
            risk="a transform that changes what an image shows teaches wrong labels",
            settings={"augment": "default"},
        ),
    ),
    # Its gap and what it costs are the same thing seen again.
    explains=("overfitting", "overconfidence", "last-not-best"),
    rivals=("label-noise", "overfitting", "learning-rate-too-high"),
)
