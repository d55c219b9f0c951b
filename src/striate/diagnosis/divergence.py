"""How train and val come apart: a gap, a risen val loss, a fall, a standstill.

Signs only: which of them make a condition is decided in the conditions. G1 and the general gates name rules of the catalogue of conditions, whose
numbers are starting values themselves; "own" marks a starting value of this file. Knows nothing about conditions or advice.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from striate.core.wording import count, interval_percent, percent, significant
from striate.diagnosis.curve_words import Learned
from striate.diagnosis.curves import Curves

__all__ = [
    "JITTERS",
    "Fall",
    "Standstill",
    "big_gap",
    "fall",
    "gained_since_loss_minimum",
    "loss_risen",
    "loss_words",
    "noise_of_val",
    "standstill",
]

# G1: gap > max(5 points, 4 SE).
GAP_POINTS, GAP_ERRORS = 0.05, 4.0
# G1: val loss 10 % above its minimum for max(3 evaluations, 10 % of the budget).
RISE_EPOCHS, RISE_SHARE = 3, 0.10
# General gate 4 of the catalogue: an accuracy comparison needs > 2 points and > 3 SE.
MOVE_POINTS, MOVE_ERRORS = 0.02, 3.0
# own: the highest of 30 noisy epochs lies 1.4 jitters too high, smoothed, and the end has 0.7 of its own. As drawn 400 times each, flat curves of pure
# noise are named late overfitting in at most 1 % of cases from 8 epochs on; with the gate's 3 and the jitter alone it was 5 to 7 %.
JITTERS, FEW = 4.0, 4.0
# own: two standard errors do where the val loss says the same.
MOVE_ERRORS_WITH_LOSS = 2.0
# own: a peak followed by less than a fifth of the run, or less than three epochs, is just the end.
LATE_SHARE, LATE_EPOCHS = 0.20, 3
# own: a plateau shorter than a quarter of the run is the end of any schedule; standing still means within one
# point, one standard error and twice the jitter, and train must rise by three times what val may have risen unseen.
PLATEAU_SHARE, PLATEAU_EPOCHS, PLATEAU_POINTS, PLATEAU_TIMES = 0.25, 5, 0.01, 3.0
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


def noise_of_val(c: Curves) -> float:
    """Epoch-to-epoch noise of val accuracy: the larger of two estimates, and more for few epochs, which tell it badly."""
    return (1 + FEW / len(c)) * max(c.jitter(c.val), c.scatter(c.val))


class Fall(NamedTuple):
    """Val's fall from its peak to its end, beyond noise."""

    at: int
    """Row of the best measured val accuracy of the peak."""
    val: float
    """How far val fell."""
    clean: float
    """What train did in the same time; negative is down."""
    words: str

    @property
    def both(self) -> bool:
        """Whether train fell as well: then it is no overfitting."""
        return self.clean < -MOVE_POINTS


def fall(c: Curves) -> Fall | None:
    """Val's fall from its smoothed peak to its end, when it is beyond noise and the peak lies well back."""
    at = c.peak(c.val)
    peak, end = float(c.smooth(c.val)[at]), c.end_val
    fallen = peak - end.value
    errors = MOVE_ERRORS_WITH_LOSS if loss_risen(c) else MOVE_ERRORS
    noise = JITTERS * noise_of_val(c)
    # How many images there are is a guess where nobody said: then jitter alone is the noise.
    if c.val_n_known:
        noise = max(errors * math.sqrt(2) * end.standard_error, noise)
    if len(c) - 1 - at < max(LATE_EPOCHS, LATE_SHARE * len(c)) or fallen <= max(MOVE_POINTS, noise):
        return None
    # The smoothed curve says how high, the measured one which epoch.
    best = max(range(max(at - 1, 0), min(at + 2, len(c))), key=lambda i: float(c.val[i]))
    spread = f" ({interval_percent(end.interval)}, {count(end.n, 'image')})" if c.val_n_known else ""
    words = (
        f"val accuracy {percent(peak)} around epoch {c.when(best)}, {percent(end.value)} at the end{spread}"
    )
    trained = c.end_clean.value - float(c.smooth(c.clean)[at]) if c.has(c.clean) else 0.0
    return Fall(best, fallen, trained, words)


def gained_since_loss_minimum(c: Curves) -> float:
    """Val accuracy gained since the val loss was lowest; 0 when that is noise, or little beside train's gain."""
    if not c.has(c.val_loss):
        return 0.0
    at, _, _ = c.loss_rise()
    gained = c.end_val.value - float(c.smooth(c.val)[at])
    trained = c.end_clean.value - float(c.smooth(c.clean)[at])
    noise = max(CONFIDENCE_POINTS, c.end_val.standard_error, 2 * c.jitter(c.val))
    return gained if gained > max(noise, CONFIDENCE_SHARE * trained) else 0.0


class Standstill(NamedTuple):
    """Val stood still for long while train rose."""

    at: int
    words: str


def standstill(c: Curves) -> Standstill | None:
    """Train kept rising while val stood still for at least a quarter of the run."""
    slack = max(PLATEAU_POINTS, c.end_val.standard_error, 2 * c.jitter(c.val))
    start = c.plateau_start(c.val, slack)
    if len(c) - start < max(PLATEAU_EPOCHS, PLATEAU_SHARE * len(c)):
        return None
    before = float(c.smooth(c.clean)[start])
    rise = c.end_clean.value - before
    noise = MOVE_ERRORS * math.sqrt(2) * c.end_clean.standard_error
    if rise <= max(MOVE_POINTS, noise, PLATEAU_TIMES * slack):
        return None
    return Standstill(
        start,
        f"val accuracy has stood still since about epoch {c.when(start)}; {Learned.of(c).name} rose from "
        f"{percent(before)} to {percent(c.end_clean.value)} in that time",
    )
