"""Train and val come apart: overfitting, late overfitting, and their look-alikes.

overfit         clean train far above val, and a sign that this hurts
late overfit    val was best long before the end and fell by more than its noise while train held
unstable        val fell and train fell with it
over-confident  val loss rises while val accuracy still rises: named so that it is not called overfitting

G1, G4, N4 name rules of the project's catalogue of conditions, whose numbers are starting values themselves;
"own" marks a starting value of this file. Knows nothing about files or drawing.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from striate.core.wording import count, interval_percent, percent, points, significant
from striate.diagnosis.curves import Curves
from striate.diagnosis.pattern import Named, gap_words, levels, named

__all__ = ["big_gap", "late_overfit", "over_confident", "overfit", "unstable"]

# G1: gap > max(5 points, 4 SE).
GAP_POINTS, GAP_ERRORS = 0.05, 4.0
# G1: val loss 10 % above its minimum for max(3 evaluations, 10 % of the budget).
RISE_EPOCHS, RISE_SHARE = 3, 0.10
# General gate 4 of the catalogue: an accuracy comparison needs > 2 points and > 3 SE.
MOVE_POINTS, MOVE_ERRORS = 0.02, 3.0
# own: two standard errors do where the val loss says the same.
MOVE_ERRORS_WITH_LOSS = 2.0
# own: a peak followed by less than a fifth of the run, or less than three epochs, is just the end.
LATE_SHARE, LATE_EPOCHS = 0.20, 3
# own: a plateau shorter than a quarter of the run is the end of any schedule; standing still means within one
# point, one standard error and twice the jitter.
PLATEAU_SHARE, PLATEAU_EPOCHS, PLATEAU_POINTS = 0.25, 5, 0.01
# own: val still rises when it gained a point since the loss minimum, and not a crumb of what clean train gained.
CONFIDENCE_POINTS, CONFIDENCE_SHARE = 0.01, 1 / 3


def big_gap(c: Curves) -> bool:
    """G1's first half: clean train above val by more than max(5 points, 4 SE), the epochs' jitter included."""
    clean, val = c.end_clean, c.end_val
    error = math.hypot(clean.error_of_difference(val), c.jitter(c.val))
    return clean.value - val.value > max(GAP_POINTS, GAP_ERRORS * error)


def loss_risen(c: Curves) -> bool:
    """G1's second half: the val loss has stayed well above its minimum."""
    _, _, above = c.loss_rise()
    return above >= max(RISE_EPOCHS, math.ceil(RISE_SHARE * len(c)))


def loss_words(c: Curves) -> str:
    """Where the val loss was lowest and where it ended."""
    at, ratio, _ = c.loss_rise()
    return (
        f"val loss was lowest around epoch {c.when(at)} ({significant(c.smooth(c.val_loss)[at])}) "
        f"and ended {ratio:.2f} times as high"
    )


def late_overfit(c: Curves, finished: bool) -> Named | None:
    """Val was best well before the end, fell by more than its noise, and train did not fall with it."""
    fall = _fall(c)
    if fall is None or fall.clean < -MOVE_POINTS:
        return None
    evidence = [fall.words, f"clean train moved by {points(fall.clean)} points in that time"]
    if loss_risen(c):
        evidence.append(loss_words(c))
    if not finished and c.lr_high:
        return named(
            "Val has dipped; too early to say more.",
            "unclear",
            "info",
            f"Val has fallen since epoch {fall.epoch}, but the learning rate is still above half its peak; "
            "such dips often recover as it falls.",
            evidence,
            "Let the run go on before changing anything.",
        )
    return named(
        f"Late overfitting: val was best around epoch {fall.epoch} and has fallen since.",
        "late-overfit",
        "warning",
        f"Val accuracy was best around epoch {fall.epoch} and ended {points(fall.val)} points lower, while "
        "training accuracy held.",
        evidence,
        "Keep the weights of the best epoch (striate does); next time stop earlier with --patience, or add "
        "augmentation.",
    )


def unstable(c: Curves) -> Named | None:
    """Val fell after its peak and train fell with it: the network lost something, it did not overfit."""
    fall = _fall(c)
    if fall is None or fall.clean >= -MOVE_POINTS:
        return None
    return named(
        f"Unstable: train and val both got worse after epoch {fall.epoch}.",
        "unclear",
        "warning",
        f"After epoch {fall.epoch} val lost {points(fall.val)} points and clean train lost {points(-fall.clean)}: "
        "that is instability, not overfitting.",
        [fall.words, levels(c)],
        "Lower the learning rate or add --clip-grad 1, and look at the same epochs again.",
    )


