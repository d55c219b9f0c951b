"""What a step was to do and did, against plain arithmetic."""

from __future__ import annotations

import copy
import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from striate.observe import step_loss
from striate.observe.step_loss import StepLoss
from tests.unit.observe.networks import NETWORKS, batch, conv_net, trained_step


def trainable(model: nn.Module) -> dict[str, nn.Parameter]:
    return {name: p for name, p in model.named_parameters() if p.requires_grad}


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_against_two_passes_by_hand(momentum: float) -> None:
    model, (images, targets) = conv_net(dropout=0.0).train(), batch()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=momentum, weight_decay=0.1)
    watch = StepLoss(model, trainable(model))
    for _ in range(2):
        trained_step(model, optimizer, images, targets)
        old = copy.deepcopy(model)
        watch.before(images, targets)
        optimizer.step()
        found = watch.after()
        loss = F.cross_entropy(old(images), targets)
        g = torch.autograd.grad(loss, list(old.parameters()))
        moved = [a.detach() - b.detach() for a, b in zip(model.parameters(), old.parameters(), strict=True)]
        assert found.before == pytest.approx(loss.item(), rel=1e-5)
        assert found.after == pytest.approx(
            F.cross_entropy(copy.deepcopy(model)(images), targets).item(), rel=1e-5
        )
        expected = sum(float((a.double() * b.double()).sum()) for a, b in zip(g, moved, strict=True))
        assert found.predicted == pytest.approx(expected, rel=1e-4)


def test_a_small_step_does_what_it_promised_under_dropout() -> None:
    """Only where both passes drop the same units, which the gradient's pass dropped too."""
    model, (images, targets) = conv_net(dropout=0.5).double().train(), batch()
    images = images.double()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-5)
    watch = StepLoss(model, trainable(model))
    trained_step(model, optimizer, images, targets)
    watch.before(images, targets)
    optimizer.step()
    torch.rand(5)
    found = watch.after()
    assert found.after - found.before == pytest.approx(found.predicted, rel=1e-2)
    assert found.predicted < 0


def test_clipping_does_not_change_what_is_promised_for_a_step() -> None:
    model, (images, targets) = conv_net(norm=False, dropout=0.0).double(), batch()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    watch = StepLoss(model, trainable(model))
    trained_step(model, optimizer, images.double(), targets)
    nn.utils.clip_grad_norm_(model.parameters(), 1e-3)
    watch.before(images, targets)
    optimizer.step()
    found = watch.after()
    assert found.after - found.before == pytest.approx(found.predicted, rel=1e-3)


def test_a_step_that_is_too_long_breaks_its_promise() -> None:
    model, (images, targets) = conv_net(norm=False, dropout=0.0), batch()
    optimizer = torch.optim.SGD(model.parameters(), lr=200.0)
    watch = StepLoss(model, trainable(model))
    trained_step(model, optimizer, images, targets)
    watch.before(images, targets)
    optimizer.step()
    found = watch.after()
    assert found.predicted < 0 < found.after - found.before


def test_a_part_of_a_large_batch_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step_loss, "IMAGES", 6)
    model, (images, targets) = conv_net(dropout=0.0).eval(), batch()
    watch = StepLoss(model, trainable(model))
    watch.before(images, targets)
    rows = torch.arange(6) * 4
    assert watch.after().before == pytest.approx(
        F.cross_entropy(model(images[rows]), targets[rows]).item(), rel=1e-5
    )


@pytest.mark.parametrize("name", NETWORKS)
def test_no_trace(name: str, no_trace: Any) -> None:
    model = NETWORKS[name]()
    images, targets = batch()
    optimizer = torch.optim.SGD(trainable(model).values(), lr=0.1, momentum=0.9)
    trained_step(model, optimizer, images, targets)
    optimizer.step()
    gradients = [p.grad for p in model.parameters()]
    watch = StepLoss(model, trainable(model))
    with no_trace(model, optimizer):
        watch.before(images, targets)
        change = watch.after()
    assert change.before == change.after
    assert change.predicted == 0.0
    assert all(p.grad is g for p, g in zip(model.parameters(), gradients, strict=True))


class Refusing(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 3)

    def forward(self, x: torch.Tensor, more: torch.Tensor) -> torch.Tensor:
        return self.layer(x) + more


@pytest.mark.parametrize("case", ["no images", "other targets", "refuses", "too large", "not begun"])
def test_nothing_to_ask_is_nan(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model: nn.Module = Refusing() if case == "refuses" else conv_net()
    if case == "too large":
        monkeypatch.setattr(step_loss, "LARGEST", 10)
    images, targets = batch()
    watch = StepLoss(model, trainable(model))
    if case != "not begun":
        watch.before(
            None if case == "no images" else images, targets + 9 if case == "other targets" else targets
        )
    assert all(math.isnan(value) for value in watch.after())
    assert watch.possible == (case not in ("refuses", "too large"))


class Detached(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(192, 4)

    @torch.no_grad()
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x.flatten(1))


def test_without_a_graph_only_the_promise_is_unknown() -> None:
    model, (images, targets) = Detached(), batch()
    watch = StepLoss(model, trainable(model))
    watch.before(images, targets)
    found = watch.after()
    assert math.isnan(found.predicted) or found.predicted == 0.0
    assert found.before == found.after > 0
