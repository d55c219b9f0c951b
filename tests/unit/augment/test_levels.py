"""Pixels there and back."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from striate.augment.levels import column, floats, pixels


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("channels", [1, 3])
def test_there_and_back(dtype: torch.dtype, memory_format: torch.memory_format, channels: int) -> None:
    batch = torch.arange(256).repeat(channels)[: 2 * channels * 120].view(2, channels, -1, 4)[:, :, :5]
    batch = (batch if dtype is torch.uint8 else batch / 255).to(dtype).contiguous(memory_format=memory_format)
    before = batch.clone()
    x = floats(batch)
    back = pixels(x, batch)
    assert torch.equal(back, batch)
    assert (back.dtype, back.stride()) == (dtype, batch.stride())
    x.fill_(9)
    assert torch.equal(batch, before), "a copy may be written over"


def test_rounded_and_clamped() -> None:
    values = torch.tensor([-3.0, -0.4, 0.6, 116.99999, 254.6, 300.0]).view(1, 1, 1, 6)
    whole = pixels(values.clone(), torch.zeros(1, 1, 1, 6, dtype=torch.uint8))
    assert whole.flatten().tolist() == [0, 0, 1, 117, 255, 255]
    real = pixels(values.clone(), torch.zeros(1, 1, 1, 6))
    assert real.flatten().tolist() == pytest.approx([0, 0, 0.6, 1, 1, 1])


def test_one_number_a_sample() -> None:
    beside = column(np.array([0.5, 2.0]), torch.zeros(2, 3, 4, 4))
    assert beside.shape == (2, 1, 1, 1)
    assert beside.dtype == torch.float32
