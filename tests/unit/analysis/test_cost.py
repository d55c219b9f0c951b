"""Costs equal torch's own counts and counts by hand."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from striate.analysis.cost import activation_bytes, depending, multiply_adds, parameter_count
from striate.analysis.trace import walk
from striate.models import build

NETS = {
    "resnet20": (lambda: build("resnet20", classes=10), (3, 32, 32)),
    "swin": (lambda: build("torchvision/swin_t", classes=9, img_size=64), (3, 64, 64)),
    "vit": (lambda: build("torchvision/vit_b_32", classes=9, img_size=224), (3, 224, 224)),
    "grouped, transposed, 1-d": (
        lambda: nn.Sequential(nn.Conv1d(4, 8, 3, groups=2), nn.ConvTranspose1d(8, 6, 4, 2, groups=2)),
        (4, 20),
    ),
    "transposed": (lambda: nn.ConvTranspose2d(3, 5, 3, 2, 1, output_padding=1), (3, 9, 7)),
}


@pytest.mark.parametrize("name", NETS)
def test_multiply_adds_are_half_of_the_flops_that_torch_counts(name: str) -> None:
    build_net, size = NETS[name]
    net = build_net().eval()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        net(torch.zeros(1, *size))
    assert 2 * sum(map(multiply_adds, walk(net, size).operations)) == counter.get_total_flops() > 0


def test_parameters_are_counted_once_where_they_are_shared() -> None:
    conv = nn.Conv2d(1, 1, 3)
    assert parameter_count(nn.Sequential(conv, conv)) == 10


def test_activations_are_new_memory_that_depends_on_the_image() -> None:
    net = nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(32, 3))
    walked = walk(net, (1, 4, 4))
    assert activation_bytes(walked.operations, depending(walked)) == 4 * (2 * 16 + 3)
    net[1] = nn.ReLU()
    walked = walk(net, (1, 4, 4))
    assert activation_bytes(walked.operations, depending(walked)) == 4 * (2 * 16 + 2 * 16 + 3)
    walked = walk(net.double(), (1, 4, 4))
    assert activation_bytes(walked.operations, depending(walked)) == 8 * (2 * 16 + 2 * 16 + 3)
