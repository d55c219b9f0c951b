"""Networks without memory for weights: every way of building one, and nothing left switched on."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from striate.models import torchvision_ops
from striate.models.weightless import weightless


def all_on_meta(net: nn.Module) -> bool:
    return all(tensor.is_meta for tensor in net.state_dict().values())


def test_a_network_that_only_asks_for_weights() -> None:
    net = weightless(lambda: nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Linear(10**6, 10**6)))
    assert all_on_meta(net)
    assert torch.empty(1).device.type == "cpu"


def test_a_network_that_computes_its_widths_with_tensors() -> None:
    torchvision_ops.prepare()
    import torchvision

    net = weightless(lambda: torchvision.models.get_model("regnet_y_128gf"))
    assert all_on_meta(net)
    assert sum(p.numel() for p in net.parameters()) == 644_812_894


def test_a_network_that_looks_at_its_weights_gets_them() -> None:
    def build() -> nn.Module:
        net = nn.Linear(2, 2)
        assert net.weight.sum().item() != 0
        return net

    assert not weightless(build).weight.is_meta


def test_what_is_no_question_of_memory_is_raised() -> None:
    def build() -> nn.Module:
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        weightless(build)