class _Fall(NamedTuple):
    epoch: int
    val: float
    clean: float
    words: str


def _fall(c: Curves) -> _Fall | None:
    """Val's fall from its smoothed peak to its end, when it is beyond noise and the peak lies well back."""
    at = c.peak(c.val)
    peak, end = float(c.smooth(c.val)[at]), c.end_val
    fall = peak - end.value
    errors = MOVE_ERRORS_WITH_LOSS if loss_risen(c) else MOVE_ERRORS
    noise = max(errors * math.sqrt(2) * end.standard_error, MOVE_ERRORS * c.jitter(c.val))
    if len(c) - 1 - at < max(LATE_EPOCHS, LATE_SHARE * len(c)) or fall <= max(MOVE_POINTS, noise):
        return None
    # The smoothed curve says how high, the measured one which epoch.
    named = max(range(max(at - 1, 0), min(at + 2, len(c))), key=lambda i: float(c.val[i]))
    words = (
        f"val accuracy {percent(peak)} around epoch {c.when(named)}, {percent(end.value)} at the end "
        f"({interval_percent(end.interval)}, {count(end.n, 'image')})"
    )
    return _Fall(int(c.epoch[named]), fall, c.end_clean.value - float(c.smooth(c.clean)[at]), words)


def _val_gained_since_loss_minimum(c: Curves) -> float:
    """Val accuracy gained since the val loss was lowest; 0 when that is noise, or little beside train's gain."""
    at, _, _ = c.loss_rise()
    gained = c.end_val.value - float(c.smooth(c.val)[at])
    trained = c.end_clean.value - float(c.smooth(c.clean)[at])
    noise = max(CONFIDENCE_POINTS, c.end_val.standard_error, 2 * c.jitter(c.val))
    return gained if gained > max(noise, CONFIDENCE_SHARE * trained) else 0.0


def _rose_on_plateau(c: Curves) -> str:
    """In words: clean train kept rising while val stood still for long; empty when that did not happen."""
    start = c.plateau_start(c.val, max(PLATEAU_POINTS, c.end_val.standard_error, 2 * c.jitter(c.val)))
    if len(c) - start < max(PLATEAU_EPOCHS, PLATEAU_SHARE * len(c)):
        return ""
    before = float(c.smooth(c.clean)[start])
    rise = c.end_clean.value - before
    if rise <= max(MOVE_POINTS, MOVE_ERRORS * math.sqrt(2) * c.end_clean.standard_error):
        return ""
    return (
        f"val accuracy has stood still since about epoch {c.when(start)}; clean train rose from "
        f"{percent(before)} to {percent(c.end_clean.value)} in that time"
    )


def overfit(c: Curves, finished: bool) -> Named | None:
    """G1: a big gap, and the val loss came back up or val stood still while train rose."""
    if not big_gap(c):
        return None
    risen = loss_risen(c) and not _val_gained_since_loss_minimum(c)
    stood = _rose_on_plateau(c)
    if not risen and not stood:
        return None
    evidence = [levels(c)] + [loss_words(c)] * loss_risen(c) + [stood] * bool(stood)
    sentence = f"The network does better on images it learned from than on new ones, by {gap_words(c)}"
    if c.end_val.interval.low <= 2 * c.chance:
        # N4: with val near guessing from the start, a broken val pipeline looks the same.
        sentence += "; val this low may also mean that val images are labelled or prepared differently"
    return named(
        "Overfitting: much better on its training images than on new ones.",
        "overfit",
        "warning" if finished or not c.lr_high else "info",
        sentence + ("." if finished else ", so far."),
        evidence,
        "More or more varied images help most, then stronger augmentation, weight decay, a smaller network.",
    )


def over_confident(c: Curves) -> Named | None:
    """The val loss came back up while val accuracy went on rising: worse probabilities, better answers."""
    gained = _val_gained_since_loss_minimum(c)
    if not loss_risen(c) or not gained:
        return None
    return named(
        "Over-confident rather than overfitting: val loss rose, val accuracy too.",
        "healthy",
        "info",
        f"Val loss has risen, yet val accuracy gained {points(gained)} points in that time: the answers got "
        "better, the probabilities too sure of themselves. That is over-confidence, not overfitting.",
        [loss_words(c), levels(c)],
        "If you need the probabilities, try --smoothing 0.1; if you need the answers, leave it.",
    )
