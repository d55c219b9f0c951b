"""Dead, saturated, sparse: planted units are found, and a zero on one image is no death."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from striate.analysis.activity import activity
from striate.analysis.errors import LayerUnsuited
from striate.models import torchvision_ops
from tests.unit.analysis.networks import NoTrace, awkward, pictures


def planted(activation: nn.Module, biases: list[float]) -> nn.Sequential:
    """Channels that are their bias plus the image."""
    conv = nn.Conv2d(1, len(biases), 1)
    nn.init.ones_(conv.weight)
    assert conv.bias is not None
    conv.bias.data = torch.tensor(biases)
    return nn.Sequential(conv, activation)


def test_a_dead_unit_is_found_and_a_rare_one_is_not() -> None:
    x = torch.zeros(10, 1, 3, 3)
    x[7, 0, 1, 2] = 5.0  # one pixel of one image
    record = activity(planted(nn.ReLU(), [-9.0, -1.0, 1.0]), x)
    (layer,) = record.layers
    assert layer.dead == (0,)
    assert layer.units == 3
    assert layer.inactive_share == pytest.approx((90 + 89) / 270)
    assert layer.saturated == ()
    assert record.unseen_bound == pytest.approx(0.3)


def test_what_one_batch_misses_another_shows() -> None:
    x = torch.zeros(10, 1, 3, 3)
    x[7, 0, 1, 2] = 5.0
    net = planted(nn.ReLU(), [-9.0, -1.0, 1.0])
    assert activity(net, x[:7]).layers[0].dead == (0, 1)
    assert activity(net, [x[:7], x[7:]]) == activity(net, [x[7:], x[:7]]) == activity(net, x)


@pytest.mark.parametrize(
    ("activation", "biases", "dead", "saturated"),
    [
        (nn.ReLU6(), [-9.0, 2.0, 9.0], (0,), (2,)),
        (nn.GELU(), [-9.0, 2.0], (0,), ()),
        (nn.SiLU(), [-9.0, 2.0], (0,), ()),
        (nn.Hardswish(), [-9.0, 2.0], (0,), ()),
        (nn.Sigmoid(), [-9.0, 0.0, 9.0], (), (0, 2)),
        (nn.Tanh(), [-9.0, 0.0, 9.0], (), (0, 2)),
    ],
)
def test_each_kind(
    activation: nn.Module, biases: list[float], dead: tuple[int], saturated: tuple[int]
) -> None:
    (layer,) = activity(planted(activation, biases), torch.rand(4, 1, 2, 2)).layers
    assert (layer.kind, layer.dead, layer.saturated) == (type(activation).__name__, dead, saturated)
    assert math.isnan(layer.inactive_share) is (layer.kind in ("Sigmoid", "Tanh"))
    assert layer.saturated_share == pytest.approx(len(saturated) / len(biases))


def test_timms_classes_for_the_same_functions_are_seen() -> None:
    torchvision_ops.prepare()
    from timm.layers import activations

    for name, kind in (("GELU", "GELU"), ("Swish", "SiLU"), ("HardSwish", "Hardswish"), ("Tanh", "Tanh")):
        (layer,) = activity(planted(getattr(activations, name)(), [-9.0, 2.0]), torch.rand(2, 1, 2, 2)).layers
        assert (layer.kind, layer.dead) == (kind, () if kind == "Tanh" else (0,))


def test_the_margins_of_saturation_are_where_the_docstring_says() -> None:
    for kind, margin in ((nn.Sigmoid(), 5.98), (nn.Tanh(), 2.99)):
        near = planted(kind, [margin - 0.02, margin + 0.02, -margin - 0.02])
        assert activity(near, torch.zeros(1, 1, 1, 1)).layers[0].saturated == (1, 2)


def test_features_and_tokens_have_their_units_in_the_last_axis() -> None:
    class Tokens(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.relu = nn.ReLU()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.relu(x.flatten(2).transpose(1, 2))  # (N, L, C)

    assert activity(Tokens(), pictures()).layers[0].units == 3
    assert activity(nn.Sequential(nn.Flatten(), nn.ReLU()), pictures()).layers[0].units == 192


def test_a_module_that_runs_twice_is_judged_twice() -> None:
    layers = activity(awkward(), pictures()).layers
    assert [(layer.name, layer.call) for layer in layers] == [("relu", 0), ("relu", 1)]


@pytest.mark.parametrize("training", [True, False])
def test_no_trace_and_the_same_again(no_trace: NoTrace, training: bool) -> None:
    net = awkward(training)
    with no_trace(net):
        one, two = activity(net, pictures()), activity(net, pictures())
    assert one == two
    assert type(one).from_json(one.to_json()) == one


def test_nothing_to_watch_is_refused() -> None:
    with pytest.raises(LayerUnsuited, match="such as F\\.relu cannot be watched"):
        activity(nn.Sequential(nn.Conv2d(3, 3, 1)), pictures())
    with pytest.raises(LayerUnsuited, match="0 images"):
        activity(awkward(), [])
