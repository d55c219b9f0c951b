"""Correlation of neighbouring gradients: known for noise, for smooth maps, for a network by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from striate.observe.pixel_gradient import gradient_correlation, neighbour_correlation
from tests.unit.observe.networks import NETWORKS, batch, conv_net


def test_noise_has_none_and_smooth_maps_nearly_one() -> None:
    noise = torch.randn(16, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    assert abs(neighbour_correlation(noise)) < 0.01
    assert neighbour_correlation(F.avg_pool2d(noise, 9, 1)) > 0.8
    assert math.isnan(neighbour_correlation(torch.ones(2, 3, 4, 4)))


def test_against_numpy() -> None:
    g = torch.randn(1, 1, 5, 4, generator=torch.Generator().manual_seed(1)).double()
    z = (g - g.mean())[0, 0].numpy()
    a = np.concatenate([z[:, :-1].ravel(), z[:-1].ravel()])
    b = np.concatenate([z[:, 1:].ravel(), z[1:].ravel()])
    assert neighbour_correlation(g) == pytest.approx((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum()))


def test_of_a_network_by_hand() -> None:
    model, (images, targets) = conv_net(dropout=0.5).train(), batch(n=12)
    found = gradient_correlation(model, images, targets)
    x = images.clone().requires_grad_()
    for m in model.modules():
        m.training = isinstance(m, nn.BatchNorm2d)
    (g,) = torch.autograd.grad(F.cross_entropy(model(x), targets), x)
    assert found == pytest.approx(neighbour_correlation(g), rel=1e-4)


@pytest.mark.parametrize("name", NETWORKS)
def test_no_trace(name: str, no_trace: Any) -> None:
    model, (images, targets) = NETWORKS[name](), batch()
    with no_trace(model):
        assert math.isfinite(gradient_correlation(model, images, targets))
    assert not images.requires_grad


def test_what_has_no_neighbours_is_nan() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(3, 4))
    assert math.isnan(gradient_correlation(model, torch.zeros(4, 3), torch.zeros(4, dtype=torch.long)))
