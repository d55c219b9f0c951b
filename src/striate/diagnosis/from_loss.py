"""Conditions that losses alone look like: laws of cross-entropy that are broken.

All numbers are own starting values unless a law is named. Knows nothing about how train and val come apart.
"""

from __future__ import annotations

import math

import numpy as np

from striate.diagnosis.breaks import impossible_loss, too_small
from striate.diagnosis.curves import Array, Curves
from striate.diagnosis.divergence import loss_risen

__all__ = ["contrary", "from_far", "sorted_by_class", "thrown", "wrong_loss"]

# Softmax before the loss: with a right answer's p near 1 the loss is ln(e + K - 1) - 1, with a wrong one's near 0 one more.
FLOOR_SLACK, FLOOR_ACCURACY = 0.08, 0.30
# A sum over a batch instead of a mean is larger by the batch; nobody gets half right at five times the loss of guessing.
SUM_TIMES, SUM_ACCURACY = 5.0, 0.50
# The first epoch cost twice guessing.
FAR = 2.0
# Val guesses; train as trained is under half of it in a quarter of the epochs.
GUESSING, FORGOTTEN, OFTEN = 0.4, 0.5, 0.25
# ln K for 22 000 classes.
ENORMOUS = 10.0
CONTRARY_POINTS, HALVED = 0.03, 0.4
LEARNT = 0.20

Names = tuple[str, ...]


def wrong_loss(c: Curves) -> Names:
    """Laws of cross-entropy that the figures break."""
    if c.has(c.train_loss) and float(c.train_loss.min()) < 0:
        # The negative of a probability lies in [-1, 0]; the negative of cross-entropy runs away.
        return ("wrong-loss", "softmax-before-loss") if float(c.train_loss.min()) >= -1 else ("wrong-loss",)
    if _on_the_floor(c):
        return ("softmax-before-loss", "wrong-loss")
    for loss, accuracy in _both(c):
        got, right = c.end(loss), c.end(accuracy)
        if right >= SUM_ACCURACY and got > SUM_TIMES * math.log(c.classes) and not loss_risen(c):
            return ("wrong-loss", "metric-disagrees", "input-not-scaled")
    if impossible_loss(c):
        # A loss that is not what it seems shows on train as well; on val alone it is one of the two figures.
        trained = c.has(c.train_loss) and c.has(c.train)
        other = not trained or too_small(c, c.train_loss, c.train)
        return (
            ("wrong-loss", "metric-disagrees")
            if other
            else ("metric-disagrees", "wrong-loss", "class-imbalance")
        )
    return ()


def sorted_by_class(c: Curves) -> Names:
    """As trained far worse than val, which only guesses: each batch is what the steps before made it forget."""
    if not c.has(c.train) or not c.has(c.val) or c.end_val.value > GUESSING:
        return ()
    share = c.train / np.maximum(c.val, 1e-9)
    return (
        ("unshuffled", "learning-rate-too-high", "wrong-loss")
        if float(np.mean(share < FORGOTTEN)) >= OFTEN
        else ()
    )


def thrown(c: Curves) -> Names:
    """A loss far above that of guessing among any number of classes, with an accuracy to match."""
    if (
        not c.has(c.train_loss)
        or not c.has_both
        or c.end(c.train_loss) < ENORMOUS
        or c.end_clean.value > LEARNT
    ):
        return ()
    return ("learning-rate-too-high", "non-finite", "input-not-scaled")


def contrary(c: Curves) -> Names:
    """Val accuracy fell while val loss halved: the two are not of the same answers."""
    if not c.has(c.val) or not c.has(c.val_loss):
        return ()
    i, j = np.triu_indices(len(c), k=1)
    fell = c.val[i] - c.val[j] > CONTRARY_POINTS
    halved = c.val_loss[j] < HALVED * c.val_loss[i]
    return ("metric-disagrees", "wrong-loss", "random-validation") if bool(np.any(fell & halved)) else ()


def _both(c: Curves) -> list[tuple[Array, Array]]:
    """Loss and accuracy of train and of val, as far as both were seen and K is known."""
    pairs = ((c.train_loss, c.train), (c.val_loss, c.val))
    return [p for p in pairs if c.classes and c.has(p[0]) and c.has(p[1])]


def _on_the_floor(c: Curves) -> bool:
    """Whether every loss is what softmax before the loss makes of its accuracy: ln(e + K - 1) - 1, and one more for each wrong answer."""
    pairs = _both(c)
    if not pairs or min(c.end(a) for _, a in pairs) < max(FLOOR_ACCURACY, 2 * c.chance):
        return False
    floor = math.log(math.e + c.classes - 1) - 1
    return all(abs(c.end(loss) - floor - (1 - c.end(a))) < FLOOR_SLACK for loss, a in pairs)


def from_far(c: Curves) -> Names:
    """The first epoch cost far more than guessing, and it still learnt: it began, or looks, at the wrong scale."""
    if not c.classes or not c.has(c.train_loss) or float(c.train_loss[0]) < FAR * math.log(c.classes):
        return ()
    if not c.has(c.clean) or c.end_clean.value < 2 * c.chance:
        return ()
    return ("bad-initialisation", "input-not-scaled", "learning-rate-too-high")
