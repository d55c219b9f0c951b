"""Inside one may switch, seed and differentiate; outside nothing of it shows."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import torch
from torch import nn

from striate.analysis.untouched import untouched

NoTrace = Callable[..., AbstractContextManager[None]]


def network() -> nn.Sequential:
    net = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout(0.5), nn.Flatten(), nn.Linear(16, 2)
    )
    net(torch.randn(2, 3, 4, 4)).sum().backward()
    net[4].weight.requires_grad_(requires_grad=False)
    net[1].eval()
    return net


@pytest.mark.parametrize("gradients", [False, True])
def test_everything_is_as_before(no_trace: NoTrace, gradients: bool) -> None:
    net = network()
    with no_trace(net), untouched(net, gradients=gradients):
        assert not any(module.training for module in net.modules())
        assert all(p.grad is None for p in net.parameters())
        assert torch.is_grad_enabled() is gradients
        net.train()
        for parameter in net.parameters():
            parameter.requires_grad_(requires_grad=True)
        total = net(torch.randn(2, 3, 4, 4)).sum()
        if gradients:
            total.backward()


def test_an_error_inside_leaves_everything_as_before_too(no_trace: NoTrace) -> None:
    net = network()

    def fail() -> None:
        with untouched(net):
            net[1].running_mean.add_(1.0)
            raise ZeroDivisionError

    with no_trace(net), pytest.raises(ZeroDivisionError):
        fail()


def test_a_gradient_that_was_there_is_the_same_tensor() -> None:
    net = network()
    before = [p.grad for p in net.parameters()]
    with untouched(net, gradients=True):
        net(torch.randn(2, 3, 4, 4)).sum().backward()
    assert all(p.grad is g for p, g in zip(net.parameters(), before, strict=True))
