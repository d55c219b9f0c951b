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
# A curve that has come to rest moves by a tenth of a per mille or less, and moved ten times as much before.
AT_REST, MOVED_BEFORE = 1e-4, 10.0
# Above the loss of guessing by a twentieth: guessing is one step away, so something throws it off again and again.
ABOVE = 1.05
# The mean of an epoch this far above ln K: steps went wrong; weights that hardly move stay within it.
ONCE_ABOVE = 0.02
# Coming down for good: three of four steps of the smoothed loss, and from a fifth above.
MOSTLY_DOWN, FAR_DOWN = 0.75, 1.2
# Means over epochs of a network that stays as it is differ by their augmentation alone: half a per cent of ln K.
QUIET = 0.005
# Trembling by more than a quarter of a per cent of ln K is steps that are too large or too stale; 0.06 % was seen of a saturated network, 3 % of such steps.
TREMBLING = 0.0025
# What a falling loss does in its later half over what it does before: as much for small steps; less where only the bias of the head is left to learn; more
# where a network begins to know images by heart. Seen: 0.7 to 1.0, 0.4, and 2.7.
FLATTENS, QUICKENS = 0.6, 1.4
# A bias alone reaches the entropy of the label counts, which for near equal classes lies this close under ln K, nats; images are needed for more.
PRIOR = 0.012
# No better than guessing: at the end not above chance by 4 errors, or by two thirds of chance.
CHANCE_ERRORS, CHANCE_SHARE = 4.0, 0.66
# ... and never above it by this factor.
EVER = 2.5
# So few evaluations, and falling: perhaps it was only not done.
SHORT = 5
# Who gets this much right has no reason to move.
RIGHT = 0.95


def stuck(c: Curves) -> tuple[str, ...]:
    """Slugs, the likeliest first; () for a run that learnt something, or of which K is not known."""
    loss = c.train_loss if c.has(c.train_loss) else c.val_loss
    if len(c) >= 3 and c.has(loss) and _same(loss) and (not c.has(c.val_loss) or _same(c.val_loss)):
        return ("parameters-not-updated", "dead-relu", "learning-rate-too-low")
    if c.has(loss) and _came_to_rest(loss) and not (c.has(c.clean) and c.end_clean.value > RIGHT):
        return ("schedule-fault", "parameters-not-updated", "learning-rate-too-low")
    if not _guesses(c):
        return ()
    if not c.has(loss) or not c.classes:
        return ("learning-rate-too-high", "vanishing-gradient", "bad-initialisation")
    return _by_loss(c, loss, math.log(c.classes))


def _came_to_rest(loss: Array) -> bool:
    """Whether the loss no longer moved at all in the later half, having moved before."""
    late, early = loss[len(loss) // 2 :], loss[: len(loss) // 2 + 1]
    if len(late) < 4:
        return False
    moved = float(np.ptp(late))
    return moved <= AT_REST * abs(float(late[-1])) and float(np.ptp(early)) > MOVED_BEFORE * moved


def _same(loss: Array) -> bool:
    return float(loss.max() - loss.min()) <= SAME * max(abs(float(loss.max())), 1e-12)


def _guesses(c: Curves) -> bool:
    if not c.chance or len(c) < 2:
        return False
    shown = c.clean if c.has(c.clean) else c.val
    if not c.has(shown):
        return False
    level = c.end_clean if c.has(c.clean) else c.end_val
    near = c.chance + max(CHANCE_ERRORS * level.standard_error, CHANCE_SHARE * c.chance)
    return level.value <= near and float(c.smooth(shown).max()) <= EVER * c.chance


def _by_loss(c: Curves, loss: Array, guessing: float) -> tuple[str, ...]:
    level, first = c.end(loss), float(loss[0])
    later = loss[len(loss) // 4 :]
    if level > ABOVE * guessing:
        falling = float(np.mean(np.diff(c.smooth(loss)) <= 0)) >= MOSTLY_DOWN and first > FAR_DOWN * level
        if falling:
            # Coming down step by step from far above: too slow, or from weights that were too large.
            return ("learning-rate-too-low", "bad-initialisation", "input-not-scaled")
        return ("learning-rate-too-high", "input-not-scaled", "bad-initialisation")
    if (
        level > (1 + TREMBLING) * guessing
        and float(np.ptp(loss)) < ONCE_ABOVE * guessing
        and c.jitter(loss) <= QUIET * guessing
    ):
        # Anything that learns comes down to guessing by the bias of its head alone.
        return ("parameters-not-updated", "learning-rate-too-low", "vanishing-gradient")
    if float(loss.max()) > (1 + ONCE_ABOVE) * guessing or level > (1 + TREMBLING) * guessing:
        # It blew up at first and came back to guessing: what is left of the network is dead.
        return ("learning-rate-too-high", "dead-relu", "input-not-scaled")
    if c.jitter(loss) > TREMBLING * guessing:
        return ("learning-rate-too-high", "gradients-not-zeroed", "augmentation-too-strong")
    if len(loss) <= SHORT and (len(loss) < 3 or _falling(loss)):
        return ("stopped-too-early", "learning-rate-too-low", "vanishing-gradient")
    if not _falling(later):
        return ("vanishing-gradient", "dead-relu", "bad-initialisation")
    middle = float(later[len(later) // 2])
    before, after = float(later[0]) - middle, middle - float(later[-1])
    if after < FLATTENS * before and level > guessing - PRIOR:
        return ("dead-relu", "bad-initialisation", "vanishing-gradient")
    if after > QUICKENS * before:
        return ("labels-unrelated", "learning-rate-too-low", "vanishing-gradient")
    return ("learning-rate-too-low", "parameters-not-updated", "vanishing-gradient")


def _falling(loss: Array) -> bool:
    """Whether most epochs are lower than the one before."""
    return len(loss) >= 3 and float(np.mean(np.diff(loss) < 0)) >= 0.75
