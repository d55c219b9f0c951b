"""Flips against NumPy's, the share of images they mirror, and refusals in exact words."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import binomtest

from striate.augment.errors import TransformOutOfRange
from striate.augment.flips import HorizontalFlip, VerticalFlip
from striate.augment.transform import Key

SHAPE = (3, 5, 4)


@pytest.mark.parametrize(("kind", "axis"), [(HorizontalFlip, 2), (VerticalFlip, 1)])
def test_flip_is_numpys(kind: type[HorizontalFlip | VerticalFlip], axis: int) -> None:
    batch = torch.randint(0, 255, (40, *SHAPE), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    flip = kind()
    draw = flip.draw(Key(0, 0), np.arange(40), SHAPE)
    mirrored = draw["mirrored"]
    assert 5 < mirrored.sum() < 35
    for before, after, is_mirrored in zip(batch, flip.apply(batch, draw), mirrored, strict=True):
        wanted = np.flip(before.numpy(), axis) if is_mirrored else before.numpy()
        assert np.array_equal(after.numpy(), wanted)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9, 1.0])
def test_the_share_of_mirrored_images(p: float) -> None:
    draw = HorizontalFlip(p).draw(Key(0, 0), np.arange(20_000), SHAPE)
    assert binomtest(int(draw["mirrored"].sum()), 20_000, p).pvalue > 1e-4


@pytest.mark.parametrize(
    ("number", "text"),
    [(None, "flip"), (0.5, "flip"), (0.3, "flip0.3"), (1.0, "flip1"), (0.125, "flip0.125")],
)
def test_text(number: float | None, text: str) -> None:
    assert HorizontalFlip.from_number(number).text == text


@pytest.mark.parametrize("number", [0.0, 1.01, 4.0])
def test_out_of_range(number: float) -> None:
    with pytest.raises(TransformOutOfRange) as refusal:
        VerticalFlip.from_number(number)
    assert str(refusal.value) == (
        "the number of vflip is the share of images it mirrors [transform-out-of-range]\n"
        f"  got       vflip{number:g}\n"
        "  expected  above 0, up to 1\n"
        "  next      vflip alone mirrors half of them"
    )
