"""Plants in optimisation and architecture: rates, schedules, gradients that vanish, dead units, initialisation, batch statistics.

Knows nothing about data.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from benchmarks.clinic.faults.integrity import has_batch_norm, weighted
from benchmarks.clinic.faults.plant import Fault
from benchmarks.clinic.hosts import Host
from benchmarks.clinic.layers import xavier
from benchmarks.clinic.plan import Plan


def rate(plan: Plan, factor: float) -> None:
    """The learning rate times a factor."""
    plan.lr *= factor


def epsilon(plan: Plan, value: float) -> None:
    """Adam's epsilon dwarfs the root of the second moment."""
    plan.epsilon = value


def adaptive(host: Host) -> bool:
    """Whether the optimiser is Adam or AdamW."""
    return host.settings["optimizer"] != "SGD"


def plain_sgd(host: Host) -> bool:
    """Whether the optimiser is SGD."""
    return host.settings["optimizer"] == "SGD"


def decays_at_once(plan: Plan, share: float) -> None:
    """A schedule meant for epochs is stepped at every batch: the rate is gone after `share` of the run."""
    plan.schedule, plan.step_every = "step", "batch"
    # StepLR divides by 5 every third of its length: after 1.2 lengths less than 1 % of the rate is left.
    plan.schedule_length = max(0.01, share * plan.steps / plan.epochs / 1.2)


def never_decays(plan: Plan, factor: float) -> None:
    """A constant rate so high that the end of the run is noise."""
    plan.schedule, plan.lr = "constant", plan.lr * factor


def still_rising(plan: Plan, length: float) -> None:
    """A one-cycle schedule whose length was computed for a longer run."""
    plan.schedule, plan.schedule_length = "one-cycle", length


def clipped(plan: Plan, norm: float) -> None:
    """Gradients are cut down to a norm far below their own."""
    plan.clip = norm


def decayed(plan: Plan, weight_decay: float) -> None:
    """Weight decay far above what is usual."""
    plan.weight_decay = weight_decay


def sigmoid_stack(plan: Plan, extra: int) -> None:
    """Sigmoids, no norm, and some more layers."""
    plan.knobs.activation, plan.knobs.norm, plan.knobs.extra = nn.Sigmoid, "none", extra
    plan.tweaks.append(xavier)


def fading_stack(plan: Plan, extra: int) -> None:
    """Many layers without norm, with weights that halve the signal at each one."""
    plan.knobs.norm, plan.knobs.extra = "none", extra
    plan.tweaks.append(rescaled(0.6))


def deep(plan: Plan, extra: int) -> None:
    """Many more layers and no shortcut."""
    plan.knobs.extra = extra


def rescaled(factor: float) -> Callable[[nn.Module], nn.Module]:
    """All convolution and linear weights times a factor."""

    def tweak(model: nn.Module) -> nn.Module:
        with torch.no_grad():
            for layer in weighted(model):
                layer.weight.mul_(factor)  # type: ignore[operator, union-attr]
        return model

    return tweak


def filled(kind: str) -> Callable[[nn.Module], nn.Module]:
    """All convolution and linear weights set to one constant, to 0 or to standard normal numbers."""

    def tweak(model: nn.Module) -> nn.Module:
        with torch.no_grad():
            for layer in weighted(model):
                weight: Any = layer.weight
                if kind == "normal":
                    weight.normal_()
                elif kind == "constant":
                    weight.fill_(1 / weight[0].numel())
                else:
                    weight.zero_()
        return model

    return tweak


def initialised(plan: Plan, value: float | str) -> None:
    """Weights start badly: a factor, or a way to fill them."""
    plan.tweaks.append(rescaled(value) if isinstance(value, float) else filled(value))


def without_norm(host: Host) -> bool:
    """Whether nothing rescales activations."""
    return host.norm == "none"


def dead_from_start(plan: Plan, share: float) -> None:
    """A share of the channels of every hidden layer starts with a bias so negative that its ReLU is never on."""

    def tweak(model: nn.Module) -> nn.Module:
        holders: list[Any] = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d | nn.GroupNorm)]
        if not holders:
            holders = weighted(model)[:-1]
        with torch.no_grad():
            for holder in holders:
                n = min(len(holder.bias) - 1, round(share * len(holder.bias)))
                holder.bias[:n] = -10.0
        return model

    plan.tweaks.append(tweak)


def relu(host: Host) -> bool:
    """Whether units can die."""
    return host.relu


def relu_without_norm(host: Host) -> bool:
    """Whether a burst of the learning rate can kill units."""
    return host.relu and host.norm == "none"


def burst(plan: Plan, factor: float) -> None:
    """For 40 steps early in the run the learning rate is many times too high."""
    plan.schedule = "constant"
    plan.burst = (20, 60, factor)


