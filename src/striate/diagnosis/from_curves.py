"""Which conditions look like these curves: up to three, the likeliest first.

From loss and accuracy by epoch several conditions look the same, so that the answer is a set. Patterns are tried from the most telling to the least;
what each rests on stands beside it. Exact laws of cross-entropy come first. All numbers are own starting values unless a law or a rule is named.
Knows nothing about the inside of a network or its data.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from striate.core.diagnosis_records import Finding
from striate.diagnosis.breaks import impossible_loss, lost_again, says_non_finite, worse_in_eval
from striate.diagnosis.case import Case
from striate.diagnosis.curves import Curves
from striate.diagnosis.divergence import big_gap, fall, loss_risen
from striate.diagnosis.from_stuck import stuck
from striate.diagnosis.progress import held_down, level_is_low, still_rising

__all__ = ["MOST", "candidates"]

MOST = 3
# Softmax before the loss: with a right answer's p near 1 the loss is ln(e + K - 1) - 1, with a wrong one's near 0 one more.
FLOOR_SLACK, FLOOR_ACCURACY = 0.08, 0.30
# A sum over a batch instead of a mean is larger by the batch; nobody gets half right at five times the loss of guessing.
SUM_TIMES, SUM_ACCURACY = 5.0, 0.50
# Val counts as never better than guessing where its best stays under chance and 4 errors.
CHANCE_ERRORS = 4.0
LEARNT = 0.20
# Val jumps: its jitter is four times train's and beyond its errors.
JUMP_TIMES, JUMP_POINTS, JUMP_ERRORS = 4.0, 0.04, 2.0
EARLY_GAP = 0.6
HELD_DOWN = 0.10
# Wrong labels are learnt by heart to the end only where there is time for it.
SLOWLY = 0.97
RARE_POINTS, RARE_ERRORS = 0.30, 3.0

Names = tuple[str, ...]
CAPACITY = {
    "overfitting",
    "late-overfitting",
    "overconfidence",
    "underfitting",
    "over-regularised",
    "stopped-too-early",
}
# Facts about the val set and the schedule, which stand for themselves beside any of these.
BESIDE = {"validation-too-small", "last-not-best"}


def candidates(case: Case, findings: Sequence[Finding] = ()) -> Names:
    """Up to three slugs; () where the curves show nothing odd.

    What was found for a reason that curves alone do not show stands first; what was found from curves takes the place that its pattern gives it.
    """
    found = [
        f.condition
        for f in findings
        if f.condition not in BESIDE and f.severity != "info" and not f.because_of
    ]
    surer = [name for name in found if name not in CAPACITY]
    names = (*surer, *_pattern(case), *found)
    return tuple(dict.fromkeys(names))[:MOST]


def _pattern(case: Case) -> Names:
    if says_non_finite(case):
        return _non_finite(case)
    c = case.curves
    if c is None:
        return ()
    for pattern in PATTERNS:
        names = pattern(c)
        if names:
            return names
    return _by_class(case) or _slow(c) or _short(c)


def _non_finite(case: Case) -> Names:
    """What follows a loss that is no number depends on whether anything was learnt before."""
    before = [
        p.train_loss for p in case.seen.epochs if p.train_loss is not None and math.isfinite(p.train_loss)
    ]
    if len(before) >= 2 and before[-1] < 0.7 * before[0]:
        return ("non-finite", "learning-rate-too-high", "low-precision")
    return ("non-finite", "learning-rate-too-high", "input-not-scaled")


def _wrong_loss(c: Curves) -> Names:
    """Laws of cross-entropy that the figures break."""
    if c.has(c.train_loss) and float(c.train_loss.min()) < 0:
        # The negative of a probability lies in [-1, 0]; the negative of cross-entropy runs away.
        return ("wrong-loss", "softmax-before-loss") if float(c.train_loss.min()) >= -1 else ("wrong-loss",)
    for loss, accuracy in ((c.train_loss, c.train), (c.val_loss, c.val)):
        if not c.has(loss) or not c.has(accuracy) or not c.classes:
            continue
        got, right = c.end(loss), c.end(accuracy)
        floor = math.log(math.e + c.classes - 1) - 1
        if right >= max(FLOOR_ACCURACY, 2 * c.chance) and abs(got - floor - (1 - right)) < FLOOR_SLACK:
            return ("softmax-before-loss", "wrong-loss")
        if right >= SUM_ACCURACY and got > SUM_TIMES * math.log(c.classes) and not loss_risen(c):
            return ("wrong-loss", "metric-disagrees", "input-not-scaled")
    if impossible_loss(c):
        return ("wrong-loss", "metric-disagrees")
    return ()


def _val_at_chance(c: Curves) -> Names:
    """Train learns and val never does: what val is compared with, or made of, is wrong; or there is nothing to learn but by heart."""
    if not c.has_both or not c.chance:
        return ()
    if c.end_clean.value < c.chance + LEARNT or c.end_val.value > c.chance + LEARNT:
        return ()
    if float(c.smooth(c.val).max()) > max(c.chance + CHANCE_ERRORS * c.end_val.standard_error, 2 * c.chance):
        return ()
    if c.end_val.interval.high < 0.8 * c.chance:
        # Worse than guessing takes knowledge: the answers are right and the names are not.
        return ("classes-swapped", "preprocessing-mismatch", "labels-unrelated")
    half = c.chance + 0.5 * (c.end_clean.value - c.chance)
    reached = int(np.argmax(c.clean >= half))
    # By heart is slow: real classes are learnt in the first quarter of a run.
    slow = reached > 0.25 * len(c)
    if slow or c.end_clean.value < 0.6:
        return ("labels-unrelated", "preprocessing-mismatch", "classes-swapped")
    return ("preprocessing-mismatch", "classes-swapped", "labels-unrelated")


def _eval_worse(c: Curves) -> Names:
    """Lower on clean training images than while training: the two modes differ, or training sees classes in blocks."""
    if not worse_in_eval(c):
        return ()
    jumpy = c.jitter(c.clean) > JUMP_POINTS
    return (
        ("batch-norm-mismatch", "unshuffled", "wrong-mode")
        if jumpy
        else ("batch-norm-mismatch", "wrong-mode", "unshuffled")
    )


def _jumping(c: Curves) -> Names:
    """Val jumps from one evaluation to the next while train is smooth."""
    if not c.has_both or not c.has(c.train):
        return ()
    jitter = c.jitter(c.val)
    if jitter <= max(JUMP_POINTS, JUMP_ERRORS * c.end_val.standard_error, JUMP_TIMES * c.jitter(c.train)):
        return ()
    return ("batch-norm-mismatch", "learning-rate-too-high", "wrong-mode")


def _lost(c: Curves) -> Names:
    """Train lost what it had learnt."""
    fallen = fall(c) if c.has_both else None
    if lost_again(c) is None and not (fallen and fallen.both):
        return ()
    return ("learning-rate-too-high", "gradients-not-zeroed", "schedule-fault")


def _val_above(c: Curves) -> Names:
    """Val surely better than clean train: val is easier, known, or counted wrongly."""
    if not c.has_both or not c.clean_measured:
        return ()
    above = c.end_val.value - c.end_clean.value
    if above <= max(0.02, 3 * c.end_val.error_of_difference(c.end_clean), 3 * c.jitter(c.val)):
        return ()
    return ("metric-disagrees", "class-imbalance", "label-noise")


def _gap(c: Curves) -> Names:
    """A gap that hurts: there from the first, it is in how val is made; later, in what is learnt by heart."""
    if not c.has_both or not big_gap(c):
        return ()
    fallen, gap = fall(c), c.end_clean.value - c.end_val.value
    early = int(np.argmax(c.clean >= c.chance + 0.5 * (c.end_clean.value - c.chance)))
    if float(c.clean[early] - c.val[early]) > EARLY_GAP * gap and early < 0.5 * len(c) and gap > 0.15:
        return ("preprocessing-mismatch", "covariate-shift", "overfitting")
    if fallen:
        # Wrong labels are learnt last and by heart, and cost val what it had: val falls. Without them it mostly stands still.
        slow = c.end_clean.value < SLOWLY
        return (
            ("label-noise", "late-overfitting", "overfitting")
            if slow
            else ("late-overfitting", "overfitting", "label-noise")
        )
    return ("overfitting", "label-noise", "covariate-shift")


def _worse(c: Curves) -> Names:
    """Val fell without a gap to speak of; or, where there are only losses, val loss rose for good."""
    if c.has_both:
        return ("late-overfitting", "label-noise", "learning-rate-too-high") if fall(c) else ()
    return ("overfitting", "late-overfitting", "label-noise") if c.has_both_losses and loss_risen(c) else ()


def _low(c: Curves) -> Names:
    """Train level and low, val close: it cannot, it is not let, or it must not."""
    if not c.has_both or not level_is_low(c) or still_rising(c):
        return ()
    if held_down(c) > HELD_DOWN:
        return ("augmentation-too-strong", "over-regularised", "underfitting")
    if c.has(c.lr) and float(c.lr.min()) > 0.99 * float(c.lr.max()) and c.jitter(c.clean) > 0.01:
        return ("learning-rate-too-high", "underfitting", "label-noise")
    return ("underfitting", "label-noise", "learning-rate-too-low")


def _by_class(case: Case) -> Names:
    """One class far behind the others, where recalls were seen."""
    last = case.last
    recalls = [r for r in last.val_recall if not math.isnan(r)] if last else []
    if last is None or len(recalls) < 2:
        return ()
    if len(recalls) < len(last.val_recall):
        return ("class-imbalance", "classes-swapped")
    n = max(1, last.val_n // len(recalls))
    behind = float(np.median(recalls)) - min(recalls)
    if behind < max(RARE_POINTS, RARE_ERRORS * math.sqrt(0.25 / n)):
        return ()
    return ("class-imbalance", "label-changing-transform", "classes-swapped")


def _slow(c: Curves) -> Names:
    """A steady climb without an end: the steps are too small, or too few."""
    if not c.has_both or not still_rising(c):
        return ()
    if c.has(c.lr) and float(c.lr[-1]) < 0.5 * float(c.lr.max()) and level_is_low(c):
        return ("learning-rate-too-low", "schedule-fault", "stopped-too-early")
    return ("stopped-too-early", "learning-rate-too-low", "vanishing-gradient")


def _short(c: Curves) -> Names:
    """Very few evaluations, and low."""
    if len(c) < 4 and c.has_both and level_is_low(c):
        return ("stopped-too-early", "learning-rate-too-low", "schedule-fault")
    return ()


PATTERNS: tuple[Callable[[Curves], Names], ...] = (
    _wrong_loss,
    _eval_worse,
    stuck,
    _val_at_chance,
    _lost,
    _jumping,
    _gap,
    _worse,
    _val_above,
    _low,
)
