"""Norms of weights, gradients and updates against plain ones."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from striate.observe.layers_watch import SAMPLED, LayersWatch
from striate.observe.structure import Weight, weights_by_definition
from tests.unit.observe.networks import batch, conv_net, trained_step


def test_norms_of_small_layers_are_exact() -> None:
    model, (images, targets) = conv_net(), batch()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    watch = LayersWatch(model, weights_by_definition(model))
    trained_step(model, optimizer, images, targets)
    old = {name: p.detach().clone() for name, p in model.named_parameters()}
    watch.before(scale=8.0)
    optimizer.step()
    found = watch.after()
    assert found is not None
    for i, name in enumerate(("0.weight", "4.weight", "9.weight")):
        p = model.get_parameter(name)
        assert p.grad is not None
        assert found.grad[i] == pytest.approx(float(p.grad.norm()) / 8, rel=1e-5)
        assert found.weight[i] == pytest.approx(float(old[name].norm()), rel=1e-5)
        assert found.update[i] == pytest.approx(float((p.detach() - old[name]).norm()), rel=1e-5)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_updates_of_large_layers_are_estimated(layout: torch.memory_format) -> None:
    layer = nn.Conv2d(64, 128, 3).to(memory_format=layout)
    watch = LayersWatch(nn.Sequential(layer), [Weight("0.weight", "conv", 0)])
    watch.before()
    drawn = torch.Generator().manual_seed(0)
    change = torch.randn(layer.weight.shape, generator=drawn)
    with torch.no_grad():
        layer.weight += change
    found = watch.after()
    assert found is not None
    assert layer.weight.numel() > SAMPLED
    assert found.update[0] == pytest.approx(float(change.norm()), rel=0.05)
    assert math.isnan(found.grad[0])


def test_the_global_random_state_is_not_drawn_from() -> None:
    model = nn.Sequential(nn.Conv2d(64, 128, 3))
    before = torch.get_rng_state()
    LayersWatch(model, weights_by_definition(model)).before()
    assert torch.equal(torch.get_rng_state(), before)


def test_records() -> None:
    model = nn.Sequential(nn.ConvTranspose2d(3, 5, 3), nn.Linear(4, 7)).to(torch.float64)
    watch = LayersWatch(model, [*weights_by_definition(model), Weight("gone.weight", "conv", 9)])
    assert len(watch) == 2
    assert watch.after() is None
    watch.before()
    sample = watch.after()
    assert sample is not None
    first, second = watch.series([sample, sample])
    assert (first.name, first.kind, first.width, first.depth) == ("0", "conv", 5, 0)
    assert (second.name, second.kind, second.width, second.parameters) == ("1", "linear", 7, 28)
    assert second.update == (0.0, 0.0)


def test_a_sparse_gradient_has_no_norm() -> None:
    model = nn.Sequential(nn.Embedding(10, 3, sparse=True))
    model(torch.tensor([1, 2])).sum().backward()
    watch = LayersWatch(model, [Weight("0.weight", "linear", 0)])
    watch.before()
    sample = watch.after()
    assert sample is not None
    assert math.isnan(sample.grad[0])
