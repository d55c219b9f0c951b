"""What a run's curves say in numbers: levels with intervals, trends, plateaus, rises.

Arithmetic on the evaluations of an `Observation`, from any source, with gaps; what is good or bad is decided elsewhere. Accuracies are shares in
[0, 1]; epochs count from 1 and may be fractions. Knows nothing about conditions, advice or files.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from striate.core.observation_records import EpochPoint
from striate.diagnosis.share import Share

__all__ = ["UNKNOWN_N", "Curves", "Trend", "non_finite_epoch"]

# The consistency constant of the median absolute deviation for normal noise, 1 / quantile(3/4).
MAD_TO_SIGMA = 1.4826
# Levels at the end are medians over this many epochs, so that one lucky or unlucky epoch decides nothing.
# Own starting value: three is the least that has a median different from its members' mean.
END_EPOCHS = 3
UNKNOWN_N = 500
"""Images that a split is taken to have where nobody said: rather few, so that noise is over- and not underestimated. Own starting value."""
# A column that stands in fewer than a third of the evaluations is no curve; own starting value.
LEAST_FILLED = 1 / 3
# A log by steps may have a million rows. Pairs of rows are compared, so that many are thinned evenly; own starting value.
MOST_ROWS = 400
# The figure whose rows are the evaluations: the first of these that the source has.
ROWS_BY = ("val_accuracy", "val_loss", "clean_accuracy", "train_accuracy", "clean_loss", "train_loss")
LOSSES = ("train_loss", "clean_loss", "val_loss")

Array = NDArray[np.float64]


def non_finite_epoch(points: Sequence[EpochPoint]) -> float:
    """The first epoch with a loss that is NaN or infinite, 0 when there is none; what was not measured is passed over."""
    for p in points:
        losses = [getattr(p, name) for name in LOSSES]
        if not all(x is None or math.isfinite(x) for x in losses):
            return p.epoch
    return 0


@dataclass(frozen=True)
class Trend:
    """A robust straight line through the last epochs of a curve."""

    per_epoch: float
    """Theil-Sen slope: the median over all pairs of evaluations."""
    error: float
    """Standard error of the slope, from the epoch-to-epoch jitter of the curve."""
    epochs: int

    @property
    def gain(self) -> float:
        """What the line rises over its epochs."""
        return self.per_epoch * max(self.epochs - 1, 0)


class Curves:
    """The evaluations as arrays of one length; a figure that the source lacks is NaN throughout.

    Rows are the evaluations of val where there are any. What another figure lacks at one of these rows lies on the line between its
    neighbours, and a figure that stands in fewer than a third of the rows is left out. `clean` is train as trained where training images
    were never evaluated by themselves; `clean_measured` says which. All losses must be finite (`non_finite_epoch` is 0).

    classes: K, 0 where unknown. chance: what the best constant answer gets; default 1 / K, or 0. train_n, val_n: images, for rows that do not say.
    """

    def __init__(
        self,
        points: Sequence[EpochPoint],
        classes: int,
        *,
        chance: float | None = None,
        train_n: int = 0,
        val_n: int = 0,
    ) -> None:
        self.classes = classes
        self.chance = chance if chance is not None else 1 / classes if classes else 0.0
        rows = _rows(points)
        self.epoch = np.array([points[i].epoch for i in rows], dtype=np.float64)
        self.train = _column(points, "train_accuracy", rows)
        self.train_loss = _column(points, "train_loss", rows)
        self.val = _column(points, "val_accuracy", rows)
        self.val_loss = _column(points, "val_loss", rows)
        self.lr = _column(points, "lr", rows)
        clean = _column(points, "clean_accuracy", rows)
        self.clean_measured = _seen(clean)
        self.clean = clean if self.clean_measured else self.train
        clean_loss = _column(points, "clean_loss", rows)
        self.clean_loss = clean_loss if _seen(clean_loss) else self.train_loss
        counted = _last_count(points, "clean_n" if self.clean_measured else "train_n")
        self.clean_n_known = bool(counted or (train_n and not self.clean_measured))
        self.clean_n = counted or train_n or UNKNOWN_N
        self.val_n_known = bool(_last_count(points, "val_n") or val_n)
        self.val_n = _last_count(points, "val_n") or val_n or UNKNOWN_N

    def of_classes(self, classes: int) -> Curves:
        """The same of so many classes, for curves whose source does not say; 0 is unknown."""
        found = copy(self)
        found.classes, found.chance = classes, 1 / classes if classes else 0.0
        return found

    def __len__(self) -> int:
        return len(self.epoch)

    @property
    def has_both(self) -> bool:
        """Whether there is an accuracy of train, of either kind, and one of val."""
        return _seen(self.clean) and _seen(self.val)

    @property
    def has_both_losses(self) -> bool:
        """Whether there is a loss of train, of either kind, and one of val."""
        return _seen(self.clean_loss) and _seen(self.val_loss)

    def has(self, curve: Array) -> bool:
        """Whether the source has this figure."""
        return _seen(curve)

    def when(self, i: int) -> str:
        """The epoch of row i as written in sentences: ``9``, ``2.5``."""
        return f"{self.epoch[i]:.6g}"

    @property
    def end_epochs(self) -> int:
        """Epochs that make up 'the end': up to three, never more than a quarter of the run."""
        return min(END_EPOCHS, max(1, len(self) // 4))

    def end(self, curve: Array) -> float:
        """Median of a curve over the end of the run."""
        return float(np.median(curve[-self.end_epochs :]))

    @property
    def end_clean(self) -> Share:
        return Share(self.end(self.clean), self.clean_n)

    @property
    def end_val(self) -> Share:
        return Share(self.end(self.val), self.val_n)

    def smooth(self, curve: Array) -> Array:
        """Running median of three (the ends as they are): one outlier leaves no mark."""
        if len(curve) < 3:
            return curve
        inner = np.median(np.stack([curve[:-2], curve[1:-1], curve[2:]]), axis=0)
        return np.concatenate([curve[:1], inner, curve[-1:]])

    def jitter(self, curve: Array) -> float:
        """Epoch-to-epoch noise: robust spread of the differences in the later half, over sqrt(2)."""
        steps = np.diff(curve[len(curve) // 2 :])
        if len(steps) < 2:
            return 0.0
        return float(MAD_TO_SIGMA * np.median(np.abs(steps - np.median(steps))) / math.sqrt(2))

    def scatter(self, curve: Array) -> float:
        """Noise from second differences, which a trend leaves alone: their root mean square over sqrt(6), the first quarter left out."""
        bends = np.diff(curve[len(curve) // 4 :], n=2)
        return float(np.sqrt(np.mean(bends**2) / 6)) if len(bends) else 0.0

    def trend(self, curve: Array, epochs: int) -> Trend:
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
        the minimum (the margin of diagnosis rule G1, a starting value). (0, 1.0, 0) without a val loss.
        """
        if not _seen(self.val_loss):
            return 0, 1.0, 0
        loss = self.smooth(self.val_loss)
        at = int(np.argmin(loss))
        low = float(loss[at])
        above = 0
        for value in self.val_loss[::-1]:
            if value < 1.10 * low:
                break
            above += 1
        return at, self.end(self.val_loss) / low if low > 0 else 1.0, above

    def plateau_start(self, curve: Array, slack: float) -> int:
        """Index of the first epoch after which the smoothed curve never again is `slack` below its end."""
        short = np.flatnonzero(self.smooth(curve) < self.end(curve) - slack)
        return int(short[-1]) + 1 if len(short) else 0

    def peak(self, curve: Array) -> int:
        """Index of the highest smoothed value, the first of equals."""
        return int(np.argmax(self.smooth(curve)))

    @property
    def lr_high(self) -> bool:
        """Whether the learning rate at the end is still above half its peak, in a run where it moved."""
        # Half of the peak: own starting value. Below it cosine and one-cycle are in their calm second half.
        if not _seen(self.lr):
            return False
        peak = float(self.lr.max())
        return float(self.lr.min()) < 0.99 * peak and float(self.lr[-1]) > 0.5 * peak


