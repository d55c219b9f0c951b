"""Which conditions look like these curves of val beside train: when they came apart tells.

A gap that was there from the first is in how val is made; a later one in what is learnt by heart. All numbers are own starting values. Knows nothing
about runs without val figures.
"""

from __future__ import annotations

import numpy as np

from striate.diagnosis.breaks import apart_from_the_start, val_above
from striate.diagnosis.curves import Curves
from striate.diagnosis.divergence import big_gap, fall, loss_risen
from striate.diagnosis.progress import level_is_low

__all__ = ["far_above", "gap", "val_at_chance", "worse"]

# Val counts as never better than guessing where its best stays under chance and 4 errors, or twice chance; train has learnt from 20 points on.
CHANCE_ERRORS, LEARNT = 4.0, 0.20
# Wrong labels are learnt by heart to the end only where there is time for it.
SLOWLY = 0.97
# Two losses agree within half of the smaller and a tenth of a nat.
LOSS_TIMES, LOSS_AGREES = 1.5, 0.1

Names = tuple[str, ...]


def val_at_chance(c: Curves) -> Names:
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


def far_above(c: Curves) -> Names:
    """Val surely above clean train."""
    return ("label-noise", "metric-disagrees", "class-imbalance") if val_above(c) else ()


def gap(c: Curves) -> Names:
    """A gap that hurts: there from the first, it is in how val is made; later, in what is learnt by heart."""
    if not c.has_both or not big_gap(c):
        return ()
    if apart_from_the_start(c):
        return _apart(c)
    fallen = fall(c)
    if fallen:
        # Wrong labels are learnt last and by heart, and cost val what it had: val falls. Without them it mostly stands still.
        slow = c.end_clean.value < SLOWLY
        return (
            ("label-noise", "late-overfitting", "overfitting")
            if slow
            else ("late-overfitting", "overfitting", "label-noise")
        )
    return ("overfitting", "label-noise", "covariate-shift")


def _apart(c: Curves) -> Names:
    """A gap from the first: val is prepared, named, counted or made up differently."""
    if c.has_both_losses and c.end(c.val_loss) < LOSS_TIMES * c.end(c.clean_loss) + LOSS_AGREES:
        # The losses agree and the accuracies do not.
        return ("metric-disagrees", "classes-swapped", "preprocessing-mismatch")
    if c.chance and float(c.clean[0]) > 2 * c.chance + LEARNT > 2 * float(c.val[0]) + LEARNT:
        return ("class-imbalance", "preprocessing-mismatch", "classes-swapped")
    if c.end_clean.value >= SLOWLY:
        # All of train is known: then it may have been by heart from early on.
        return ("preprocessing-mismatch", "overfitting", "classes-swapped")
    return ("preprocessing-mismatch", "classes-swapped", "class-imbalance")


def worse(c: Curves) -> Names:
    """Val fell without a gap to speak of; or, where there are only losses, val loss rose for good."""
    if c.has_both and level_is_low(c) and not big_gap(c):
        return ()  # what holds both down matters more than that val had been better
    if c.has_both:
        return ("late-overfitting", "label-noise", "learning-rate-too-high") if fall(c) else ()
    return ("overfitting", "late-overfitting", "label-noise") if c.has_both_losses and loss_risen(c) else ()
