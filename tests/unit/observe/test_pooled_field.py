"""The field on the last map of networks whose answer is known by hand."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from striate.analysis.trace import walk
from striate.observe.pooled_field import pooled_field

FEW = lambda: (nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 4, 3, stride=2), nn.BatchNorm2d(4))


class Gate(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * x.mean((2, 3), keepdim=True).sigmoid()


class Attention(nn.Module):
    """Of all positions to all, by hand."""

    def forward(self, x: Tensor) -> Tensor:
        tokens = x.flatten(2)
        weights = (tokens.transpose(1, 2) @ tokens).softmax(-1)
        return (tokens @ weights).mean(2)


class Odd(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.linalg.svdvals(x.mean(1))


@pytest.mark.parametrize(
    ("head", "size", "pooled"),
    [
        ((nn.AdaptiveAvgPool2d(1), nn.Flatten()), (5, 5), True),
        ((nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(4, 3)), (5, 5), True),
        ((nn.Flatten(), nn.Dropout(), nn.Linear(144, 3)), (5, 5), False),
        ((nn.GroupNorm(2, 4), nn.Conv2d(4, 4, 2), nn.AvgPool2d(5)), (7, 7), True),
        ((nn.Conv2d(4, 3, 6), nn.Flatten()), (5, 5), False),
        ((nn.Flatten(),), (5, 5), None),
        ((Gate(), nn.AdaptiveAvgPool2d(1)), None, True),
        ((Attention(),), None, None),
        ((Odd(),), None, None),
    ],
    ids=["mean", "largest", "flat", "norm", "as a convolution", "no head", "gate", "attention", "no rule"],
)
def test_size_and_head(
    head: tuple[nn.Module, ...], size: tuple[int, int] | None, pooled: bool | None
) -> None:
    found = pooled_field(walk(nn.Sequential(*FEW(), *head), (3, 16, 16)))
    assert (found.size, found.pooled) == (size, pooled)


def test_no_map_no_field() -> None:
    assert pooled_field(walk(nn.Sequential(nn.Flatten(), nn.Linear(12, 2)), (12, 1, 1))) == (None, None)
