"""`striate.equivariance`: layers and predictions, written as pictures and JSON."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

import striate
from striate.analysis.errors import UnknownLayer
from striate.core.network_findings import EquivarianceFinding
from tests.no_trace import leaves_no_trace


def net() -> nn.Sequential:
    torch.manual_seed(0)
    features = [nn.Conv2d(3, 8, 5), nn.ReLU(), nn.Conv2d(8, 8, 5), nn.MaxPool2d(2)]
    return nn.Sequential(*features, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 4))


def test_layers_and_predictions(tmp_path: Path) -> None:
    model = net()
    with leaves_no_trace(model):
        found = striate.equivariance(model, input_size=(3, 24, 24), n=4, largest=2, out=tmp_path)
    layers = {layer.name: layer for layer in found.finding.layers.layers}
    assert list(layers) == ["0", "1", "2", "3"]
    assert [e.shift for e in layers["0"].errors] == [(0, s) for s in (1, 2, 3, 4, 5, 6)]
    # By the walk, not by sizes: 24 -> 16 pixels without a stride, then one of two.
    assert [layer.stride for layer in layers.values()] == [(1, 1), (1, 1), (1, 1), (2, 2)]
    for layer in layers.values():
        for error in layer.errors:
            assert (error.interior < 1e-5) is (error.phase == (0, 0))
    (consistency,) = found.finding.consistency
    assert (consistency.shifts, consistency.images) == (9, 4)
    assert [p.name for p in found.files] == ["equivariance.png", "equivariance.svg", "equivariance.json"]
    again = EquivarianceFinding.from_json(found.files[2].read_text())
    assert again.to_json() == found.finding.to_json()


def test_larger_images_are_tried_with_a_sample(tmp_path: Path) -> None:
    found = striate.equivariance(net(), input_size=(3, 80, 80), n=2, border="zero", out=tmp_path).finding
    assert found.consistency[0].shifts == 8
    assert found.consistency[0].border == found.layers.border == "zero"
    assert found.layers.layers[0].errors[-1].shift == (0, 16)


def test_named_layers_and_shifts(tmp_path: Path) -> None:
    found = striate.equivariance(
        "resnet20", layers=["conv1"], shifts=[2, 9], n=2, largest=1, out=tmp_path
    ).finding
    assert [layer.name for layer in found.layers.layers] == ["conv1"]
    assert [e.shift for e in found.layers.layers[0].errors] == [(0, 2), (0, 9)]
    with pytest.raises(UnknownLayer):
        striate.equivariance("resnet20", layers=["conv99"], n=1, out=tmp_path)
