"""`striate.filters`: the sheet and the verdict beside the controls, written as pictures and JSON."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

import striate
from striate.core.network_findings import FilterFinding
from tests.no_trace import leaves_no_trace


def test_small_kernels(tmp_path: Path) -> None:
    found = striate.filters("resnet20", out=tmp_path)
    record = found.finding.filters
    assert (record.layer, record.kernels, record.kernel_size) == ("conv1", 16, (3, 3))
    assert record.gabor is None
    assert record.reason.startswith("a 3x3 kernel has 9 numbers")
    assert record.initial_from == "the network built anew"
    assert [p.name for p in found.files] == ["filters.png", "filters.svg", "filters.json"]
    assert FilterFinding.from_json(found.files[2].read_text()) == found.finding


def test_large_kernels_of_a_random_network_are_not_told_from_noise(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 24, 7), nn.ReLU())
    with leaves_no_trace(net):
        gabor = striate.filters(net, input_size=(1, 28, 28), out=tmp_path).finding.filters.gabor
    assert gabor is not None
    assert gabor.interval.low < 0 < gabor.interval.high


def test_many_kernels_over_many_channels(tmp_path: Path) -> None:
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 200, 3))
    found = striate.filters(net, layer="1", input_size=(3, 9, 9), out=tmp_path)
    assert found.finding.filters.kernels == 200


def test_the_same_words_give_the_same_bytes(tmp_path: Path) -> None:
    one, two = (striate.filters("classic", out=tmp_path / d).files for d in "ab")
    for a, b in zip(one, two, strict=True):
        assert a.read_bytes() == b.read_bytes()


@pytest.mark.slow
def test_a_published_network_has_gabor_filters(shared_data: Callable[[str], Path], tmp_path: Path) -> None:
    path = shared_data("squeezenet1_0-imagenet-fp16.safetensors")
    record = striate.filters("torchvision/squeezenet1_0", weights=path, out=tmp_path).finding.filters
    assert (record.layer, record.kernels, record.kernel_size) == ("features.0", 96, (7, 7))
    assert record.gabor is not None
    assert record.gabor.interval.low > 0.5
