"""The blocks: shapes, shortcuts, norms, initial variance."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from striate.models.blocks import (
    ACTIVATIONS,
    NORMS,
    BasicBlock,
    ConvBlock,
    PadShortcut,
    activation_layer,
    dropout_layer,
    he_init,
    norm_layer,
)
from striate.models.catalogue import CHOICES


def test_the_catalogue_offers_what_the_blocks_have() -> None:
    assert CHOICES["activation"] == tuple(ACTIVATIONS)
    assert CHOICES["norm"] == NORMS


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_do_not_work_in_place(name: str) -> None:
    x = torch.linspace(-2, 2, 9)
    before = x.clone()
    activation_layer(name)(x)
    assert torch.equal(x, before)


@pytest.mark.parametrize(
    ("channels", "groups"), [(16, 4), (32, 8), (64, 16), (128, 32), (512, 32), (3, 1), (6, 1), (100, 25)]
)
def test_group_norm_has_32_groups_or_at_least_4_channels_in_each(channels: int, groups: int) -> None:
    layer = norm_layer("group", channels)
    assert isinstance(layer, nn.GroupNorm)
    assert layer.num_groups == groups


def test_no_norm_means_a_bias_instead() -> None:
    assert ConvBlock(3, 8, stride=1, pool=False, activation="relu", norm="none").conv.bias is not None
    assert ConvBlock(3, 8, stride=1, pool=False, activation="relu", norm="batch").conv.bias is None


def test_no_dropout_is_no_layer() -> None:
    assert isinstance(dropout_layer(0.0), nn.Identity)
    layer = dropout_layer(0.3)
    assert isinstance(layer, nn.Dropout)
    assert layer.p == 0.3


def test_the_pad_shortcut_copies_every_second_pixel_between_zero_channels() -> None:
    x = torch.arange(2 * 4 * 5 * 5, dtype=torch.float32).view(2, 4, 5, 5)
    out = PadShortcut(4, 9, 2)(x)
    assert out.shape == (2, 9, 3, 3)
    assert torch.equal(out[:, 2:6], x[:, :, [0, 2, 4]][:, :, :, [0, 2, 4]])
    assert not out[:, :2].any()
    assert not out[:, 6:].any()


def test_the_pad_shortcut_keeps_channels_last() -> None:
    x = torch.zeros(2, 16, 8, 8).contiguous(memory_format=torch.channels_last)
    assert PadShortcut(16, 32, 2)(x).is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("option", ["A", "B"])
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("side", [1, 7, 8])
def test_a_striding_block_halves_the_map_rounding_up(option: str, norm: str, side: int) -> None:
    block = BasicBlock(8, 16, stride=2, option=option, norm=norm)  # type: ignore[arg-type]
    assert block(torch.zeros(2, 8, side, side)).shape == (2, 16, -(-side // 2), -(-side // 2))


def test_the_shortcut_is_added_before_the_last_activation() -> None:
    block = BasicBlock(4, 4)
    nn.init.zeros_(block.bn2.weight)  # type: ignore[arg-type]
    x = torch.randn(2, 4, 6, 6, generator=torch.Generator().manual_seed(0))
    assert torch.equal(block(x), x.relu())


def test_without_skip_the_input_is_not_added() -> None:
    block = BasicBlock(4, 4, skip=False)
    nn.init.zeros_(block.bn2.weight)  # type: ignore[arg-type]
    assert not block(torch.ones(2, 4, 6, 6)).any()


def test_he_init_has_the_declared_variance() -> None:
    torch.manual_seed(0)
    conv = nn.Conv2d(64, 128, 3)
    he_init(conv)
    wanted = 2 / (128 * 9)
    # The variance of n normal draws is off by sqrt(2 / n) on average: n = 73,728, so 5 of those are 2.6 %.
    assert abs(conv.weight.var().item() / wanted - 1) < 0.026
    assert not conv.bias.any()
