"""One training step, in the order the lesson tells it: forward, loss, backward, update.

Straight lines that a debugger can walk: no hooks, no callbacks, no branches that step twice. Knows nothing about
files, epochs or where the batch came from.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from striate.core import seeds
from striate.core.devices import DeviceChoice
from striate.training.evaluate import autocast
from striate.training.state import RunState

__all__ = ["NonFinite", "StepPlan", "dry_run", "train_step"]


class NonFinite(Exception):
    """The loss of this step is NaN or infinite; the weights are as they were before it."""


@dataclass(frozen=True)
class StepPlan:
    """What is the same in every step of a run."""

    criterion: nn.Module
    choice: DeviceChoice
    seed: int
    clip_grad: float | None


def train_step(
    state: RunState, images: torch.Tensor, targets: torch.Tensor, lr: float, plan: StepPlan, measure: bool
) -> None:
    """Do one optimiser step on images (N, C, H, W) float32 and targets: classes (N,) int64 or shares of them (N, K).

    Adds loss and hits (the share that the target gives to the predicted class) to ``state.running``; with `measure` also the gradient's global L2 norm, before
    clipping. The model must be in train mode. Raises NonFinite before any weight is touched (on a CPU; elsewhere the loop looks once in a
    while, so that no step waits for the device).
    """
    # Dropout's masks are a function of (seed, step): an interrupted run draws the masks it would have drawn.
    torch.manual_seed(seeds.scalar_seed(plan.seed, "step", state.position.global_step))

    with autocast(plan.choice):
        logits = state.model(images)  # (N, K)
        loss = plan.criterion(logits, targets)  # ()
    if plan.choice.device.type == "cpu" and not torch.isfinite(loss):
        raise NonFinite

    state.optimizer.zero_grad(set_to_none=True)
    if state.scaler is None:
        loss.backward()
    else:  # fp16: small gradients are scaled up into range, then back before anyone reads them
        state.scaler.scale(loss).backward()
        state.scaler.unscale_(state.optimizer)

    if measure or plan.clip_grad is not None:
        norm = _clipped_norm(state.model, plan.clip_grad)
        if measure:
            state.running.norms.append(norm.item())

    for group in state.optimizer.param_groups:
        group["lr"] = lr
    if state.scaler is None:
        state.optimizer.step()
    else:
        state.scaler.step(state.optimizer)
        state.scaler.update()
    if state.average is not None:
        state.average.update()

    with torch.no_grad():
        state.running.loss += loss.detach() * len(targets)
        state.running.correct += _hits(logits.argmax(1), targets)
    state.running.seen += len(targets)
    state.position.step += 1
    state.position.global_step += 1


def dry_run(state: RunState, images: torch.Tensor, targets: torch.Tensor, plan: StepPlan) -> None:
    """The memory of a step without its update: forward and backward, whose gradients stay behind."""
    state.optimizer.zero_grad(set_to_none=True)
    with autocast(plan.choice):
        loss = plan.criterion(state.model(images), targets)
    loss.backward()


def _hits(predicted: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Right answers; of mixed images, the sum of the shares that the answers have."""
    if targets.ndim == 1:
        return (predicted == targets).sum()
    return targets.gather(1, predicted[:, None]).sum()


def _clipped_norm(model: nn.Module, limit: float | None) -> torch.Tensor:
    """Global L2 norm of the gradient, which is scaled down to `limit` when it is larger."""
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    norm = torch.nn.utils.get_total_norm(gradients, foreach=True)
    if limit is not None:
        torch.nn.utils.clip_grads_with_norm_(model.parameters(), limit, norm, foreach=True)
    return norm
