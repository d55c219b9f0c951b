"""Plants of capacity, time, evaluation size and speed: too few images, too small a network, too short a run, too slow a loader.

Knows nothing about how anything is detected.
"""

from __future__ import annotations

import numpy as np
from torch import nn

from benchmarks.clinic.faults.integrity import last_linear
from benchmarks.clinic.faults.plant import Fault
from benchmarks.clinic.hosts import Host
from benchmarks.clinic.plan import Plan


def few_images(plan: Plan, share: float) -> None:
    """A part of the training images, for as many steps, without augmentation or weight decay."""
    plan.train = plan.train.take(np.arange(round(share * len(plan.train))))
    plan.epochs = min(60, round(0.8 * plan.epochs / share))
    plan.augment, plan.weight_decay = (), 0.0


def thin(plan: Plan, width: float) -> None:
    """A network of a few channels."""
    plan.knobs.width, plan.knobs.least = width, 1


def bottleneck(plan: Plan, width: int) -> None:
    """All that is known of an image passes through one or two numbers."""

    def tweak(model: nn.Module) -> nn.Module:
        last = last_linear(model)
        name = next(n for n, m in model.named_modules() if m is last)
        parent, _, leaf = name.rpartition(".")
        setattr(
            model.get_submodule(parent),
            leaf,
            nn.Sequential(nn.Linear(last.in_features, width), nn.Linear(width, last.out_features)),  # type: ignore[arg-type]
        )
        return model

    plan.tweaks.append(tweak)


def short(plan: Plan, share: float) -> None:
    """The run ends after a small part of its epochs, at a constant rate."""
    plan.epochs, plan.schedule = max(1, round(share * plan.epochs)), "constant"


def dropped(plan: Plan, rate: float) -> None:
    """Dropout of nearly everything."""
    plan.knobs.dropout = rate


def has_dropout(host: Host) -> bool:
    """Whether the head has dropout."""
    return host.network in ("flatten", "vgg")


def narrow_field(plan: Plan, field: int) -> None:
    """Units see a few pixels, and then everything is averaged."""
    plan.knobs.field = field


def downsampled(plan: Plan, stem: str) -> None:
    """A stem for large photographs before small images."""
    plan.knobs.stem = stem  # type: ignore[assignment]


def tiny_val(plan: Plan, n: int) -> None:
    """Val holds a few images."""
    plan.val = plan.val.take(np.arange(n))


def spoilt_end(plan: Plan, factor: float) -> None:
    """The learning rate jumps in the last epoch, and the last weights are those that are used."""
    if plan.schedule in ("cosine", "one-cycle", "warm-up"):
        plan.schedule = "constant"
    last = plan.steps - plan.steps_per_epoch
    plan.burst = (last + plan.steps_per_epoch // 3, plan.steps + 1, factor)


def slow_loader(plan: Plan, share: float) -> None:
    """A share of the time goes by while the loop waits for a batch."""
    plan.wait = share


def half_as_long(plan: Plan) -> None:
    """For what takes long and is judged by its speed."""
    plan.epochs = max(4, plan.epochs // 2)


CAPACITY: tuple[Fault, ...] = (
    Fault("few-images", "G1", ("overfitting", "late-overfitting"), few_images, {"mild": 0.3, "clear": 0.15, "gross": 0.07}, curves=("overconfidence",)),
    Fault("thin", "G2", ("underfitting",), thin, {"mild": 0.25, "clear": 0.12, "gross": 0.05}, curves=("learning-rate-too-low", "stopped-too-early")),
    Fault("bottleneck", "G2", ("underfitting",), bottleneck, {"clear": 2, "gross": 1}, curves=("learning-rate-too-low", "stopped-too-early")),
    Fault("short", "G4", ("stopped-too-early",), short, {"mild": 0.3, "clear": 0.2, "gross": 0.1}, curves=("underfitting", "learning-rate-too-low")),
    Fault("dropout", "G3", ("over-regularised",), dropped, {"mild": 0.7, "clear": 0.85, "gross": 0.95}, has_dropout, curves=("underfitting", "augmentation-too-strong")),
    Fault("narrow-field", "A9", ("receptive-field-too-small", "underfitting"), narrow_field, {"mild": 7, "clear": 5, "gross": 3}, curves=("learning-rate-too-low", "stopped-too-early")),
    Fault("large-stem", "A10", ("over-downsampling", "underfitting"), downsampled, {"clear": "large", "gross": "larger"}, curves=("overfitting", "stopped-too-early")),
    Fault("tiny-val", "E2", ("validation-too-small",), tiny_val, {"mild": 100, "clear": 50, "gross": 20}, by_definition=True),
    Fault("spoilt-end", "E2", ("last-not-best", "learning-rate-too-high", "schedule-fault"), spoilt_end, {"clear": 30.0, "gross": 100.0}, curves=("non-finite",)),
    Fault("slow-loader", "F1", ("input-bound",), slow_loader, {"mild": 0.4, "clear": 0.6, "gross": 0.8}, by_definition=True, twin=half_as_long),
)  # fmt: skip
