"""How long a run will still take, from what its own steps have taken so far.

    left = steps left in this epoch * step + measuring + epochs after it * (steps * step + measuring)

Knows nothing about how it is shown.
"""

from __future__ import annotations

from striate.core.records import DataRecord, RunRecord
from striate.training.watchers import StepInfo

__all__ = ["Pace"]

# A step's time is averaged over about this many steps: quick to follow a busy machine, steady enough to read.
WINDOW = 50
# A forward pass is a third of a training step (the backward pass costs about two forward ones), and the clean figure is
# taken on at most so many images: both only guess the first epoch's measuring, before one has been timed.
FORWARD_SHARE = 1 / 3
CLEAN_IMAGES = 2000


class Pace:
    """Fed with the time of each event in seconds, in order; one for each sitting."""

    def __init__(self, run: RunRecord, data: DataRecord, now: float) -> None:
        train, val = (sum(data.counts.get(split, ())) for split in ("train", "val"))
        self._measured_share = FORWARD_SHARE * (val + min(train, CLEAN_IMAGES)) / max(train, 1)
        self._epochs = run.epochs_planned
        self._step = 0.0
        self._n = 0
        self._last = now
        self._measuring: float | None = None
        self._steps_in_epoch = 0
        self._rate_from: tuple[float, int] | None = None
        self._rate = 0.0

    def step(self, info: StepInfo, now: float) -> None:
        """A step ended at `now`."""
        taken = now - self._last
        self._last = now
        self._n += 1
        # The first step warms up caches and allocators, so it counts only until there is a second.
        weight = max(1 / max(self._n - 1, 1), 1 / WINDOW)
        self._step += (taken - self._step) * weight
        self._steps_in_epoch = info.steps

    def images_per_second(self, info: StepInfo, now: float) -> float:
        """Since the last call within an epoch, averaged over calls; 0.0 until it can be told."""
        if self._rate_from is not None and info.images > self._rate_from[1] and now > self._rate_from[0]:
            fresh = (info.images - self._rate_from[1]) / (now - self._rate_from[0])
            self._rate = fresh if self._rate == 0.0 else self._rate + 0.3 * (fresh - self._rate)
        self._rate_from = (now, info.images)
        return self._rate

    def epoch(self, now: float) -> None:
        """An epoch was measured and published at `now`; the time since its last step was measuring."""
        self._measuring = now - self._last
        self._last = now
        self._rate_from = None

    def left(self, epoch: int, step: int) -> float:
        """Seconds from after `step` steps of `epoch` (1 for the first) to the end of the last epoch; NaN before a step."""
        if self._n == 0:
            return float("nan")
        training = self._steps_in_epoch * self._step
        measuring = self._measured_share * training if self._measuring is None else self._measuring
        here = (self._steps_in_epoch - step) * self._step + (measuring if step else 0.0)
        after = self._epochs - epoch + (0 if step else 1)
        return here * (1 if step else 0) + after * (training + measuring)
