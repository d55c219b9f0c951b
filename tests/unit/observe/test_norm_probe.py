"""Stored statistics beside those of the batch, against plain ones."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from striate.observe.norm_probe import batch_norms, drifts
from striate.observe.shadow import logits, shadow
from tests.unit.observe.networks import batch, conv_net


def test_against_the_formula(no_trace: Any) -> None:
    model, (images, _) = conv_net(), batch()
    norm = model[1]
    norm.running_mean.copy_(torch.linspace(-2, 3, 8))
    norm.running_var.copy_(torch.linspace(0.1, 9, 8))
    with no_trace(model), shadow(model, "norms"), drifts(model) as found:
        logits(model, images)
    x = model[0](images).detach().transpose(0, 1).flatten(1).double()
    variance = x.var(1) + norm.eps
    shift = ((norm.running_mean - x.mean(1)).abs() / variance.sqrt()).median()
    ratios = sorted(((norm.running_var + norm.eps) / variance).tolist())
    shifts = sorted(((norm.running_mean - x.mean(1)).abs() / variance.sqrt()).tolist())
    assert float(shift) == shifts[3]
    assert found["1"].shift == pytest.approx((shifts[3] + shifts[4]) / 2, rel=1e-4)
    assert found["1"].variance_ratio == pytest.approx((ratios[3] + ratios[4]) / 2, rel=1e-4)
    assert norm.momentum == 0.1


def test_frozen_wrong_statistics_show_and_right_ones_do_not() -> None:
    model, (images, _) = conv_net(dropout=0.0).train(), batch()
    norm = model[1]
    norm.momentum = 0.0
    for _ in range(3):
        model(images)
    with shadow(model, "norms"), drifts(model) as wrong:
        logits(model, images)
    norm.momentum = 1.0
    model(images)
    with shadow(model, "norms"), drifts(model) as right:
        logits(model, images)
    assert wrong["1"].variance_ratio > 2
    assert right["1"].variance_ratio == pytest.approx(1, rel=1e-4)
    assert right["1"].shift < 1e-5


class Backwards(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.second, self.never = nn.BatchNorm2d(3), nn.BatchNorm2d(3)
        self.first = nn.BatchNorm2d(3, momentum=None)
        self.bare = nn.BatchNorm2d(3, track_running_stats=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.bare(self.second(torch.tanh(self.first(x)))).mean((2, 3))


def test_in_the_order_of_running_and_only_what_ran(no_trace: Any) -> None:
    model, (images, _) = Backwards(), batch()
    assert list(batch_norms(model)) == ["second", "never", "first"]
    with no_trace(model), shadow(model, "norms"), drifts(model) as found:
        logits(model, images)
    assert list(found) == ["first", "second"]
    assert model.first.momentum is None
