"""Frozen records of what was seen of a training run, whoever ran it.

They are the one thing that judging reads. Three sources write an `Observation`: striate's own training, `striate.attach` on anyone's loop, and logs that other tools
wrote. They see more or less of a run, and a part that was not seen is None or empty, never a made-up number. Accuracies are
shares in [0, 1], losses are in nats per image, times are seconds, epochs and steps count from 1. Knows nothing about
torch, files, or what is good or bad.
"""

from __future__ import annotations

from typing import Literal

from striate.core.data_observation import DataSeen
from striate.core.inside_records import Inside, LoopSeen, NetworkSeen
from striate.core.records import Record

__all__ = ["OBSERVATION_VERSION", "Declared", "EpochPoint", "Level", "Observation", "Setting", "StepSeries"]

OBSERVATION_VERSION = 1
"""Raised when an older striate could not read an observation."""

Level = Literal["curves", "config", "passive", "data"]
"""How much was seen: loss and accuracy by epoch; the setting too (learning rate, optimiser); inside the network too; the
images and labels too. What active probes add is asked for separately."""


class Declared(Record):
    """What the owner of the loop says is meant: each removes a reason for a false alarm."""

    frozen: tuple[str, ...] = ()
    """Prefixes of parameter or module names that are not to be trained, or patterns with ``*``."""
    accumulation: int = 1
    """Backward passes for each optimiser step."""
    test_time_augmentation: bool = False
    """Validation images are meant to be random."""
    ordered: bool = False
    """The order of training images is meant (a balanced or a group sampler, a curriculum)."""
    loss: str = ""
    """Name of a loss that is meant to differ from cross-entropy, such as ``distillation``."""
    batch_norm_frozen: bool = False
    """Batch norm is meant to stay in eval mode while training."""
    average: bool = False
    """Validation uses averaged weights (EMA, SWA), so that it may differ from what is recomputed."""


class Setting(Record):
    """What is known about how the run was set up; 0, None or "" where it is not known."""

    source: Literal["run", "attached", "log"]
    classes: int = 0
    """K; guessing gets 1 / K."""
    class_names: tuple[str, ...] = ()
    train_n: int = 0
    val_n: int = 0
    batch_size: int = 0
    planned_steps: int = 0
    planned_epochs: int = 0
    optimizer: str = ""
    """Class name, such as ``SGD``."""
    lr: float | None = None
    """Of the first step, the largest of all groups."""
    momentum: float | None = None
    weight_decay: float | None = None
    epsilon: float | None = None
    """Adam's, added to the root of the second moment."""
    clip_grad: float | None = None
    label_smoothing: float = 0.0
    augmentation: tuple[str, ...] = ()
    """Names of the transforms of training images, as far as they could be read off."""
    amp: bool = False
    """Gradients are scaled for half precision."""
    finished: bool = True
    """False while training goes on, or when it was interrupted."""
    failure: str = ""
    """Why it ended early, in words."""
    assumed: tuple[str, ...] = ()
    """Of a foreign log: what was taken for what, in sentences."""


class EpochPoint(Record):
    """One evaluation of the run. None: not measured, or not in the log."""

    epoch: float
    """Epochs done, 1.0 after the first; a log by steps may give fractions."""
    step: int = 0
    """Optimiser steps done; 0 where unknown."""
    train_loss: float | None = None
    """As trained: augmented, dropout on, mean over the epoch while the network changed."""
    train_accuracy: float | None = None
    train_n: int = 0
    clean_loss: float | None = None
    """On training images in eval mode, without augmentation where that could be had."""
    clean_accuracy: float | None = None
    clean_n: int = 0
    val_loss: float | None = None
    val_accuracy: float | None = None
    val_n: int = 0
    """Images that the val figures are about; 0 where unknown."""
    val_recall: tuple[float, ...] = ()
    """By class; NaN for a class that val lacks."""
    lr: float | None = None
    """At the last step before this evaluation."""
    data_wait: float | None = None
    """Share of training time spent waiting for a batch."""
    logged_train_loss: float | None = None
    """What the loop itself said, where that is known beside what was recomputed."""
    logged_val_loss: float | None = None
    logged_val_accuracy: float | None = None


class StepSeries(Record):
    """What was read at steps, thinned by halving so that it stays small; all of one length. NaN where not read."""

    step: tuple[int, ...] = ()
    loss: tuple[float, ...] = ()
    """Cross-entropy of the batch, recomputed from outputs and targets, in the mode of training."""
    accuracy: tuple[float, ...] = ()
    lr: tuple[float, ...] = ()
    grad_norm: tuple[float, ...] = ()
    """Global L2 norm before the step, as the optimiser gets it."""
    seconds: tuple[float, ...] = ()
    """From the end of one step to the end of the next."""
    wait: tuple[float, ...] = ()
    """Of that, seconds waited for the batch."""
    memory: tuple[float, ...] = ()
    """Bytes that the process (or the device) holds."""


class Observation(Record):
    """Everything that was seen of one run."""

    version: int = OBSERVATION_VERSION
    setting: Setting
    declared: Declared = Declared()
    epochs: tuple[EpochPoint, ...] = ()
    steps: StepSeries = StepSeries()
    loop: LoopSeen | None = None
    inside: Inside | None = None
    network: NetworkSeen | None = None
    data: DataSeen | None = None

    @property
    def level(self) -> Level:
        """The most that was seen."""
        if self.data is not None:
            return "data"
        if self.inside is not None or self.loop is not None:
            return "passive"
        if self.setting.optimizer or any(point.lr is not None for point in self.epochs):
            return "config"
        return "curves"
