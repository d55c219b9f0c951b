"""The snapshot that proves an observer left no trace sees each kind of trace."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from tests.no_trace import leaves_no_trace


def network() -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU())


def looked_at(model: nn.Module) -> None:
    with torch.no_grad():
        model.eval()(torch.ones(2, 1, 4, 4))
    model.train()


def test_looking_without_a_trace_passes() -> None:
    model = network()
    with leaves_no_trace(model, torch.optim.SGD(model.parameters(), lr=0.1)):
        looked_at(model)


TRACES: dict[str, Callable[[nn.Sequential], object]] = {
    "weight 0.bias": lambda model: model[0].bias.data.add_(1),
    "gradient 0.weight": lambda model: model(torch.ones(2, 1, 4, 4)).sum().backward(),
    "requires_grad 0.weight": lambda model: model[0].weight.requires_grad_(False),
    "buffer 1.running_mean": lambda model: model(torch.ones(2, 1, 4, 4)),
    "mode 2": lambda model: model[2].eval(),
    "hooks 2": lambda model: model[2].register_forward_hook(lambda *seen: None),
    "hooks 0.weight": lambda model: model[0].weight.register_hook(lambda grad: grad),
    "random state of torch": lambda model: torch.rand(1),
    "random state of NumPy": lambda model: np.random.rand(),  # noqa: NPY002
    "random state of Python": lambda model: random.random(),
}


@pytest.mark.parametrize("trace", TRACES)
def test_a_trace_is_named(trace: str) -> None:
    model = network()
    with pytest.raises(AssertionError, match=trace.replace(".", r"\.")), leaves_no_trace(model):
        TRACES[trace](model)


def test_a_step_of_the_optimiser_is_named() -> None:
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    model(torch.ones(2, 1, 4, 4)).sum().backward()
    with pytest.raises(AssertionError, match="optimiser"), leaves_no_trace(model, optimizer):
        optimizer.step()
