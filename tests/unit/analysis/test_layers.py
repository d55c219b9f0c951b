"""Layer facts: order, shapes, counts; and no trace on the network, not even of a failure."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import torch
from torch import nn

from striate.analysis.cost import parameter_count
from striate.analysis.errors import InputRefused
from striate.analysis.layers import layer_facts
from striate.models import build

NoTrace = Callable[..., AbstractContextManager[None]]


def test_a_small_stack() -> None:
    model = nn.Sequential(
        nn.Conv2d(3, 8, (3, 5), stride=2),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.Identity(),
        nn.Flatten(),
        nn.LazyLinear(4),
    )
    model(torch.zeros(2, 3, 9, 9))
    facts = layer_facts(model, (3, 9, 9))
    assert [f.name for f in facts] == ["0", "1", "2", "4", "5"]
    assert [f.kind for f in facts] == ["Conv2d", "BatchNorm2d", "ReLU", "Flatten", "Linear"]
    assert [f.output_shape for f in facts] == [(8, 4, 3), (8, 4, 3), (8, 4, 3), (96,), (4,)]
    assert [f.parameters for f in facts] == [8 * 3 * 15 + 8, 16, 0, 0, 97 * 4]
    assert [f.kernel for f in facts] == [(3, 5), (), (), (), ()]
    assert [f.stride for f in facts] == [(2, 2), (), (), (), ()]


@pytest.mark.parametrize("name", ["classic", "resnet20", "resnet18", "plain20"])
def test_counts_add_up_on_our_own_networks(name: str) -> None:
    model = build(name, classes=10)
    facts = layer_facts(model, (3, 32, 32))
    assert sum(f.parameters for f in facts) == parameter_count(model)
    assert len({f.name for f in facts}) == len(facts)


def test_order_is_that_of_execution() -> None:
    class Backwards(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.last = nn.Conv2d(2, 3, 1)
            self.first = nn.Conv2d(1, 2, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            out: torch.Tensor = self.last(self.first(x))
            return out

    assert [f.name for f in layer_facts(Backwards(), (1, 4, 4))] == ["first", "last"]


def test_shared_parameters_and_layers_count_once() -> None:
    conv = nn.Conv2d(1, 1, 3, padding=1)
    twin = nn.Conv2d(1, 1, 3, padding=1)
    twin.weight = conv.weight
    facts = layer_facts(nn.Sequential(conv, conv, twin), (1, 4, 4))
    assert [f.parameters for f in facts] == [10, 0, 1]
    assert parameter_count(nn.Sequential(conv, conv, twin)) == 11


def test_parameters_beside_children_are_seen() -> None:
    class Scaled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = nn.Conv2d(1, 1, 1)
            self.scale = nn.Parameter(torch.ones(5))

        def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, str]:
            return self.inner(x) * self.scale.sum(), "and something else"

    facts = layer_facts(Scaled(), (1, 4, 4))
    assert [(f.name, f.parameters, f.output_shape) for f in facts] == [
        ("inner", 2, (1, 4, 4)),
        ("", 5, (1, 4, 4)),
    ]


class Restless(nn.Module):
    """Draws, counts and keeps its own mode, whatever it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(3)
        self.register_buffer("calls", torch.zeros(()))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        self.norm.train()
        out: torch.Tensor = self.norm(x + torch.rand_like(x))
        return out


@pytest.mark.parametrize("training", [True, False])
def test_no_trace(no_trace: NoTrace, training: bool) -> None:
    model = nn.Sequential(Restless(), nn.Dropout(0.5), build("resnet20", classes=3, dropout=0.2))
    model.train(training)
    model[1].train(not training)
    model(torch.ones(2, 3, 8, 8)).sum().backward()
    model[2].conv1.weight.requires_grad_(False)  # type: ignore[union-attr, operator]
    with no_trace(model):
        assert len(layer_facts(model, (3, 8, 8))) > 40
        parameter_count(model)


def test_no_trace_of_a_failure(no_trace: NoTrace) -> None:
    model = nn.Sequential(Restless(), nn.Conv2d(3, 4, 3), nn.Linear(99, 2))
    with no_trace(model), pytest.raises(InputRefused, match=r"^the network cannot take this input"):
        layer_facts(model, (3, 8, 8))


def test_a_network_in_another_precision() -> None:
    assert layer_facts(nn.Sequential(nn.Conv2d(1, 2, 1)).bfloat16(), (1, 3, 3))[0].output_shape == (2, 3, 3)


def test_a_network_without_parameters() -> None:
    assert layer_facts(nn.Sequential(nn.Flatten()), (2, 3, 3))[0].output_shape == (18,)
