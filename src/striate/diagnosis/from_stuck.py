"""Which conditions look like a run that never learnt anything, told by its loss.

A loss that is the same each epoch, hovers above that of guessing, or sits on it without a sound, speaks for different causes. All numbers are own
starting values unless a law is named. Knows nothing about runs that learnt.
"""

from __future__ import annotations

import math

import numpy as np

from striate.diagnosis.curves import Array, Curves

__all__ = ["stuck"]

# The same to a part in 100 000: means of the same images in another order differ by less, learning by more.
SAME = 1e-5
# Above the loss of guessing by a twentieth: guessing is one step away, so something throws it off again and again.
ABOVE = 1.05
# A loss that sits on ln K moves by less than this share of it; with a learning rate that can move it, it trembles.
SILENT = 0.0015
# No better than guessing: at no evaluation above chance by 4 errors, or by two thirds of chance.
CHANCE_ERRORS, CHANCE_SHARE = 4.0, 0.66


def stuck(c: Curves) -> tuple[str, ...]:
    """Slugs, the likeliest first; () for a run that learnt something, or of which K is not known."""
    loss = c.train_loss if c.has(c.train_loss) else c.val_loss
    if len(c) >= 3 and c.has(loss) and _same(loss) and (not c.has(c.val_loss) or _same(c.val_loss)):
        return ("parameters-not-updated", "dead-relu", "learning-rate-too-low")
    if not _guesses(c):
        return ()
    if not c.has(loss) or not c.classes:
        return ("learning-rate-too-high", "vanishing-gradient", "bad-initialisation")
    return _by_loss(c, loss, math.log(c.classes))


def _same(loss: Array) -> bool:
    return float(loss.max() - loss.min()) <= SAME * max(abs(float(loss.max())), 1e-12)


def _guesses(c: Curves) -> bool:
    if not c.chance or len(c) < 2:
        return False
    if c.has(c.clean):
        error = c.end_clean.standard_error
        best = float(c.smooth(c.clean).max())
    elif c.has(c.val):
        error, best = c.end_val.standard_error, float(c.smooth(c.val).max())
    else:
        return False
    return best <= c.chance + max(CHANCE_ERRORS * error, CHANCE_SHARE * c.chance)


def _by_loss(c: Curves, loss: Array, guessing: float) -> tuple[str, ...]:
    level, first = c.end(loss), float(loss[0])
    later = loss[len(loss) // 4 :]
    if level > ABOVE * guessing:
        falling = bool(np.all(np.diff(c.smooth(loss)) <= 0)) and first > level
        if falling:
            # Coming down step by step from far above: too slow, or from weights that were too large.
            return ("learning-rate-too-low", "bad-initialisation", "input-not-scaled")
        return ("learning-rate-too-high", "input-not-scaled", "bad-initialisation")
    if first > 2 * ABOVE * guessing:
        # It blew up in the first epoch and came back to guessing: what is left of the network is dead.
        return ("learning-rate-too-high", "dead-relu", "input-not-scaled")
    moves = float(np.ptp(later))
    if moves <= SILENT * guessing:
        if _falling(later) and moves > 1e-4 * guessing:
            return ("learning-rate-too-low", "vanishing-gradient", "bad-initialisation")
        return ("vanishing-gradient", "dead-relu", "bad-initialisation")
    if _falling(later):
        return ("learning-rate-too-low", "labels-unrelated", "vanishing-gradient")
    return ("learning-rate-too-high", "dead-relu", "labels-unrelated")


def _falling(loss: Array) -> bool:
    """Whether nearly every epoch is lower than the one before."""
    return len(loss) >= 3 and float(np.mean(np.diff(loss) < 0)) >= 0.9
