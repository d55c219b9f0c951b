"""Everything that watches one loop, held together.

Knows nothing about when anything happens.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from striate.core.observation_records import Declared
from striate.observe.batch_parts import Parts
from striate.observe.budget import Budget
from striate.observe.data_watch import DataWatch
from striate.observe.looks import Looks
from striate.observe.loop_watch import ModesWatch, ParametersWatch
from striate.observe.pace import Pace
from striate.observe.passes import Passes
from striate.observe.setting_of import rate
from striate.observe.shield import Shield
from striate.observe.step_reader import StepReader

__all__ = ["Watched"]

# Passes of which every batch is noted; later ones are seldom news.
ALL_PASSES = 4


class Watched:
    """The parts, and where the loop is."""

    def __init__(
        self,
        model: nn.Module,
        optimizers: Sequence[torch.optim.Optimizer],
        budget: Budget,
        names: Mapping[str, Sequence[str]] | None,
    ) -> None:
        self.model, self.optimizers = model, list(optimizers)
        self.shield, self.pace = Shield(), Pace(budget)
        self.reader = StepReader()
        self.parameters = ParametersWatch(model, self.optimizers)
        self.modes = ModesWatch(model)
        self.looks = Looks(model, self.optimizers, self.shield, self.pace.looks)
        self.data = DataWatch(names=names)
        self.declared = Declared()
        self.passes, self.count = Passes(), Counter[str]()
        self.known: dict[str, Any] = {}
        """Facts for `Setting`, by its field names."""
        self.logged: list[tuple[int, float]] = []
        """(step, loss) as the loop said it."""
        self.batch: Parts | None = None
        """The batch that was handed out last, while it may still go through the network."""
        self.images: torch.Tensor | None = None
        """Its images as they went through the network; None until then."""
        self.slept = False
        """Some batch of this training pass was not followed."""
        self.waited = self.waited_since = self.worked_since = 0.0
        """Seconds waited for the batch of this step, and since the last evaluation; seconds of steps since then."""

    def lr(self) -> float:
        """The largest learning rate."""
        return max((rate(o) for o in self.optimizers), default=0.0)

    def now(self) -> dict[str, Any]:
        """Where the loop is, as `EpochPoints` wants it."""
        share = self.waited_since / self.worked_since if self.worked_since else math.nan
        wait = None if math.isnan(share) else share
        return {"epoch": self.passes.epoch, "step": self.count["steps"], "lr": self.lr(), "wait": wait}

    def see(
        self, split: str, images: torch.Tensor, targets: torch.Tensor, logits: torch.Tensor | None
    ) -> None:
        """Note a batch as data: from the first batch of a pass on without a gap, so that places in it are known."""
        if not split or not _followed(self.passes.number(split)) or (split == "train" and self.slept):
            return
        look, step = self.pace.data.affords("data"), self.count["steps"]
        with self.pace.data.paying("data" if look else "labels"):
            self.shield.run("data", self.data.saw, split, images, targets, logits, step=step, look=look)


def _followed(number: int) -> bool:
    """Whether every batch of this pass is noted: the first four, then the 8th, 16th, ..."""
    return number <= ALL_PASSES or number & (number - 1) == 0
