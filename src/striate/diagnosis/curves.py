"""What a run's curves say in numbers: levels with intervals, trends, plateaus, rises.

Everything here is arithmetic on `EpochRecord`s; what is good or bad is decided elsewhere. Accuracies are
shares in [0, 1]; epochs count from 1. Knows nothing about patterns, advice or files.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from striate.core.metrics import wilson
from striate.core.records import EpochRecord, Interval

__all__ = ["Curves", "Share", "Trend", "difference", "images_needed", "non_finite_epoch"]

Z95 = 1.959963984540054  # two-sided 95 % quantile of the standard normal distribution
# The consistency constant of the median absolute deviation for normal noise, 1 / quantile(3/4).
MAD_TO_SIGMA = 1.4826
# Levels at the end are medians over this many epochs, so that one lucky or unlucky epoch decides nothing.
# Own starting value: three is the least that has a median different from its members' mean.
END_EPOCHS = 3


@dataclass(frozen=True)
class Share:
    """A share of `n` images, with its Wilson interval."""

    value: float
    n: int

    @property
    def interval(self) -> Interval:
        return wilson(min(self.n, max(0, round(self.value * self.n))), self.n)

    @property
    def standard_error(self) -> float:
        """sqrt(p (1 - p) / n), with p from (k + 2) / (n + 4) so that 0 and 1 keep some doubt (Agresti & Coull 1998)."""
        p = (self.value * self.n + 2) / (self.n + 4)
        return math.sqrt(p * (1 - p) / (self.n + 4))

    def error_of_difference(self, other: Share) -> float:
        """Standard error of the difference between the two, as if on different images: never too small."""
        return math.hypot(self.standard_error, other.standard_error)


def difference(a: Share, b: Share) -> Interval:
    """95 % interval for a - b of two independent shares (Newcombe 1998, method 10).

    d = a - b;  low = d - sqrt((a - l_a)^2 + (u_b - b)^2),  high = d + sqrt((u_a - a)^2 + (b - l_b)^2)
    with (l, u) the Wilson limits of each share.
    """
    d, ia, ib = a.value - b.value, a.interval, b.interval
    low = d - math.hypot(a.value - ia.low, ib.high - b.value)
    high = d + math.hypot(ia.high - a.value, b.value - ib.low)
    return Interval(low=max(-1.0, low), high=min(1.0, high), method="newcombe")


def images_needed(share: float, half_width: float) -> int:
    """Images for a 95 % interval of +- `half_width` around `share`: z^2 p (1 - p) / h^2, rounded up to tens."""
    # Near 0 and 1 the formula promises too much; 0.1 and 0.9 are own starting values.
    p = min(max(share, 0.1), 0.9)
    return math.ceil(Z95 * Z95 * p * (1 - p) / half_width**2 / 10) * 10


def non_finite_epoch(history: Sequence[EpochRecord]) -> int:
    """The first epoch with a loss that is NaN or infinite, 0 when there is none.

    Validation losses count only where there were validation images.
    """
    for e in history:
        losses = [e.train_loss] + [e.clean_loss] * (e.clean_n > 0) + [e.val_loss] * (e.val_n > 0)
        if not all(math.isfinite(x) for x in losses):
            return e.epoch
    return 0


@dataclass(frozen=True)
class Trend:
    """A robust straight line through the last epochs of a curve."""

    per_epoch: float
    """Theil-Sen slope: the median over all pairs of epochs."""
    error: float
    """Standard error of the slope, from the epoch-to-epoch jitter of the curve."""
    epochs: int

    @property
    def gain(self) -> float:
        """What the line rises over its epochs."""
        return self.per_epoch * max(self.epochs - 1, 0)


class Curves:
    """A history as arrays. All epochs must be finite (`non_finite_epoch` is 0) and there must be one."""

    def __init__(self, history: Sequence[EpochRecord], classes: int) -> None:
        self.classes = classes
        self.epoch = np.array([e.epoch for e in history])
        self.train = np.array([e.train_accuracy for e in history])
        self.clean = np.array([e.clean_accuracy for e in history])
        self.val = np.array([e.val_accuracy for e in history])
        self.val_loss = np.array([e.val_loss for e in history])
        self.lr = np.array([e.lr for e in history])
        self.clean_n, self.val_n = history[-1].clean_n, history[-1].val_n

    def __len__(self) -> int:
        return len(self.epoch)

    @property
    def chance(self) -> float:
        """What guessing one of K classes gets right."""
        return 1 / self.classes

    @property
    def end_epochs(self) -> int:
        """Epochs that make up 'the end': up to three, never more than a quarter of the run."""
        return min(END_EPOCHS, max(1, len(self) // 4))

    def end(self, curve: NDArray[np.float64]) -> float:
        """Median of a curve over the end of the run."""
        return float(np.median(curve[-self.end_epochs :]))

    @property
    def end_clean(self) -> Share:
        return Share(self.end(self.clean), self.clean_n)

    @property
    def end_val(self) -> Share:
        return Share(self.end(self.val), self.val_n)

    def smooth(self, curve: NDArray[np.float64]) -> NDArray[np.float64]:
        """Running median of three (the ends as they are): one outlier leaves no mark."""
        if len(curve) < 3:
            return curve
        inner = np.median(np.stack([curve[:-2], curve[1:-1], curve[2:]]), axis=0)
        return np.concatenate([curve[:1], inner, curve[-1:]])

    def jitter(self, curve: NDArray[np.float64]) -> float:
        """Epoch-to-epoch noise: robust spread of the differences in the later half, over sqrt(2)."""
        steps = np.diff(curve[len(curve) // 2 :])
        if len(steps) < 2:
            return 0.0
        return float(MAD_TO_SIGMA * np.median(np.abs(steps - np.median(steps))) / math.sqrt(2))

    def trend(self, curve: NDArray[np.float64], epochs: int) -> Trend:
        """The line through the last `epochs` of a curve."""
        y = curve[-epochs:]
        i, j = np.triu_indices(len(y), k=1)
        if len(i) == 0:
            return Trend(0.0, 0.0, len(y))
        x = np.arange(len(y), dtype=np.float64)
        spread = float(np.sum((x - x.mean()) ** 2))
        return Trend(
            float(np.median((y[j] - y[i]) / (j - i))), self.jitter(curve) / math.sqrt(spread), len(y)
        )

    def loss_rise(self) -> tuple[int, float, int]:
        """How the val loss came back up: (index of its smoothed minimum, ratio end / minimum, epochs above).

        `epochs above` counts back from the last epoch for as long as the loss stays at least 10 % above
        the minimum (the margin of diagnosis rule G1, a starting value).
        """
        loss = self.smooth(self.val_loss)
        at = int(np.argmin(loss))
        low = float(loss[at])
        above = 0
        for value in self.val_loss[::-1]:
            if value < 1.10 * low:
                break
            above += 1
        return at, self.end(self.val_loss) / low if low > 0 else 1.0, above

    def plateau_start(self, curve: NDArray[np.float64], slack: float) -> int:
        """Index of the first epoch after which the smoothed curve never again is `slack` below its end."""
        short = np.flatnonzero(self.smooth(curve) < self.end(curve) - slack)
        return int(short[-1]) + 1 if len(short) else 0

    def peak(self, curve: NDArray[np.float64]) -> int:
        """Index of the highest smoothed value, the first of equals."""
        return int(np.argmax(self.smooth(curve)))

    @property
    def lr_high(self) -> bool:
        """Whether the learning rate at the end is still above half its peak, in a run where it moved."""
        # Half of the peak: own starting value. Below it cosine and one-cycle are in their calm second half.
        peak = float(self.lr.max())
        return float(self.lr.min()) < 0.99 * peak and float(self.lr[-1]) > 0.5 * peak
