"""Each batch norm beside the batch: what it has stored, and what the images before it say.

Knows nothing about what difference is harmful.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

__all__ = ["Drift", "batch_norms", "drifts"]


class Drift(NamedTuple):
    """Of one batch norm: medians over channels."""

    shift: float
    """|running mean - batch mean| / batch standard deviation."""
    variance_ratio: float
    """Running / batch variance."""


def batch_norms(model: nn.Module) -> dict[str, nn.modules.batchnorm._BatchNorm]:
    """Those that have stored statistics, by name."""
    return {
        name: module
        for name, module in model.named_modules()
        if isinstance(module, nn.modules.batchnorm._BatchNorm) and module.running_mean is not None
    }


@contextmanager
def drifts(model: nn.Module) -> Iterator[dict[str, Drift]]:
    """Inside: run the network once, in train mode as far as batch norm goes; afterwards the dictionary is filled, in the order of running.

    With momentum 1 meanwhile, a layer's statistics become those of the batch (the last one, where it runs twice), which costs nothing. To
    be used inside `shadow`, which puts the statistics back. The batch's variance is the unbiased one, as the stored one is; both have
    the layer's epsilon added, so that a channel that is constant in both is no difference.
    """
    norms = batch_norms(model)
    before = {name: _statistics(m) for name, m in norms.items()}
    ran: dict[str, None] = {}

    def watch(name: str) -> Callable[[nn.Module, Any], None]:
        return lambda _module, _inputs: ran.setdefault(name)

    found: dict[str, Drift] = {}
    with ExitStack() as stack:
        for name, module in norms.items():
            stack.callback(setattr, module, "momentum", module.momentum)
            module.momentum = 1.0
            stack.callback(module.register_forward_pre_hook(watch(name)).remove)
        yield found
        for name in ran:
            found[name] = _drift(*before[name], *_statistics(norms[name]), norms[name].eps)


def _statistics(module: nn.modules.batchnorm._BatchNorm) -> tuple[Tensor, Tensor]:
    assert module.running_mean is not None
    assert module.running_var is not None
    return module.running_mean.float().clone(), module.running_var.float().clone()


def _drift(
    mean: Tensor, variance: Tensor, batch_mean: Tensor, batch_variance: Tensor, epsilon: float
) -> Drift:
    shift = ((mean - batch_mean).abs() / (batch_variance + epsilon).sqrt()).quantile(0.5)
    ratio = ((variance + epsilon) / (batch_variance + epsilon)).quantile(0.5)
    values = torch.stack([shift, ratio]).tolist()
    return Drift(values[0], values[1])
