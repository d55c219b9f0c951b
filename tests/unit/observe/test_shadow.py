"""A pass beside the training leaves no trace, and two from the same random state agree."""

from __future__ import annotations

import random
import warnings
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from striate.observe.shadow import Generators, aliased, evenly, logits, looking, possible, shadow
from tests.unit.observe.networks import NETWORKS, batch, conv_net, trained_step


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("mode", ["as is", "norms", "eval"])
def test_no_trace(name: str, mode: Any, no_trace: Any) -> None:
    model = NETWORKS[name]()
    images, targets = batch()
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1)
    trained_step(model, optimizer, images, targets)
    gradients = [p.grad for p in model.parameters()]
    with no_trace(model, optimizer), shadow(model, mode):
        random.random()
        np.random.rand()  # noqa: NPY002 - the global generator is what is watched
        assert logits(model, images) is not None
    assert all(p.grad is g for p, g in zip(model.parameters(), gradients, strict=True))


def test_a_backward_pass_that_waits_goes_through_afterwards() -> None:
    """The statistics of batch norm keep their version: autograd refuses where a saved buffer was written to."""
    images, targets = batch()
    gradients = []
    for looks in (0, 2):
        model = conv_net(dropout=0.0).train()
        for norm in (m for m in model if isinstance(m, nn.BatchNorm2d)):
            norm.eval()
        loss = nn.functional.cross_entropy(model(images), targets)
        for _ in range(looks):
            with shadow(model, "norms"):
                logits(model, images)
        loss.backward()
        gradients.append(model[0].weight.grad)
    assert torch.equal(gradients[0], gradients[1])


def test_modes() -> None:
    model = conv_net().train()
    with shadow(model):
        assert all(m.training for m in model.modules())
    with shadow(model, "norms"):
        assert [m.training for m in model] == [isinstance(m, nn.BatchNorm2d) for m in model]
    with shadow(model, "eval"):
        assert not any(m.training for m in model.modules())
    assert all(m.training for m in model.modules())


def test_the_same_masks_from_the_same_state() -> None:
    model, (images, _) = conv_net(), batch()
    begin = Generators.of(model)
    with shadow(model):
        first = logits(model, images)
    torch.rand(3)
    with shadow(model, start=begin):
        second = logits(model, images)
    with shadow(model):
        third = logits(model, images)
    assert first is not None
    assert second is not None
    assert third is not None
    assert torch.equal(first, second)
    assert not torch.equal(first, third)


def test_gradients_of_aliases_run_no_hook() -> None:
    model, (images, targets) = conv_net(dropout=0.0), batch()
    called = []
    model[0].weight.register_hook(called.append)
    wanted = {"0.weight": model[0].weight}
    with shadow(model, gradients=True), aliased(model, wanted) as weights:
        scores = logits(model, images)
        assert scores is not None
        (found,) = torch.autograd.grad(nn.functional.cross_entropy(scores, targets), list(weights.values()))
    assert not called
    assert model[0].weight.grad is None
    assert dict(model.named_parameters())["0.weight"] is wanted["0.weight"]
    nn.functional.cross_entropy(model(images), targets).backward()
    assert torch.allclose(found, called[0], atol=1e-7)


def test_autocast_is_kept_and_its_cache_is_not_filled() -> None:
    model, (images, targets) = conv_net(dropout=0.0), batch()
    with torch.autocast("cpu", torch.bfloat16):
        with shadow(model):
            scores = logits(model, images)
        assert scores is not None
        assert scores.dtype == torch.bfloat16
        nn.functional.cross_entropy(model(images).float(), targets).backward()
    assert all(p.grad is not None for p in model.parameters())


def test_looking_is_told() -> None:
    model = conv_net()
    assert not looking()
    with shadow(model), shadow(model):
        assert looking()
    assert not looking()


def test_what_cannot_be_run_beside_the_training() -> None:
    assert possible(conv_net())
    assert not possible(nn.Sequential(nn.LazyLinear(3)))
    held = nn.Module()
    held.register_parameter("kernel", nn.Parameter(torch.ones(3)))
    assert not possible(held)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        compiled = torch.jit.trace(nn.Linear(2, 2), torch.zeros(1, 2))
    assert not possible(nn.Sequential(compiled))


def test_a_failure_inside_leaves_no_trace_either(no_trace: Any) -> None:
    model = conv_net()
    with no_trace(model), shadow(model):
        assert logits(model, torch.zeros(2, 7, 8, 8)) is None
    assert not looking()


def test_rows_are_evenly_spaced() -> None:
    x, y = torch.arange(10), torch.arange(10) * 2
    some, labels = evenly(4, x, y)
    assert some is not None
    assert labels is not None
    assert some.tolist() == [0, 2, 5, 7]
    assert labels.tolist() == [0, 4, 10, 14]
    assert evenly(10, x, None) == (x, None)
