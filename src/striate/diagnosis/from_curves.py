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
from striate.diagnosis.breaks import (
    lost_again,
    says_non_finite,
    worse_in_eval,
)
from striate.diagnosis.case import Case
from striate.diagnosis.curves import Curves
from striate.diagnosis.divergence import big_gap, fall
from striate.diagnosis.from_classes import guessed_classes
from striate.diagnosis.from_loss import contrary, from_far, sorted_by_class, thrown, wrong_loss
from striate.diagnosis.from_stuck import stuck
from striate.diagnosis.from_val import far_above, gap, val_at_chance, worse
from striate.diagnosis.progress import MIN_EPOCHS, held_down, level_is_low, still_rising

__all__ = ["MOST", "candidates", "leaves_open"]

MOST = 3
LEARNT = 0.20
# Val jumps: its jitter is four times train's and beyond its errors.
JUMP_TIMES, JUMP_POINTS, JUMP_ERRORS = 4.0, 0.04, 2.0
HELD_DOWN = 0.10
RARE_POINTS, RARE_ERRORS = 0.30, 3.0
# A gap that is odd without more: as far as overfitting is warned of, or with a val loss that ended so much above its minimum.
WIDE, RISEN = 0.15, 1.3

Names = tuple[str, ...]
CAPACITY = {
    "overfitting",
    "late-overfitting",
    "overconfidence",
    "underfitting",
    "over-regularised",
    "stopped-too-early",
}
# Remarks that leave it open whether a run is well.
OPEN = {"underfitting", "over-regularised", "stopped-too-early"}
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


def leaves_open(case: Case, findings: Sequence[Finding]) -> bool:
    """Whether curves that are called healthy have something to name all the same: a gap, a remark about capacity, or figures that go against each other."""
    c = case.curves
    if c is None or len(c) < MIN_EPOCHS:
        return False
    named = c if c.classes else c.of_classes(guessed_classes(c))
    gap_there = c.has_both and big_gap(c)
    wide = gap_there and (c.end_clean.value - c.end_val.value >= WIDE or c.loss_rise()[1] >= RISEN)
    return wide or any(f.condition in OPEN for f in findings) or bool(wrong_loss(named) or contrary(named))


def _pattern(case: Case) -> Names:
    if says_non_finite(case):
        return _non_finite(case)
    c = case.curves
    if c is None:
        return ()
    c = c if c.classes else c.of_classes(guessed_classes(c))
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
    if c.end(c.train) < max(3 * c.chance, LEARNT):
        return ("learning-rate-too-high", "gradients-not-zeroed", "batch-norm-mismatch")
    return ("batch-norm-mismatch", "learning-rate-too-high", "wrong-mode")


def _lost(c: Curves) -> Names:
    """Train lost what it had learnt."""
    fallen = fall(c) if c.has_both else None
    if lost_again(c) is None and not (fallen and fallen.both):
        return ()
    return ("learning-rate-too-high", "gradients-not-zeroed", "schedule-fault")


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
    return ("stopped-too-early", "learning-rate-too-low", "underfitting")


def _short(c: Curves) -> Names:
    """Very few evaluations, and low."""
    if len(c) < 4 and c.has_both and level_is_low(c):
        return ("stopped-too-early", "learning-rate-too-low", "schedule-fault")
    return ()


PATTERNS: tuple[Callable[[Curves], Names], ...] = (
    wrong_loss,
    thrown,
    sorted_by_class,
    _eval_worse,
    from_far,
    stuck,
    val_at_chance,
    _lost,
    _jumping,
    contrary,
    gap,
    worse,
    far_above,
    _low,
)
