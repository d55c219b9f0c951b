"""Each figure of an activation on a planted case, and against plain arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from striate.observe.activation_probe import Activation, activations
from striate.observe.shadow import logits, shadow
from tests.unit.observe.networks import NETWORKS, batch, conv_net


def of(model: nn.Module, images: Tensor) -> dict[str, Activation]:
    with shadow(model, "norms"), activations(model) as found:
        assert logits(model, images) is not None
    return found


def test_against_plain_arithmetic() -> None:
    model, (images, _) = conv_net(dropout=0.0), batch()
    found = of(model, images)
    assert list(found) == ["2", "5"]
    y = model[:3](images).detach().numpy().astype(np.float64)
    first = found["2"]
    assert (first.kind, first.channels) == ("ReLU", 8)
    assert first.mean == pytest.approx(y.mean(), rel=1e-5)
    assert first.std == pytest.approx(y.std(), rel=1e-5)
    assert first.zero == pytest.approx((y <= 0).mean(), abs=1e-6)
    assert first.saturated == 0.0
    assert not first.dead.any()
    rows = y.mean((2, 3))
    s = np.linalg.svd(rows - rows.mean(0), compute_uv=False)
    p = s / s.sum()
    assert first.rank == pytest.approx(np.exp(-(p * np.log(p)).sum()), rel=1e-3)


def test_units_that_a_bias_has_killed() -> None:
    model, (images, _) = conv_net(norm=False), batch()
    with torch.no_grad():
        model[0].bias[:3] = -10.0
        model[4].bias[:] = -100.0
    found = of(model, images)
    assert found["2"].dead.tolist() == [True] * 3 + [False] * 5
    assert found["5"].dead.all()
    assert (found["5"].zero, found["5"].rank, found["5"].std) == (1.0, 0.0, 0.0)


@pytest.mark.parametrize(("layer", "gain", "low"), [(nn.Sigmoid(), 100.0, 0.9), (nn.Tanh(), 100.0, 0.9)])
def test_saturated_units(layer: nn.Module, gain: float, low: float) -> None:
    images, _ = batch()
    model = nn.Sequential(nn.Conv2d(3, 4, 3), layer, nn.Flatten(), nn.Linear(144, 4))
    quiet = of(model, images)["1"].saturated
    with torch.no_grad():
        model[0].weight *= gain
    assert of(model, images)["1"].saturated > low > 0.1 > quiet


def test_saturation_is_at_the_bounds() -> None:
    model = nn.Sequential(nn.Tanh(), nn.Identity())
    x = torch.atanh(torch.tensor([[0.96, 0.98, -0.96, -0.98, 0.0]]))
    assert of(model, x)["0"].saturated == pytest.approx(2 / 5)


class Calls(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = conv_net(dropout=0.0)
        self.act = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        x = self.act(self.act(F.relu(F.relu(x - 0.5))) + torch.tanh(x))
        return self.inner(x.clamp(min=0, max=6).clamp(min=-1))


def test_functions_and_second_calls_have_names_of_their_own() -> None:
    found = of(Calls(), batch()[0])
    assert list(found) == ["relu", "relu #2", "act", "tanh", "act #2", "clamp", "inner.2", "inner.5"]
    assert [a.kind for a in found.values()][:5] == ["relu", "relu", "ReLU", "tanh", "ReLU"]


@pytest.mark.parametrize(
    ("function", "kind"),
    [
        (F.relu6, "relu6"),
        (F.hardtanh, "hardtanh"),
        (F.leaky_relu, "leaky_relu"),
        (F.silu, "silu"),
        (F.gelu, "gelu"),
    ],
    ids=["relu6", "hardtanh", "leaky", "silu", "gelu"],
)
def test_kinds_of_functions(function: Any, kind: str) -> None:
    class Net(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return function(x).mean((2, 3))

    (found,) = of(Net(), batch()[0]).values()
    assert found.kind == kind


class Gated(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gate = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        x = x * self.gate(x.mean((2, 3), keepdim=True)).expand_as(x)
        return torch.sigmoid(0.5 * torch.sigmoid(x).mean((2, 3)))


def test_gates_are_left_out() -> None:
    assert list(of(Gated(), batch()[0])) == ["sigmoid", "sigmoid #2"]


def test_tokens_have_their_features_last() -> None:
    class Tokens(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return F.relu(x.flatten(2).transpose(1, 2) - torch.tensor([100.0, 0.0, 0.0])).mean(1)

    found = of(Tokens(), batch()[0])["relu"]
    assert found.dead.tolist() == [True, False, False]


def test_large_outputs_are_read_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("striate.observe.activation_probe.VALUES", 2000)
    model, (images, _) = conv_net(dropout=0.0), batch()
    y = model[:3](images).detach()
    found = of(model, images)["2"]
    assert found.mean == pytest.approx(y.flatten(2)[:, :, ::7].mean().item(), rel=1e-5)


@pytest.mark.parametrize("name", NETWORKS)
def test_no_trace(name: str, no_trace: Any) -> None:
    model = NETWORKS[name]()
    with no_trace(model):
        assert of(model, batch()[0])
    assert not torch.nn.modules.module._global_forward_hooks
    assert not torch.nn.modules.module._global_forward_pre_hooks


def test_no_hook_stays_after_a_failure(no_trace: Any) -> None:
    model = conv_net()
    with no_trace(model), shadow(model), activations(model):
        assert logits(model, torch.zeros(2, 5, 8, 8)) is None
    assert not torch.nn.modules.module._global_forward_hooks
