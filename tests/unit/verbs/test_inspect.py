"""`inspect` on names, modules, files and runs: facts that add up, no memory for weights, clear refusals."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import striate
from striate.analysis.errors import InputRefused
from striate.core.layer_records import Inspection
from striate.models.errors import UnknownModel, WeightsDoNotFit


def test_the_facts_of_a_network_by_name() -> None:
    found = striate.inspect("resnet20")
    assert (found.network, found.input_size, found.parameters) == ("resnet20", (3, 32, 32), 269_722)
    assert sum(layer.parameters for layer in found.layers) == found.parameters
    assert sum(layer.multiply_adds for layer in found.layers) == found.multiply_adds
    convolutions = [layer for layer in found.layers if layer.kernel == (3, 3)]
    assert len(convolutions) == 19
    assert convolutions[-1].field.size == (81, 81)
    assert [layer.kind for layer in found.layers].count("add") == 9
    assert Inspection.from_json(found.to_json()) == found


def test_the_dense_layer_that_would_do_the_same() -> None:
    """The lesson's count: 224 x 224 x 3 numbers into 1000 are 150,528,000 weights and 1000 biases."""
    net = nn.Sequential(nn.Flatten(), nn.Linear(8, 1000))
    first = striate.inspect(nn.Sequential(nn.Conv2d(3, 1000, 224)), input_size=(3, 224, 224)).layers[0]
    assert first.dense_parameters == 150_528_000 + 1000 == first.parameters
    assert striate.inspect(net, input_size=(2, 2, 2)).layers[1].dense_parameters == 9 * 1000


def test_weights_take_no_memory_and_a_network_of_ones_own_is_left_alone(no_trace) -> None:
    assert striate.inspect("torchvision/vit_h_14", input_size=(3, 224, 224)).parameters > 600e6
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout()).train()
    with no_trace(net):
        found = striate.inspect(net, input_size=(3, 8, 8))
    assert [layer.kind for layer in found.layers] == ["Conv2d", "BatchNorm2d", "Dropout"]
    assert next(net.parameters()).device == torch.device("cpu")


def test_training_mode_is_said() -> None:
    found = striate.inspect("resnet20", training=True)
    assert found.training
    assert found.layers[-1].field.reach == "global"
    assert "statistics of the batch" in found.layers[5].field.because


def test_hints() -> None:
    hints = striate.inspect("torchvision/resnet18", input_size=(3, 32, 32)).hints
    assert hints[0] == (
        "The first 2 layers with a window shrink the 32x32 image 4-fold: a stem made for large photographs. One of stride 1 "
        "keeps the detail that small images have."
    )
    assert hints[1].startswith(
        "13 of 17 convolutions with a window, from layer1.1.conv2 on, get maps whose units could"
    )
    small = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2)
    )
    assert striate.inspect(small, input_size=(3, 32, 32)).hints == (
        "Before everything is pooled, a unit sees 3x3 of 32x32 pixels, 9.4 % of a side: larger objects are judged by their "
        "parts.",
    )


def test_a_gate_that_looked_at_everything_is_no_small_field() -> None:
    hints = striate.inspect("torchvision/regnet_y_400mf", input_size=(3, 224, 224)).hints
    assert not any("Before everything is pooled" in hint for hint in hints)


def test_a_run(quick, images) -> None:
    run = quick(images("d", ["a", "b"], 6), epochs=1, model="resnet20")
    found = striate.inspect(run)
    assert (found.network, found.input_size) == ("resnet20", (3, 16, 16))
    assert found.weights == f"best weights of the run {run.path}"
    last = striate.inspect(run.path / "weights/last.safetensors")
    assert last.weights == f"last weights of the run {run.path}"


def test_refusals(tmp_path) -> None:
    with pytest.raises(UnknownModel):
        striate.inspect("resnet18x")
    with pytest.raises(InputRefused, match="where     0 "):
        striate.inspect(nn.Sequential(nn.Conv2d(3, 4, 3)), input_size=(1, 8, 8))
    torch.save(nn.Linear(2, 2).state_dict(), tmp_path / "w.pth")
    with pytest.raises(WeightsDoNotFit):
        striate.inspect("resnet20", weights=tmp_path / "w.pth")
