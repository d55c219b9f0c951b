"""The classic stack: maps for every image size, and the first convolution of large images."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch

from striate.models.classic import Classic


@pytest.mark.parametrize(
    ("side", "maps"),
    [
        (1, [1, 1, 1, 1]),
        (3, [3, 3, 3, 3]),
        (8, [4, 2, 2, 2]),
        (28, [14, 7, 3, 3]),
        (32, [16, 8, 4, 4]),
        (64, [32, 16, 8, 8]),
        (65, [16, 8, 4, 4]),
        (224, [56, 28, 14, 14]),
    ],
)
def test_maps_shrink_as_far_as_the_image_allows(side: int, maps: list[int]) -> None:
    model = Classic(classes=5, channels=1, img_size=(side, side)).eval()
    x, seen = torch.zeros(1, 1, side, side), []
    for block in model.blocks:
        x = block(x)
        seen.append(x.shape[2])
    assert seen == maps
    assert x.shape[1] == 256


def test_the_shorter_side_decides() -> None:
    model = Classic(classes=2, img_size=(8, 100)).eval()
    assert model.blocks[0].conv.stride == (1, 1)  # type: ignore[union-attr]
    assert model(torch.zeros(1, 3, 8, 100)).shape == (1, 2)


def test_parameters_by_formula() -> None:
    widths = [3, 32, 64, 128, 256]
    convolutions = sum(9 * c * o for c, o in pairwise(widths))
    norms = 2 * sum(widths[1:])
    assert sum(p.numel() for p in Classic(classes=10).parameters()) == convolutions + norms + 257 * 10
