"""Optimisers by name, with weight decay on weights alone.

Knows nothing about schedules: the learning rate of each step is set by the loop.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn
from torch.optim import Optimizer

__all__ = ["build", "parameter_groups"]


def parameter_groups(model: nn.Module, weight_decay: float) -> list[dict[str, object]]:
    """Two groups of the trainable parameters: weights (two axes or more) decayed, the rest not.

    Norm scales, shifts and biases set the operating point of a unit rather than the complexity of the
    function; decaying them only moves it (He et al. 2019, "Bag of tricks", section 3.1 "no bias decay").
    """
    trainable = [p for p in model.parameters() if p.requires_grad]
    weights = [p for p in trainable if p.ndim >= 2]
    others = [p for p in trainable if p.ndim < 2]
    groups = [(weights, weight_decay), (others, 0.0)]
    return [{"params": params, "weight_decay": decay} for params, decay in groups if params]


def build(name: str, model: nn.Module, *, lr: float, momentum: float, weight_decay: float) -> Optimizer:
    """The optimiser called `name` over `model`.

    sgd: v <- m v + g + wd w;  w <- w - lr (g + wd w + m v)  (Nesterov, torch's form; plain when m = 0).
    adam: L2 decay inside the gradient; adamw: decay apart from it, w <- w - lr wd w (Loshchilov & Hutter 2019).
    `momentum` is beta1 of the Adams; beta2 is 0.999, eps 1e-8 (Kingma & Ba 2015).
    """
    groups: Iterable[dict[str, object]] = parameter_groups(model, weight_decay)
    # One fused kernel per group where the device has one; the same arithmetic element by element.
    fused = all(p.device.type in ("cpu", "cuda") and p.is_floating_point() for p in model.parameters())
    if name == "sgd":
        return torch.optim.SGD(groups, lr=lr, momentum=momentum, nesterov=momentum > 0, fused=fused)
    if name == "adam":
        return torch.optim.Adam(groups, lr=lr, betas=(momentum, 0.999), fused=fused)
    if name == "adamw":
        return torch.optim.AdamW(groups, lr=lr, betas=(momentum, 0.999), fused=fused)
    raise ValueError(f"unknown optimiser {name!r}")
