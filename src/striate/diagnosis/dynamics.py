"""How a network moved in training: what steps promised and kept, how far weights went.

Arithmetic on `Inside` and the loss by step, shared by the conditions on optimisation and signal flow. For one step with gradient g and
update dw on one batch, to second order

    after - before = <g, dw> + dw' H dw / 2,

so the first term is what the slope promises, and the rest is what curvature takes back. Its share of the promise grows with the learning
rate: near 0 the rate is far below what the loss would bear, at 1/2 the step lands in the lowest point along its line, above 1 the step makes
its own batch worse. All of it is free of units. Knows nothing about which values are good or bad.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from striate.core.inside_records import Inside, LayerSeries
from striate.diagnosis.case import Case

__all__ = ["Burst", "Depths", "Dynamics", "median"]

Array = NDArray[np.float64]
# float32 losses are read to about 1e-7 of their size: a promise below that is lost in rounding.
ROUNDING = 3e-6
# Below this share of the run lies its start, in which a loss may be anything. Own starting value.
START = 0.1
WINDOW = 5
BURST_TIMES, BURST_SHARE, BURST_LEAST = 5.0, 0.25, 20


def median(values: Array) -> float:
    """Of what is finite; NaN where nothing is."""
    kept = values[np.isfinite(values)]
    return float(np.median(kept)) if len(kept) else math.nan


@dataclass(frozen=True)
class Burst:
    """A short time at a rate far above the rest of the run."""

    steps: int
    times: float
    """Highest rate over the median one."""
    lasting: bool
    """Whether the loss of the last quarter of the run is no lower than in the ten read steps before."""


@dataclass(frozen=True)
class Depths:
    """One figure by layer, from the first to the last."""

    values: Array

    @property
    def first_over_last(self) -> float:
        """Median of the first quarter of the layers over that of the last quarter; NaN where the last is 0."""
        quarter = max(1, len(self.values) // 4)
        late = median(self.values[-quarter:])
        return median(self.values[:quarter]) / late if late > 0 else math.nan


class Dynamics:
    """What `Inside` says about movement. Arrays are [layers, sampled steps] or [sampled steps]."""

    def __init__(self, case: Case) -> None:
        inside = case.seen.inside or Inside()
        self.inside = inside
        self.layers: tuple[LayerSeries, ...] = tuple(sorted(inside.layers, key=lambda layer: layer.depth))
        self.step = np.array(inside.step, dtype=np.float64)
        self.before = np.array(inside.before, dtype=np.float64)
        self.after = np.array(inside.after, dtype=np.float64)
        self.predicted = np.array(inside.predicted, dtype=np.float64)
        self.weight = _matrix([layer.weight for layer in self.layers])
        self.grad = _matrix([layer.grad for layer in self.layers])
        self.update = _matrix([layer.update for layer in self.layers])
        self.series_step = np.array(case.seen.steps.step, dtype=np.float64)
        self.series_loss = np.array(case.seen.steps.loss, dtype=np.float64)
        self.prior = case.prior_entropy or math.nan
        self.initial_loss = case.initial_loss
        self.series_lr = np.array(case.seen.steps.lr, dtype=np.float64)
        point = case.last
        self.steps = float(max([*inside.step, *case.seen.steps.step, point.step if point else 0]))
        # Of a schedule with warm-up the first rate is none that anybody set.
        rates = [*self.series_lr, *inside.lr]
        self.rate: float | None = max((r for r in rates if math.isfinite(r)), default=case.seen.setting.lr)
        self.lr = np.array(inside.lr, dtype=np.float64)
        setting = case.seen.setting
        self._momentum = min(setting.momentum or 0.0, 0.999) if "sgd" in setting.optimizer.lower() else 0.0
        self._planned = 0 if case.finished else case.seen.setting.planned_steps

    @property
    def planned_share(self) -> float:
        """Planned steps over those done: above 1 while training goes on."""
        return max(1.0, self._planned / self.steps) if self.steps else 1.0

    @property
    def burst(self) -> Burst | None:
        """Steps at five times the median rate or more, if they are fewer than a quarter of the run and the rate fell back at once.

        A smooth schedule passes through all rates between; a burst does not.
        """
        lr, step = self.series_lr, self.series_step
        if len(lr) < BURST_LEAST or not np.all(np.isfinite(lr)) or not np.median(lr) > 0:
            return None
        high = lr >= BURST_TIMES * np.median(lr)
        between = (lr > 1.5 * np.median(lr)) & ~high
        if not np.any(high) or np.mean(high) >= BURST_SHARE or np.any(between):
            return None
        spread = (step[-1] - step[0]) / (len(step) - 1)
        first, y = int(np.argmax(high)), self.series_loss
        end, start = median(y[-len(y) // 4 :]), median(y[max(0, first - 10) : first])
        lasting = first > 0 and not end < start
        return Burst(round(float(np.sum(high)) * float(spread)), float(np.max(lr) / np.median(lr)), lasting)

    @property
    def change(self) -> Array:
        """What each sampled step did to the loss of its own batch."""
        return self.after - self.before

    @property
    def bends(self) -> Array:
        """(after - before - promise) / |promise| by step: what curvature took back; NaN where the promise drowns in rounding."""
        promise = np.abs(self.predicted)
        heard = promise > ROUNDING * np.maximum(np.abs(self.before), 1e-3)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(heard, (self.change - self.predicted) / promise, np.nan)

    @property
    def bend(self) -> float:
        """Median of `bends`."""
        return median(self.bends)

    @property
    def ratios(self) -> Array:
        """|dw| / |w| by layer and step; NaN for a weight of 0."""
        return _over(self.update, self.weight)

    @property
    def ratio(self) -> float:
        """Median of `ratios` over layers and steps."""
        return median(self.ratios)

    @property
    def path(self) -> float:
        """How far weights can have gone at most, in their own lengths: |dw| / (lr |w|) of the median layer, times the sum of all rates.

        So a few samples from a warm-up stand for the whole run.
        """
        if not self.layers or not len(self.step):
            return math.nan
        return (
            median(np.array([median(row) for row in self._at_mean_rate(self.ratios[self.moving])]))
            * self.steps
        )

    @property
    def mean_bend(self) -> float:
        """Median of `bends`, each brought from the rate of its step to the mean rate of the run: it grows in proportion."""
        return median(self._at_mean_rate(self.bends))

    def _at_mean_rate(self, values: Array) -> Array:
        """Values that are proportional to the size of a step, as they would be at the mean rate with a full momentum buffer."""
        rates = self.series_lr[np.isfinite(self.series_lr)] if len(self.series_lr) else self.lr
        known = len(rates) and len(self.lr) == len(self.step)
        with np.errstate(divide="ignore", invalid="ignore"):
            scale = float(np.mean(rates)) / self.lr if known else np.ones(len(self.step))
            # After t steps of a steady gradient the buffer holds 1 - m^t of what it will.
            scaled: Array = (
                values * np.where(np.isfinite(scale), scale, np.nan) / (1 - self._momentum**self.step)
            )
        return scaled

    @property
    def moving(self) -> NDArray[np.bool_]:
        """By layer: whether any step changed it. Frozen layers say nothing about the rate."""
        return np.any(self.update > 0, axis=1) if self.update.size else np.zeros(len(self.layers), np.bool_)

    @property
    def gradient_profile(self) -> Depths:
        """|g| / |w| by layer, each the median over steps."""
        return self._profile(_over(self.grad, self.weight))

    @property
    def trained(self) -> NDArray[np.bool_]:
        """By layer: whether a gradient was ever seen, even one of 0. Layers that want none are left out of profiles."""
        seen = np.isfinite(self.grad)
        return np.any(seen, axis=1) if seen.size else np.zeros(len(self.layers), np.bool_)

    @property
    def trained_names(self) -> tuple[str, ...]:
        """Names that go with the profiles."""
        return tuple(layer.name for layer, kept in zip(self.layers, self.trained, strict=True) if kept)

    def _profile(self, matrix: Array) -> Depths:
        return Depths(np.array([median(row) for row in matrix[self.trained]]))

    @property
    def smooth_loss(self) -> Array:
        """Loss by step, a running median of five: one odd batch leaves no mark."""
        y = self.series_loss
        if len(y) < WINDOW:
            return y
        return np.median(np.lib.stride_tricks.sliding_window_view(y, WINDOW), axis=1)

    def share_above(self, level: float) -> float:
        """Share of the steps after the first tenth with a smoothed loss above `level`, or not finite."""
        y = self.smooth_loss
        late = y[math.ceil(START * len(y)) :]
        return float(np.mean(~(late <= level))) if len(late) else math.nan

    @property
    def peak(self) -> float:
        """Highest smoothed loss of the run, infinite where it was not finite."""
        y = self.smooth_loss
        if not len(y):
            return math.nan
        return float(np.max(y)) if np.all(np.isfinite(y)) else math.inf

    @property
    def worst_step(self) -> float:
        """The most that one sampled step raised the loss of its own batch, in nats."""
        kept = self.change[~np.isnan(self.change)]
        return float(np.max(kept)) if len(kept) else math.nan


def _matrix(rows: list[tuple[float, ...]]) -> Array:
    return np.array(rows, dtype=np.float64) if rows else np.empty((0, 0))


def _over(a: Array, b: Array) -> Array:
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        return np.where(b > 0, a / b, np.nan)
