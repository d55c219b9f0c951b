"""One run under examination: the observation, and what several conditions derive from it.

Everything here is arithmetic on an `Observation`, computed when first asked for. What only one condition needs stands in that condition. Knows
nothing about conditions, files or torch.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property

from striate.core.inside_records import Inside
from striate.core.observation_records import EpochPoint, Observation
from striate.diagnosis.curves import Curves, non_finite_epoch

__all__ = ["Case"]

# Clean figures of fewer images than a quarter of the most are left out; own starting value.
SMALL = 1 / 4


class Case:
    """An observation with derived quantities.

    >>> from striate.core.observation_records import Observation, Setting
    >>> Case(Observation(setting=Setting(source="log", classes=10))).chance
    0.1
    """

    def __init__(self, seen: Observation) -> None:
        self.seen = seen

    @property
    def classes(self) -> int:
        """K, or 0 where nobody said."""
        return self.seen.setting.classes

    @property
    def finished(self) -> bool:
        """Whether training has ended as planned (or early, of itself)."""
        return self.seen.setting.finished

    @cached_property
    def chance(self) -> float:
        """What the best constant answer gets right: the commonest class of train, else 1 / K, else 0."""
        counts = self.counts
        if counts and sum(counts):
            return max(counts) / sum(counts)
        return 1 / self.classes if self.classes else 0.0

    @cached_property
    def prior_entropy(self) -> float | None:
        """Hp, nats: the loss of the best constant prediction; ln K where counts are unknown, None without K."""
        counts = self.counts
        n = sum(counts)
        if n:
            return -sum(c / n * math.log(c / n) for c in counts if c)
        return math.log(self.classes) if self.classes else None

    @property
    def counts(self) -> tuple[int, ...]:
        """Training images by class, () where not seen."""
        data = self.seen.data
        return data.train.counts if data and data.train else ()

    @property
    def last(self) -> EpochPoint | None:
        """The last evaluation."""
        return self.seen.epochs[-1] if self.seen.epochs else None

    @cached_property
    def initial_loss(self) -> float:
        """On the first batch, or else on the probe images, before any step; NaN where neither was seen.

        Where values blew up, the loss that was noted then for the first step is held against it: a look taken too late tells of the steps.
        """
        network, inside, loop = self.seen.network, self.seen.inside or Inside(), self.seen.loop
        if network is not None and network.initial_loss is not None:
            loss = network.initial_loss
        else:
            early = inside.probe_step[:1] == (0,) and inside.train_mode_loss
            loss = inside.train_mode_loss[0] if early else math.nan
        first = loop.non_finite.first_loss if loop and loop.non_finite else None
        return min(loss, first) if first is not None and math.isfinite(first) else loss

    @cached_property
    def non_finite_epoch(self) -> float:
        """The first epoch with a loss that is no number; 0 when there is none."""
        return non_finite_epoch(self.seen.epochs)

    @cached_property
    def curves(self) -> Curves | None:
        """The evaluations as curves; None when there are none, or a loss stopped being a number."""
        if self.non_finite_epoch:
            return None
        setting = self.seen.setting
        c = Curves(
            _without_small(self.seen.epochs),
            self.classes,
            chance=self.chance,
            train_n=setting.train_n,
            val_n=setting.val_n,
        )
        return c if len(c) else None

    @property
    def no_curves(self) -> str:
        """Why `curves` is None, as a clause; "" when it is not."""
        if self.curves is not None:
            return ""
        if self.non_finite_epoch:
            return f"the loss stopped being a number in epoch {self.non_finite_epoch:.6g}"
        return "no evaluation was seen"


def _without_small(points: Sequence[EpochPoint]) -> list[EpochPoint]:
    """Without clean figures of far fewer images than the largest: a curve of both would rise and fall with their noise."""
    least = SMALL * max((p.clean_n for p in points), default=0)
    nothing: dict[str, None] = {"clean_accuracy": None, "clean_loss": None}
    return [p.model_copy(update=nothing) if 0 < p.clean_n < least else p for p in points]