def saturated(plan: Plan, factor: float) -> None:
    """Tanh units whose inputs are far outside its slope."""
    plan.knobs.activation, plan.knobs.norm = nn.Tanh, "none"
    plan.tweaks.append(rescaled(factor))


def affine(plan: Plan, _value: None) -> None:
    """No activation at all."""
    plan.knobs.activation = nn.Identity


def slow_statistics(plan: Plan, momentum: float) -> None:
    """Running statistics follow so slowly that they are wrong at the end."""
    plan.knobs.momentum = momentum


LOW = ("underfitting", "stopped-too-early")
STUCK = ("learning-rate-too-low", "underfitting", "learning-rate-too-high", "stopped-too-early")

DYNAMICS: tuple[Fault, ...] = (
    Fault("rate-high", "O1", ("learning-rate-too-high",), rate, {"mild": 10.0, "clear": 30.0, "gross": 100.0}, curves=("non-finite", "underfitting", "bad-initialisation")),
    Fault("rate-low", "O2", ("learning-rate-too-low",), rate, {"mild": 1 / 30, "clear": 1 / 100, "gross": 1 / 300}, curves=(*LOW, "vanishing-gradient")),
    Fault("epsilon", "O2", ("learning-rate-too-low",), epsilon, {"clear": 0.3, "gross": 3.0}, adaptive, curves=(*LOW, "vanishing-gradient")),
    Fault("decays-at-once", "O6", ("schedule-fault", "learning-rate-too-low"), decays_at_once, {"mild": 0.2, "clear": 0.08, "gross": 0.02}, curves=LOW),
    Fault("never-decays", "O6", ("schedule-fault", "learning-rate-too-high"), never_decays, {"mild": 4.0, "clear": 8.0}, curves=("underfitting", "last-not-best")),
    Fault("still-rising", "O6", ("schedule-fault", "learning-rate-too-low"), still_rising, {"mild": 2.5, "clear": 4.0, "gross": 30.0}, curves=(*LOW, "learning-rate-too-high")),
    Fault("clip", "O5", ("clipping-too-tight", "learning-rate-too-low"), clipped, {"mild": 0.05, "clear": 0.01, "gross": 0.001}, plain_sgd, curves=LOW),
    Fault("decay", "O7", ("weight-decay-too-strong", "over-regularised"), decayed, {"mild": 0.02, "clear": 0.05, "gross": 0.2}, plain_sgd, curves=("underfitting", "learning-rate-too-low")),
    Fault("sigmoid-stack", "A1", ("vanishing-gradient", "depth-without-skips"), sigmoid_stack, {"mild": 2, "clear": 6, "gross": 12}, curves=STUCK),
    Fault("fading-stack", "A1", ("vanishing-gradient", "bad-initialisation", "depth-without-skips"), fading_stack, {"clear": 8, "gross": 16}, curves=STUCK),
    Fault("deep", "A2", ("depth-without-skips", "vanishing-gradient"), deep, {"mild": 14, "clear": 20, "gross": 28}, curves=(*STUCK, "overfitting")),
    Fault("dead", "A3", ("dead-relu", "bad-initialisation"), dead_from_start, {"mild": 0.6, "clear": 0.85, "gross": 1.0}, relu, curves=("underfitting", "learning-rate-too-low", "vanishing-gradient")),
    Fault("burst", "A3", ("dead-relu", "learning-rate-too-high"), burst, {"clear": 30.0, "gross": 100.0}, relu_without_norm, curves=("underfitting", "learning-rate-too-low", "non-finite", "vanishing-gradient")),
    Fault("saturated", "A4", ("saturated-activations", "bad-initialisation"), saturated, {"clear": 4.0, "gross": 10.0}, curves=("underfitting", "learning-rate-too-high", "overfitting")),
    Fault("init-scale", "A5", ("bad-initialisation", "vanishing-gradient"), initialised, {"mild": 3.0, "clear": 0.2, "gross": 8.0}, without_norm, curves=(*STUCK, "non-finite")),
    Fault("init-fill", "A5", ("bad-initialisation", "vanishing-gradient"), initialised, {"mild": "normal", "clear": "constant"}, curves=(*STUCK, "non-finite", "overfitting")),
    Fault("init-zero", "A5", ("bad-initialisation", "parameters-not-updated", "dead-relu", "vanishing-gradient"), initialised, {"gross": "zero"}, without_norm, curves=STUCK),
    Fault("affine", "A8", ("missing-nonlinearity", "underfitting"), affine, {"gross": None}),
    Fault("slow-statistics", "N1", ("batch-norm-mismatch",), slow_statistics, {"mild": 0.003, "clear": 0.001, "gross": 1e-4}, has_batch_norm, curves=("overfitting", "wrong-mode", "preprocessing-mismatch")),
)  # fmt: skip
