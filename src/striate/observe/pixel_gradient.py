"""How alike the gradients of neighbouring pixels are.

Balduzzi et al. 2017, "The shattered gradients problem": in deep networks without skips dL/dx comes to look like white noise. Knows
nothing about how deep a network is.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from striate.analysis.forward import as_input
from striate.observe.outputs_of import mean_loss
from striate.observe.shadow import aliased, evenly, logits, shadow

__all__ = ["gradient_correlation", "neighbour_correlation"]

IMAGES = 16
"""One image of 32 x 32 already gives about 2,000 pairs a channel; 16 even out what is particular to one."""


def gradient_correlation(model: nn.Module, images: Tensor, targets: Tensor) -> float:
    """Mean over (at most 16) images of the correlation of dL/dx between pixels beside and above each other; NaN where there is none.

    L is the mean cross-entropy, batch norm in train mode, all else in eval mode.
    """
    some, labels = evenly(IMAGES, images, targets)
    if some is None or some.dim() != 4 or min(some.shape[2:]) < 2:
        return math.nan
    with shadow(model, "norms", gradients=True), aliased(model, {}):
        x = as_input(model, some).detach().requires_grad_()
        scores = logits(model, x)
        loss = None if scores is None else mean_loss(scores, labels)
        if loss is None or not loss.requires_grad:
            return math.nan
        try:
            found: tuple[Tensor | None, ...] = torch.autograd.grad(loss, x, allow_unused=True)
        except RuntimeError:  # a network that does not allow it: activation checkpointing of the old kind
            return math.nan
    return math.nan if found[0] is None else neighbour_correlation(found[0])


def neighbour_correlation(maps: Tensor) -> float:
    """Pearson's correlation over all pairs of neighbours of all channels, for each of `maps` (N, C, H, W); mean over those that vary.

    >>> neighbour_correlation(torch.tensor([1.0, -1.0]).repeat(1, 1, 4, 2))
    0.0
    """
    g = maps.detach().double().cpu() if maps.device.type != "mps" else maps.detach().cpu().double()
    g = g - g.mean(dim=(2, 3), keepdim=True)
    first = torch.cat([g[:, :, :, :-1].flatten(1), g[:, :, :-1].flatten(1)], dim=1)
    second = torch.cat([g[:, :, :, 1:].flatten(1), g[:, :, 1:].flatten(1)], dim=1)
    scale = (first.square().sum(1) * second.square().sum(1)).sqrt()
    there = scale > 0
    if not bool(there.any()):
        return math.nan
    return float(((first * second).sum(1)[there] / scale[there]).mean())
