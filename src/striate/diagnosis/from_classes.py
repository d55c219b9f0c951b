"""How many classes there must be, where a log does not say: told by laws of cross-entropy.

Who guesses one of K evenly is right 1 / K of the time and pays ln K. Who is right with probabilities for scores pays ln(e + K - 1) - 1 and one more for each wrong
answer. Where neither law holds for a whole number, nothing is told. All tolerances are own starting values. Knows nothing about conditions.
"""

from __future__ import annotations

import math

from striate.diagnosis.curves import Curves

__all__ = ["guessed_classes"]

# A run that guesses: never better than this, or than its own end by this factor, train and val alike.
MOST, EVER, APART = 0.6, 1.6, 0.08
# Its loss is that of a whole number of classes to a tenth of a nat, or far above that of any.
NEAR = 0.1
# Right nearly always: from here on the second law can be told from ordinary losses; and how near both splits must come to one whole number.
RIGHT, WHOLE, LEAST = 0.9, 0.3, 4


def guessed_classes(c: Curves) -> int:
    """K, or 0 where the curves do not tell."""
    return _by_guessing(c) or _by_floor(c)


def _by_guessing(c: Curves) -> int:
    if not c.has_both:
        return 0
    if abs(c.end_clean.value - c.end_val.value) > APART:
        return 0
    level = (c.end_clean.value + c.end_val.value) / 2
    best = max(float(c.smooth(c.clean).max()), float(c.smooth(c.val).max()))
    if not 0 < level < MOST or best > EVER * level:
        return 0
    loss = c.train_loss if c.has(c.train_loss) else c.val_loss
    if not c.has(loss) or c.end(loss) > math.log(1 / level) + 1:
        return max(2, round(1 / level))
    if c.end(loss) < math.log(2) - NEAR:
        return 0
    k = max(2, round(math.exp(min(c.end(loss), 20.0))))
    fits = abs(c.end(loss) - math.log(k)) < NEAR and level - 1 / k < 4 * c.end_val.standard_error
    return k if fits else 0


def _by_floor(c: Curves) -> int:
    """Of a softmax before the loss, for both splits."""
    found = []
    for loss, accuracy in ((c.train_loss, c.train), (c.val_loss, c.val)):
        if not c.has(loss) or not c.has(accuracy) or c.end(accuracy) < RIGHT:
            return 0
        floor = c.end(loss) - (1 - c.end(accuracy))
        if not 0 < floor < 20:
            return 0
        found.append(math.exp(floor + 1) - math.e + 1)
    k = round(sum(found) / 2)
    return k if k >= LEAST and all(abs(f - k) < WHOLE for f in found) else 0
