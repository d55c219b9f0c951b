"""One walk through networks whose answers are known."""

from __future__ import annotations

import time
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from striate.core.inside_records import NetworkSeen
from striate.models.catalogue import build
from striate.observe.network_seen import affine_residual, network_seen
from tests.unit.observe.networks import NETWORKS, Functional, batch, conv_net


def test_a_residual_network_and_its_plain_twin() -> None:
    images = batch(size=32, n=8)[0]
    begin = time.perf_counter()
    resnet = network_seen(build("resnet20", classes=10), images)
    seconds = time.perf_counter() - begin
    plain = network_seen(build("plain20", classes=10), images)
    for found in (resnet, plain):
        assert (found.convolutions, found.normalisations, found.norm_kinds) == (19, 19, ("BatchNorm2d",))
        # 3 + 6 * 2 + (2 + 5 * 4) + (4 + 5 * 8): a stem, and six 3x3 convolutions at each of the strides 1, 2, 4.
        assert found.field == (81, 81)
        assert (found.nonlinear, found.nonlinear_by, found.because) == (True, ("relu",), "")
        assert found.parameters == 269_722
        assert found.initial_loss is None
        assert found.filter_cosine is None
    assert (resnet.additions, resnet.shortest) == (9, 1)
    assert (plain.additions, plain.shortest) == (0, 19)
    assert sum(fact.parameters for fact in resnet.layers) == resnet.parameters
    assert seconds < 5  # about 0.3 on one quiet core


def test_group_norm_does_not_hide_the_field() -> None:
    found = network_seen(build("resnet20", classes=10, norm="group"), batch(size=32)[0])
    assert (found.norm_kinds, found.field) == (("GroupNorm",), (81, 81))


def test_an_affine_network_is_found_out_twice() -> None:
    affine = nn.Sequential(
        nn.Conv2d(3, 8, 3),
        nn.BatchNorm2d(8),
        nn.Identity(),
        nn.Conv2d(8, 8, 3),
        nn.Flatten(),
        nn.Linear(128, 4),
    )
    found = network_seen(affine, batch()[0])
    assert found.nonlinear is False
    assert (found.field, found.pooled) == ((5, 5), False)
    assert found.affine_residual is not None
    assert found.affine_residual < 1e-4
    other = network_seen(conv_net(), batch()[0])
    assert other.affine_residual is not None
    assert other.affine_residual > 0.05


def test_affine_residual_against_the_formula() -> None:
    class Square(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return (x * x + x + 3).flatten(1)

    a, b = torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, -1.0]])
    # (a + b)^2 - a^2 - b^2 = 2 a b; f(a) - f(0) = a^2 + a.
    expected = torch.linalg.norm(2 * a * b) / torch.linalg.norm(a * a + a)
    assert affine_residual(Square(), torch.cat([a, b])) == pytest.approx(float(expected))
    assert affine_residual(Square(), a) is None
    assert affine_residual(Square(), torch.zeros(2, 2)) is None


def test_functions_and_a_dictionary() -> None:
    found = network_seen(Functional(), batch()[0], targets=batch()[1])
    assert (found.convolutions, found.shortest, found.additions) == (2, 1, 1)
    assert found.nonlinear_by == ("clamp", "max_pool2d", "relu")
    assert (found.field, found.pooled) == ((6, 6), True)
    assert found.initial_loss is not None
    assert found.filter_cosine is not None


def test_dropout_is_the_largest_rate() -> None:
    assert network_seen(nn.Sequential(nn.Dropout(0.1), conv_net(dropout=0.4)), batch()[0]).dropout == 0.4


class Tokens(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 16, 2, 2)
        self.block = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True, norm_first=True)
        self.second = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True, norm_first=True)
        self.head = nn.Linear(16, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patches(x).flatten(2).transpose(1, 2)
        return self.head(self.second(self.block(x)).mean(1))


def test_attention_has_no_one_field() -> None:
    found = network_seen(Tokens(), batch()[0])
    assert found.because == ""
    assert found.field is None
    assert (found.convolutions, found.additions) == (1, 4)
    assert found.nonlinear


class Asking(nn.Module):
    """Control flow that asks what stands in a tensor."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.a(x))
        if float(x.detach().sum()) >= 0:
            x = self.b(x)
        return x.mean((2, 3))


def test_control_flow() -> None:
    found = network_seen(Asking(), batch()[0])
    assert (found.convolutions, found.field, found.because) == (2, (5, 5), "")


def test_what_cannot_be_walked_is_said() -> None:
    assert "shape" in network_seen(nn.Sequential(nn.LazyLinear(3)), batch()[0]).because
    found = network_seen(nn.Linear(5, 5), batch()[0])
    assert found.because != ""
    assert (found.kind, found.parameters, found.input_size) == ("Linear", 30, (3, 8, 8))


@pytest.mark.parametrize("name", NETWORKS)
def test_no_trace(name: str, no_trace: Any) -> None:
    model, (images, targets) = NETWORKS[name](), batch()
    model(images)
    with no_trace(model):
        found = network_seen(model, images, targets=targets)
    assert found.because == ""
    assert NetworkSeen.from_json(found.to_json()) == found


def test_a_backward_pass_that_waits_goes_through_afterwards() -> None:
    model, (images, targets) = conv_net().eval(), batch()
    loss = F.cross_entropy(model(images), targets)
    network_seen(model, images)
    loss.backward()