def _seen(curve: Array) -> bool:
    return len(curve) > 0 and not math.isnan(float(curve[0]))


def _value(point: EpochPoint, name: str) -> float:
    value = getattr(point, name)
    return math.nan if value is None else float(value)


def _rows(points: Sequence[EpochPoint]) -> list[int]:
    """Positions of the evaluations, thinned evenly to at most `MOST_ROWS`; the last one stays."""
    for name in ROWS_BY:
        rows = [i for i, p in enumerate(points) if not math.isnan(_value(p, name))]
        if rows:
            break
    else:
        return []
    if len(rows) <= MOST_ROWS:
        return rows
    kept = np.unique(np.linspace(0, len(rows) - 1, MOST_ROWS).round().astype(int))
    return [rows[i] for i in kept]


def _column(points: Sequence[EpochPoint], name: str, rows: list[int]) -> Array:
    """One figure at the given rows. By position and not by epoch: a log may repeat an epoch."""
    values = np.array([_value(p, name) for p in points], dtype=np.float64)
    there = np.flatnonzero(~np.isnan(values))
    if len(there) < max(1, LEAST_FILLED * len(rows)):
        return np.full(len(rows), math.nan)
    return np.interp(np.array(rows, dtype=np.float64), there.astype(np.float64), values[there])


def _last_count(points: Sequence[EpochPoint], name: str) -> int:
    return next((n for p in reversed(points) if (n := int(getattr(p, name)))), 0)
