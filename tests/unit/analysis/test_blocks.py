"""Blocks: as the author cut the network, opened where they are few."""

from __future__ import annotations

import torch
from torch import nn

from striate.analysis.blocks import layers_with_maps
from striate.models import build
from tests.unit.analysis.networks import NoTrace, awkward, pictures


def test_containers_are_opened_and_blocks_are_not() -> None:
    names = layers_with_maps(build("resnet20", classes=3), pictures(1, 3, 32))
    assert names == ["conv1", "bn1", "act1", *(f"layer{s}.{b}" for s in (1, 2, 3) for b in range(3))]


def test_few_blocks_are_opened() -> None:
    class Stage(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Conv2d(3, 3, 3), nn.Sequential(nn.Conv2d(3, 3, 3), nn.Identity())

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.b(self.a(x))

    net = nn.Sequential(Stage(), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 2))
    assert layers_with_maps(net, pictures()) == ["0.a", "0.b.0", "1"]


def test_blocks_deep_in_containers_are_found() -> None:
    net = nn.Sequential(nn.Sequential(*(nn.Sequential(nn.Conv2d(3, 3, 1)) for _ in range(7))))
    assert layers_with_maps(net, pictures()) == [f"0.{i}.0" for i in range(7)]


def test_no_trace(no_trace: NoTrace) -> None:
    net = awkward()
    with no_trace(net):
        assert layers_with_maps(net, pictures()) == ["stem", "norm", "relu", "split", "conv"]
