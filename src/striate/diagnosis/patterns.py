"""The lesson's patterns in learning curves, one function each: named with evidence, or not there.

overfit         clean train accuracy far above val, and a sign that this hurts
late overfit    val was best long before the end and fell by more than its noise while train held
over-confidence val loss rises while val accuracy still rises: named so that it is not called overfitting
underfit        train and val low and close; still rising, level, or no better than guessing
non-finite      a loss that is NaN or infinite

Letters such as G1 name rules of the project's catalogue of conditions, whose numbers are starting values
themselves; what bears no letter is a starting value of this file. Knows nothing about files or drawing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from striate.core.records import EpochRecord, Finding
from striate.core.wording import count, interval_percent, percent, points, significant
from striate.diagnosis.curves import Curves, difference, non_finite_epoch

__all__ = [
    "Named",
    "batch_norm_mismatch",
    "big_gap",
    "late_overfit",
    "lr_spent",
    "non_finite",
    "nothing_learned",
    "over_confident",
    "overfit",
    "still_rising",
    "underfit",
    "unstable",
]

GAP_POINTS, GAP_ERRORS = 0.05, 4.0  # G1: gap > max(5 points, 4 SE)
RISE_EPOCHS, RISE_SHARE = (
    3,
    0.10,
)  # G1: val loss 10 % above its minimum for max(3 evaluations, 10 % of the budget)
MOVE_POINTS, MOVE_ERRORS = 0.02, 3.0  # general gate 4: an accuracy comparison needs > 2 points and > 3 SE
MOVE_ERRORS_WITH_LOSS = 2.0  # own: two standard errors do where the val loss says the same
# own: a peak followed by less than a fifth of the run (and less than three epochs) is just the end.
LATE_SHARE, LATE_EPOCHS = 0.20, 3
PLATEAU_SHARE, PLATEAU_EPOCHS = (
    0.25,
    5,
)  # own: a plateau shorter than a quarter of the run is the end of any schedule
PLATEAU_POINTS = 0.01  # own: standing still means within one point, one standard error and twice the jitter
CONFIDENCE_POINTS = 0.01  # own: one point of val accuracy since the loss minimum counts as still rising
CONFIDENCE_SHARE = 1 / 3  # own: and that it is not a crumb of what clean train gained in that time
SLOPE_ERRORS, SLOPE_SHARE, FUTURE_SHARE, FUTURE_POINTS = 2.0, 0.20, 0.50, 0.01  # G4
MODE_POINTS = 0.10  # N1: eval-mode accuracy 10 points under train-mode accuracy on training images
LOW = 0.90  # own: a training accuracy surely above this is never called underfit
NOT_A_NUMBER = re.compile(r"\b(non-finite|not finite|nan|inf|infinite|infinity)\b", re.IGNORECASE)
LR_SPENT = 0.01  # O6: a learning rate under 1 % of its peak has ended its schedule


class Named(NamedTuple):
    """A pattern that was found, and how to say it in a headline."""

    headline: str
    finding: Finding


def _named(
    headline: str,
    condition: Literal["overfit", "underfit", "non-finite", "late-overfit", "healthy", "unclear"],
    severity: Literal["ok", "info", "warning", "error"],
    sentence: str,
    evidence: Sequence[str],
    advice: str,
) -> Named:
    finding = Finding(
        condition=condition,
        severity=severity,
        sentence=sentence,
        evidence=tuple(evidence),
        advice=(advice,) if advice else (),
    )
    return Named(headline, finding)


def levels(c: Curves) -> str:
    """Both levels at the end, with intervals."""
    clean, val = c.end_clean, c.end_val
    return (
        f"at the end: clean train {percent(clean.value)} ({interval_percent(clean.interval)}, "
        f"{count(clean.n, 'image')}), val {percent(val.value)} ({interval_percent(val.interval)}, {count(val.n, 'image')})"
    )


def gap_words(c: Curves) -> str:
    """The gap between them, with its interval."""
    between = difference(c.end_clean, c.end_val)
    return f"{points(c.end_clean.value - c.end_val.value)} points ({points(between.low)} to {points(between.high)})"


def non_finite(history: Sequence[EpochRecord], failure: str) -> Named | None:
    """A loss that is NaN or infinite, in the records or as the reason why the run failed."""
    epoch = non_finite_epoch(history)
    if not epoch and not NOT_A_NUMBER.search(failure):
        return None
    where = f"in epoch {epoch}" if epoch else f"after {count(len(history), 'whole epoch')}"
    before = [e for e in history if not epoch or e.epoch < epoch]
    evidence = [failure] if failure else []
    if before:
        last = before[-1]
        evidence.append(
            f"epoch {last.epoch} was still finite: train loss {significant(last.train_loss)}, "
            f"largest gradient norm {significant(last.grad_norm_max)}, learning rate {significant(last.lr)}"
        )
    return _named(
        f"The loss stopped being a number {where}.",
        "non-finite",
        "error",
        f"The loss became NaN or infinite {where}; nothing after that can be trusted.",
        evidence,
        "Try a tenth of the learning rate (`striate lr-find` measures a good one); --clip-grad 1 and "
        "--precision fp32 come next.",
    )


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
        f"val loss was lowest around epoch {c.epoch[at]} ({significant(c.smooth(c.val_loss)[at])}) "
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
        return _named(
            "Val has dipped; too early to say more.",
            "unclear",
            "info",
            f"Val has fallen since epoch {fall.epoch}, but the learning rate is still above half its peak; "
            "such dips often recover as it falls.",
            evidence,
            "Let the run go on before changing anything.",
        )
    return _named(
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
    return _named(
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
        f"val accuracy {percent(peak)} around epoch {c.epoch[named]}, {percent(end.value)} at the end "
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
        f"val accuracy has stood still since about epoch {c.epoch[start]}; clean train rose from "
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
    return _named(
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
    return _named(
        "Over-confident rather than overfitting: val loss rose, val accuracy too.",
        "healthy",
        "info",
        f"Val loss has risen, yet val accuracy gained {points(gained)} points in that time: the answers got "
        "better, the probabilities too sure of themselves. That is over-confidence, not overfitting.",
        [loss_words(c), levels(c)],
        "If you need the probabilities, try --smoothing 0.1; if you need the answers, leave it.",
    )


def batch_norm_mismatch(c: Curves) -> Named | None:
    """N1: on training images, clearly worse in eval mode than while training."""
    clean = c.end_clean
    drop = c.end(c.train) - clean.value
    if drop <= max(MODE_POINTS, GAP_ERRORS * clean.standard_error):
        return None
    return _named(
        "Odd: worse on clean training images than while training.",
        "unclear",
        "warning",
        f"While training the network got {percent(c.end(c.train))} of its images right, on the same images clean "
        f"only {percent(clean.value)}: neither over- nor underfitting does that.",
        [levels(c)],
        "Suspect batch norm's running statistics: try a larger --batch-size or --norm group.",
    )


def nothing_learned(c: Curves) -> Named | None:
    """Clean train and val both no better than guessing one of K classes."""
    clean, val = c.end_clean, c.end_val
    if clean.interval.low > c.chance or val.interval.low > c.chance:
        return None
    return _named(
        "Nothing learned yet: no better than guessing.",
        "underfit",
        "warning",
        f"Clean train and val are no better than guessing one of {c.classes} classes ({percent(c.chance)}).",
        [levels(c)],
        "Check that labels belong to their images, then try other learning rates: `striate lr-find`.",
    )


def still_rising(c: Curves) -> float:
    """G4: val accuracy that half as many epochs again would add if the slope held; 0 when not rising."""
    window = max(PLATEAU_EPOCHS, math.ceil(SLOPE_SHARE * len(c)))
    trend = c.trend(c.val, window)
    future = trend.per_epoch * FUTURE_SHARE * len(c)
    return future if trend.per_epoch > SLOPE_ERRORS * trend.error and future >= FUTURE_POINTS else 0.0


def lr_spent(c: Curves) -> bool:
    """Whether the learning rate has run out: what curves do while it falls says little about more epochs."""
    return bool(c.lr[-1] < LR_SPENT * c.lr.max())


def underfit(c: Curves, finished: bool) -> Named | None:
    """Clean train surely below 90 %, val close to it: too little learned, or a hard task."""
    clean = c.end_clean
    if clean.interval.high >= LOW or big_gap(c):
        return None
    rising = still_rising(c)
    both = f"Clean train ({percent(clean.value)}) and val ({percent(c.end_val.value)}) are both low and close"
    evidence = [levels(c), f"the gap is {gap_words(c)}"]
    if rising:
        return _named(
            "Not done learning: train and val are close and still rising.",
            "underfit",
            "info",
            f"{both}, and still rising: this looks like too few epochs. It may also be a hard task; more epochs "
            "will tell.",
            [*evidence, f"half as many epochs again would add {points(rising)} points at most: curves flatten"],
            "Start a longer run: the learning rate of this one has run out."
            if lr_spent(c) and finished
            else ("Give it more epochs." if finished else "Let it go on."),
        )
    return _named(
        "Underfitting, or a hard task: train and val are both low.",
        "underfit",
        "warning" if finished else "info",
        f"{both}, and level: the network may be too small or too strongly regularised, the learning rate "
        "may be off, or the task may also be hard: classes that look alike, or wrong labels.",
        evidence,
        "Look at the confident mistakes in the report first; if their labels are right, try a larger network or "
        "less augmentation.",
    )
