"""Learning-rate schedules of a run, made of torch's own schedulers.

Knows nothing about which of them suits a run.
"""

from __future__ import annotations

import math

import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, CyclicLR, LambdaLR, LRScheduler, OneCycleLR, StepLR

from benchmarks.clinic.plan import Plan

BY_BATCH = ("one-cycle", "warm-up", "cyclic")


def make_schedule(plan: Plan, optimizer: torch.optim.Optimizer) -> tuple[LRScheduler | None, bool]:
    """The scheduler, and whether it is to be stepped after every optimiser step (else after every epoch)."""
    by_batch = plan.step_every == "batch" or (not plan.step_every and plan.schedule in BY_BATCH)
    epochs = max(1, round(plan.epochs * plan.schedule_length))
    steps = max(2, round(plan.steps * plan.schedule_length))
    if plan.schedule == "step":
        return StepLR(optimizer, step_size=max(1, math.ceil(epochs / 3)), gamma=0.2), by_batch
    if plan.schedule == "cosine":
        return CosineAnnealingLR(optimizer, T_max=epochs), by_batch
    if plan.schedule == "one-cycle":
        return OneCycleLR(optimizer, max_lr=plan.lr, total_steps=max(steps, plan.steps) + 1), by_batch
    if plan.schedule == "warm-up":
        return LambdaLR(optimizer, lambda step: warm_cosine(step, steps)), by_batch
    if plan.schedule == "cyclic":
        half = max(1, steps // 6)
        momentum = plan.optimizer == "SGD" and plan.momentum > 0
        cycle = CyclicLR(
            optimizer, base_lr=plan.lr / 20, max_lr=plan.lr, step_size_up=half, cycle_momentum=momentum
        )
        return cycle, by_batch
    return None, by_batch


def warm_cosine(step: int, steps: int) -> float:
    """Linear over the first tenth, then half a cosine to 0."""
    warm = max(1, steps // 10)
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (step - warm) / max(1, steps - warm))))


def make_optimizer(plan: Plan, parameters: list[torch.nn.Parameter]) -> torch.optim.Optimizer:
    """SGD, Adam or AdamW with the numbers of the plan."""
    if plan.optimizer == "SGD":
        return torch.optim.SGD(parameters, lr=plan.lr, momentum=plan.momentum, weight_decay=plan.weight_decay)
    kind = {"Adam": torch.optim.Adam, "AdamW": torch.optim.AdamW}[plan.optimizer]
    return kind(parameters, lr=plan.lr, weight_decay=plan.weight_decay, eps=plan.epsilon)
