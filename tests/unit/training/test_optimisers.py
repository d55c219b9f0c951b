"""Optimisers: what is decayed, and the updates by hand in float64."""

import pytest
import torch
from torch import nn

from striate.training import optimisers


def test_weights_decay_and_norms_and_biases_do_not():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(2, 2))
    groups = optimisers.parameter_groups(model, 0.1)
    decayed = {id(p) for g in groups if g["weight_decay"] for p in g["params"]}
    assert decayed == {id(model[0].weight), id(model[3].weight)}
    assert sum(len(g["params"]) for g in groups) == len(list(model.parameters()))


def test_frozen_parameters_are_left_out():
    model = nn.Linear(2, 2)
    model.bias.requires_grad_(False)
    (group,) = optimisers.parameter_groups(model, 0.1)
    assert group["params"] == [model.weight]


def updates(name, momentum, weight_decay, steps=5):
    """The same gradients through our optimiser and through the formula of its docstring."""
    layer = nn.Linear(3, 2, bias=False)
    optimizer = optimisers.build(name, layer, lr=0.1, momentum=momentum, weight_decay=weight_decay)
    w = layer.weight.detach().double().clone()
    v, m, s = torch.zeros_like(w), torch.zeros_like(w), torch.zeros_like(w)
    for t in range(1, steps + 1):
        g = torch.sin(torch.arange(6.0) + t).reshape(2, 3)
        layer.weight.grad = g.clone()
        optimizer.step()
        g = g.double()
        if name != "adamw":
            g = g + weight_decay * w
        if name == "sgd":
            v = g if t == 1 else momentum * v + g
            w = w - 0.1 * (g + momentum * v)
        else:
            if name == "adamw":
                w = w - 0.1 * weight_decay * w
            m, s = momentum * m + (1 - momentum) * g, 0.999 * s + 0.001 * g * g
            w = w - 0.1 * (m / (1 - momentum**t)) / ((s / (1 - 0.999**t)).sqrt() + 1e-8)
    return layer.weight.detach().double(), w


@pytest.mark.parametrize("name", ["sgd", "adam", "adamw"])
@pytest.mark.parametrize("weight_decay", [0.0, 0.05])
def test_updates_are_the_formula(name, weight_decay):
    got, expected = updates(name, 0.9, weight_decay)
    torch.testing.assert_close(got, expected, rtol=1e-5, atol=1e-6)


def test_no_momentum_is_plain_sgd():
    got, expected = updates("sgd", 0.0, 0.0)
    torch.testing.assert_close(got, expected, rtol=1e-5, atol=1e-6)


def test_an_unknown_name():
    with pytest.raises(ValueError, match="unknown optimiser 'rmsprop'"):
        optimisers.build("rmsprop", nn.Linear(1, 1), lr=0.1, momentum=0.9, weight_decay=0.0)
