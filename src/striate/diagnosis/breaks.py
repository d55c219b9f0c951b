"""Signs that something is plainly wrong with a run, whatever it is.

Each is looked for when no condition was found: a run that broke, learnt nothing, lost what it had learnt, or shows figures that cannot be. N1 and
"own" as in the other files on curves. Knows nothing about conditions.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from striate.core.wording import percent, points, significant
from striate.diagnosis.case import Case
from striate.diagnosis.curve_words import levels_words
from striate.diagnosis.curves import Array, Curves
from striate.diagnosis.divergence import MOVE_ERRORS, MOVE_POINTS, fall
from striate.diagnosis.outcome import unaugmented
from striate.diagnosis.progress import at_chance
from striate.diagnosis.share import Share

__all__ = [
    "Break",
    "apart_from_the_start",
    "broken",
    "impossible_loss",
    "lost_again",
    "says_non_finite",
    "too_small",
    "val_above",
    "worse_in_eval",
]

# N1: eval-mode accuracy 10 points under train-mode accuracy on training images; general gate: beyond 4 SE.
MODE_POINTS, MODE_ERRORS = 0.10, 4.0
# own: the training loss came back up by a quarter of all that it had fallen, and a tenth of its minimum, beyond its jitter.
LOSS_BACK, LOSS_JITTERS = 0.25, 4.0
# own: val surely above clean train, by the general gate, as never happens with images and labels of one kind.
ABOVE_POINTS = 0.05
# own: what is learnt by heart comes late; a gap of 15 points and more that was there in proportion (0.6 of it) while train was on its way up was not.
APART_POINTS, APART_SHARE, APART_ERRORS = 0.15, 0.6, 3.0
ON_THE_WAY = (0.3, 0.8)
# own: room for the rounding of a log, and for means of batches of unequal size.
ROUNDING = 0.9
NOT_A_NUMBER = re.compile(r"\b(non-finite|not finite|nan|inf|infinite|infinity)\b", re.IGNORECASE)


class Break(NamedTuple):
    """What is plainly wrong, in a headline and a sentence."""

    headline: str
    sentence: str


def says_non_finite(case: Case) -> bool:
    """Whether a loss was no number, by the figures or by why the run failed."""
    return bool(case.non_finite_epoch) or bool(NOT_A_NUMBER.search(case.seen.setting.failure))


def broken(case: Case) -> Break | None:
    """The plainest thing that is wrong, or None."""
    if says_non_finite(case):
        return _non_finite(case)
    failure = case.seen.setting.failure
    if failure:
        return Break("The run failed.", f"The run failed: {failure}")
    c = case.curves
    if c is None or len(c) < 4:
        return None
    return (
        (None if case.seen.declared.loss else impossible_loss(c))
        or worse_in_eval(c)
        or _unstable(c)
        or _nothing_learned(c)
        or lost_again(c)
        or (val_above(c) if _clean_is_plain(case) else None)
        or _apart_from_the_start(c)
    )


def _non_finite(case: Case) -> Break:
    epoch = case.non_finite_epoch
    where = f"in epoch {epoch:.6g}" if epoch else "after the last whole epoch"
    before = [p for p in case.seen.epochs if not epoch or p.epoch < epoch]
    sentence = f"The loss became NaN or infinite {where}; nothing after that can be trusted"
    if before and before[-1].train_loss is not None:
        last = before[-1]
        sentence += f"; epoch {last.epoch:.6g} was still finite: train loss {significant(before[-1].train_loss or 0.0)}"
        sentence += f", learning rate {significant(last.lr)}" if last.lr is not None else ""
    return Break(f"The loss stopped being a number {where}.", f"{sentence}.")


def impossible_loss(c: Curves) -> Break | None:
    """A cross-entropy that is too small for its accuracy, or negative.

    A wrong answer has p < 1/2 for the right class and costs more than ln 2, so that L >= (1 - accuracy) ln 2 whatever the network.
    """
    for name, loss, accuracy in (("val", c.val_loss, c.val), ("train", c.train_loss, c.train)):
        if not c.has(loss):
            continue
        if float(loss.min()) < 0:
            return Break(
                f"The {name} loss is negative: it is no cross-entropy.",
                f"The {name} loss fell to {significant(float(loss.min()))}; a cross-entropy is never below 0.",
            )
        if not c.has(accuracy):
            continue
        if too_small(c, loss, accuracy):
            least, got = (1 - c.end(accuracy)) * math.log(2), c.end(loss)
            return Break(
                f"The {name} loss is too small for the {name} accuracy.",
                f"With {percent(c.end(accuracy))} right, a cross-entropy is at least {significant(least)}, and {name} loss is {significant(got)}: "
                "the loss is another one, or one of the two figures is wrong.",
            )
    return None


def too_small(c: Curves, loss: Array, accuracy: Array) -> bool:
    """Whether a loss ends below (1 - accuracy) ln 2, which no cross-entropy does."""
    return c.end(loss) < ROUNDING * (1 - c.end(accuracy)) * math.log(2)


def worse_in_eval(c: Curves) -> Break | None:
    """N1: on training images, clearly worse in eval mode than while training."""
    if not c.clean_measured or not c.has(c.train):
        return None
    clean = c.end_clean
    if c.end(c.train) - clean.value <= max(MODE_POINTS, MODE_ERRORS * clean.standard_error):
        return None
    return Break(
        "Odd: worse on clean training images than while training.",
        f"While training the network got {percent(c.end(c.train))} of its images right, on the same images clean "
        f"only {percent(clean.value)}: neither over- nor underfitting does that. Suspect batch norm's running statistics.",
    )


def _unstable(c: Curves) -> Break | None:
    """Val fell after its peak and train fell with it: the network lost something, it did not overfit."""
    fallen = fall(c) if c.has_both else None
    if fallen is None or not fallen.both:
        return None
    return Break(
        f"Unstable: train and val both got worse after epoch {c.when(fallen.at)}.",
        f"After epoch {c.when(fallen.at)} val lost {points(fallen.val)} points and train lost {points(-fallen.clean)}: "
        f"that is instability, not overfitting ({fallen.words}).",
    )


def _nothing_learned(c: Curves) -> Break | None:
    if not at_chance(c):
        return None
    return Break(
        "Nothing learned yet: no better than guessing.",
        f"Train and val are no better than guessing one of {c.classes} classes ({percent(c.chance)}); {levels_words(c)}.",
    )


def lost_again(c: Curves) -> Break | None:
    """Train lost what it had learnt: its loss came back up by a quarter of all that it had fallen, or its accuracy fell."""
    if c.has(c.clean):
        at = c.peak(c.clean)
        lost = float(c.smooth(c.clean)[at]) - c.end_clean.value
        noise = max(MOVE_ERRORS * c.end_clean.standard_error, LOSS_JITTERS * c.jitter(c.clean))
        if lost > max(2.5 * MOVE_POINTS, noise) and at < len(c) - 1 - c.end_epochs:
            return Break(
                f"Unstable: training accuracy fell after epoch {c.when(at)}.",
                f"Training accuracy was {percent(float(c.smooth(c.clean)[at]))} around epoch {c.when(at)} and ended at {percent(c.end_clean.value)}.",
            )
    if not c.has(c.train_loss):
        return None
    loss = c.smooth(c.train_loss)
    at = int(loss.argmin())
    back, fell = c.end(c.train_loss) - float(loss[at]), float(loss[0] - loss[at])
    if at >= len(c) - 1 - c.end_epochs or back <= max(
        LOSS_BACK * fell, LOSS_JITTERS * c.jitter(c.train_loss), 0.1 * abs(float(loss[at]))
    ):
        return None
    return Break(
        "The training loss has come back up.",
        f"The training loss was lowest around epoch {c.when(at)} ({significant(float(loss[at]))}) and ended at {significant(c.end(c.train_loss))}.",
    )


def _clean_is_plain(case: Case) -> bool:
    """Whether clean train was measured without augmentation: a watched loop hands out its images as they come."""
    return case.seen.setting.source != "attached" or unaugmented(case)


def val_above(c: Curves) -> Break | None:
    """Val surely better than training images, both in eval mode: train labels are worse, or val is counted wrongly."""
    if not c.has_both or not c.clean_measured:
        return None
    above = c.end_val.value - c.end_clean.value
    noise = MOVE_ERRORS * math.hypot(c.end_val.error_of_difference(c.end_clean), c.jitter(c.val))
    if above <= max(ABOVE_POINTS, noise):
        return None
    return Break(
        "Odd: better on val than on clean training images.",
        f"The network gets {points(above)} points more of val right than of the images it learned from, both without augmentation: "
        f"training labels may be wrong, or val is easier or counted otherwise ({levels_words(c)}).",
    )


def apart_from_the_start(c: Curves) -> bool:
    """Whether the gap between clean train and val was there, in proportion, while train was still on its way up."""
    if not c.has_both or c.end_clean.value - c.end_val.value < APART_POINTS:
        return False
    low, high = (c.chance + share * (c.end_clean.value - c.chance) for share in ON_THE_WAY)
    rows = [i for i in range(c.peak(c.clean) + 1) if low <= c.clean[i] <= high]
    if not rows:
        return False
    clean = sum(float(c.clean[i]) for i in rows) / len(rows)
    val = sum(float(c.val[i]) for i in rows) / len(rows)
    error = Share(val, c.val_n).error_of_difference(Share(clean, c.clean_n))
    wanted = APART_SHARE * (1 - c.end_val.value / c.end_clean.value)
    return clean - val > APART_ERRORS * error and 1 - val / clean >= wanted


def _apart_from_the_start(c: Curves) -> Break | None:
    if not apart_from_the_start(c):
        return None
    return Break(
        "Val has been far below train from the first epochs on.",
        f"Val lies far below train ({levels_words(c)}) and did so in proportion while train was still on its way up. What is learnt by heart comes "
        "later: val images may be labelled, prepared or counted differently.",
    )
