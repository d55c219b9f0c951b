"""Gradient norms equal those of a plain backward pass; nothing of the pass is left."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from striate.analysis.gradient_flow import gradient_flow
from striate.models import build
from tests.unit.analysis.networks import NoTrace, awkward, pictures

LABELS = torch.tensor([0, 1, 1])


def test_norms_are_those_of_a_backward_pass() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 5, 3), nn.ReLU(), nn.Flatten(), nn.Linear(5 * 36, 2)).double()
    record = gradient_flow(net, pictures().double(), LABELS, mode="eval")
    hidden = net[0](pictures().double())
    hidden.retain_grad()
    loss = F.cross_entropy(net[3](net[2](net[1](hidden))), LABELS)
    loss.backward()
    assert record.loss == pytest.approx(loss.item())
    first, last = record.layers
    assert (first.name, first.kind, last.name) == ("0", "Conv2d", "3")
    norm = math.hypot(net[0].weight.grad.norm().item(), net[0].bias.grad.norm().item())
    assert first.weight_gradient == pytest.approx(norm)
    weight = math.hypot(net[0].weight.norm().item(), net[0].bias.norm().item())
    assert first.relative == pytest.approx(norm / weight)
    each = (hidden.grad * 3).flatten(1).norm(dim=1)
    assert first.activation_gradient == pytest.approx(each.square().mean().sqrt().item())


def test_a_mean_loss_over_more_of_the_same_images_has_the_same_gradients() -> None:
    torch.manual_seed(0)
    net, x = build("plain20", classes=3), pictures()
    one = gradient_flow(net, x, LABELS, mode="eval")
    two = gradient_flow(net, torch.cat([x, x]), torch.cat([LABELS, LABELS]), mode="eval")
    for a, b in zip(one.layers, two.layers, strict=True):
        assert a.weight_gradient == pytest.approx(b.weight_gradient, rel=1e-3)
        assert a.activation_gradient == pytest.approx(b.activation_gradient, rel=1e-3)


def test_training_mode_uses_the_batch_and_evaluation_the_statistics() -> None:
    torch.manual_seed(0)
    net = build("resnet20", classes=3)
    train, still = (gradient_flow(net, pictures() * 3, LABELS, mode=mode) for mode in ("train", "eval"))
    assert (train.mode, still.mode) == ("train", "eval")
    assert train.loss != still.loss


def test_a_layer_that_no_gradient_reaches_says_so() -> None:
    class Cut(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body, self.head, self.spare = nn.Linear(192, 4), nn.Linear(4, 2), nn.Linear(1, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.head(self.body(x.flatten(1)).detach())

    layers = {layer.name: layer for layer in gradient_flow(Cut(), pictures(), LABELS).layers}
    assert list(layers) == ["body", "head", "spare"]
    assert layers["head"].weight_gradient > 0
    for name in ("body", "spare"):
        assert math.isnan(layers[name].weight_gradient)
        assert math.isnan(layers[name].activation_gradient)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("mode", ["train", "eval"])
def test_no_trace_and_the_same_again(no_trace: NoTrace, training: bool, mode: str) -> None:
    net = awkward(training)
    with no_trace(net):
        one, two = (gradient_flow(net, pictures(), mode=mode) for _ in range(2))  # type: ignore[arg-type]
    assert one.to_json() == two.to_json()
    assert one.labels_from == "drawn evenly from 4 classes"
    # Frozen weights have a gradient, too: the question is how it flows, not who uses it.
    assert one.layers[0].weight_gradient > 0
    assert type(one).from_json(one.to_json()).to_json() == one.to_json()
