"""Everything that makes one run, in one object that a host fills and a fault or a control changes before it starts.

Loops read it and hold no choices of their own but their style. Knows nothing about which values are faults.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.clinic.images import Images
from benchmarks.clinic.transforms import Transform

ScheduleName = Literal["constant", "step", "cosine", "one-cycle", "warm-up", "cyclic"]
Norm = Literal["batch", "group", "none"]


@dataclass
class Knobs:
    """What a fault may turn in any architecture. None: as the architecture has it."""

    activation: Callable[[], nn.Module] | None = None
    norm: Norm | None = None
    width: float = 1.0
    least: int = 1
    """Channels that a width is not cut below."""
    momentum: float = 0.1
    """Of batch norm."""
    extra: int = 0
    """3x3 layers without a skip, added where maps are smallest."""
    field: int = 0
    """Receptive field to which the network is cut down (odd, 3 or more); 0: as it is."""
    dropout: float | None = None
    stem: Literal["", "large", "larger"] = ""
    """large: a 7x7 layer of stride 2 and a max-pool before all else; larger: two of them."""


@dataclass
class Parts:
    """The lines of a loop that people get wrong, each on its own, as they should be."""

    zero: Callable[[torch.optim.Optimizer, int], None] = lambda optimizer, _step: optimizer.zero_grad()
    step: Callable[[torch.optim.Optimizer], Any] = lambda optimizer: optimizer.step()
    train_mode: Callable[[nn.Module, int], Any] = lambda model, _epoch: model.train()
    """Called with the epoch from 1 before each one."""
    eval_mode: Callable[[nn.Module], Any] = lambda model: model.eval()
    count: Callable[[Tensor, Tensor], tuple[float, float]] = lambda logits, y: (
        float((logits.argmax(1) == y).sum()),
        float(len(y)),
    )
    """Right answers and images of a batch, as the loop's own metric has them."""
    chosen: Callable[[nn.Module], Iterable[nn.Parameter]] = lambda model: model.parameters()
    """What the optimiser gets."""


@dataclass
class Plan:
    """One run."""

    train: Images
    val: Images
    classes: int
    seed: int
    network: str
    optimizer: str
    lr: float
    loop: str
    train_scale: Callable[[Tensor], Tensor]
    """Pixels in [0, 1] to what the network gets, for one image."""
    val_scale: Callable[[Tensor], Tensor]
    epochs: int = 12
    batch: int = 32
    schedule: ScheduleName = "constant"
    step_every: Literal["epoch", "batch", ""] = ""
    """When the schedule is stepped; "" for what is right for it."""
    schedule_length: float = 1.0
    """Length of the schedule as a share of the run."""
    momentum: float = 0.9
    weight_decay: float = 0.0
    epsilon: float = 1e-8
    clip: float | None = None
    accumulate: int = 1
    smoothing: float = 0.0
    loss: Callable[[Tensor, Tensor], Tensor] | None = None
    """Instead of cross-entropy with `smoothing`."""
    mix: Callable[[Tensor, Tensor, int], tuple[Tensor, Tensor]] | None = None
    """Mixes images and labels of a batch: soft targets come out."""
    augment: Sequence[Transform] = ()
    val_augment: Sequence[Transform] = ()
    order: Literal["shuffled", "given", "batches"] = "shuffled"
    """given: as the set is ordered; batches: groups of `batch` in that order, the groups shuffled."""
    sampler: Callable[[int], Sequence[int]] | None = None
    """Order of one epoch (from 0), instead of `order`."""
    loader: Literal["torch", "own"] = "torch"
    wait: float = 0.0
    """Share of each step's time that is to be spent waiting for a batch."""
    knobs: Knobs = field(default_factory=Knobs)
    tweaks: list[Callable[[nn.Module], nn.Module]] = field(default_factory=list)
    """Applied in turn to the new network."""
    parts: Parts = field(default_factory=Parts)
    average: float = 0.0
    """Decay of a moving average of the weights that validation uses; 0: none."""
    declared: dict[str, Any] = field(default_factory=dict)
    burst: tuple[int, int, float] | None = None
    """(first step, last step, factor on the learning rate)."""

    @property
    def rng(self) -> np.random.Generator:
        """For planting: the same for the same seed."""
        return np.random.default_rng((self.seed, 7))

    @property
    def steps(self) -> int:
        """Optimiser steps of the whole run."""
        return self.epochs * self.steps_per_epoch

    @property
    def steps_per_epoch(self) -> int:
        """Optimiser steps of an epoch."""
        return max(1, -(-len(self.train) // self.batch) // self.accumulate)
