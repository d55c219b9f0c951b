"""Look at a network and leave it as it was, to the bit.

Weights, buffers, gradients, modes and the random state are restored. Knows nothing about what is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

__all__ = ["untouched"]


@contextmanager
def untouched(model: nn.Module, *, gradients: bool = False) -> Iterator[None]:
    """Inside: evaluation mode, and no gradients unless `gradients`. Afterwards everything is as before.

    Restored are the mode of every module, the values of buffers, which parameters require a gradient, the gradients
    themselves (inside they are None), and torch's generators. Hooks belong to whoever sets them: take them off
    inside. Weights are not copied: no look writes to them, which the fixture ``no_trace`` of the tests checks.
    """
    modes = [(module, module.training) for module in model.modules()]
    buffers = [(buffer, buffer.clone()) for buffer in model.buffers()]
    weights = [(p, p.requires_grad, p.grad) for p in model.parameters()]
    devices = sorted({p.device.index or 0 for p in model.parameters() if p.device.type == "cuda"})
    with torch.random.fork_rng(devices=devices), torch.set_grad_enabled(gradients):
        model.eval()
        for parameter, _, _ in weights:
            parameter.grad = None
        try:
            yield
        finally:
            for parameter, wanted, gradient in weights:
                parameter.requires_grad_(wanted)
                parameter.grad = gradient
            for module, training in modes:
                module.training = training
            with torch.no_grad():
                for buffer, before in buffers:
                    buffer.copy_(before)
