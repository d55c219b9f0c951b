"""Flips against NumPy's, the share of images they mirror, and refusals in exact words."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy.stats import binomtest

from striate.augment.errors import TransformOutOfRange
from striate.augment.flips import AlternatingFlip, HorizontalFlip, VerticalFlip
from striate.augment.transform import Key

SHAPE = (3, 5, 4)


@pytest.mark.parametrize(("kind", "axis"), [(HorizontalFlip, 2), (VerticalFlip, 1)])
def test_flip_is_numpys(kind: type[HorizontalFlip | VerticalFlip], axis: int) -> None:
    batch = torch.randint(0, 255, (40, *SHAPE), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    flip = kind()
    draw = flip.draw(Key(0, 0), np.arange(40), SHAPE)
    mirrored = draw["on"]
    assert 5 < mirrored.sum() < 35
    for before, after, is_mirrored in zip(batch, flip.apply(batch, draw), mirrored, strict=True):
        wanted = np.flip(before.numpy(), axis) if is_mirrored else before.numpy()
        assert np.array_equal(after.numpy(), wanted)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9, 1.0])
def test_the_share_of_mirrored_images(p: float) -> None:
    draw = HorizontalFlip(p=p).draw(Key(0, 0), np.arange(20_000), SHAPE)
    assert binomtest(int(draw["on"].sum()), 20_000, p).pvalue > 1e-4


@pytest.mark.parametrize(
    ("p", "text"), [(None, "flip"), (0.5, "flip"), (0.3, "flip@0.3"), (1.0, "flip@1"), (0.125, "flip@0.125")]
)
def test_text(p: float | None, text: str) -> None:
    assert HorizontalFlip.of(p=p).text == text


@pytest.mark.parametrize("p", [0.0, 1.01, 4.0])
def test_out_of_range(p: float) -> None:
    with pytest.raises(TransformOutOfRange) as refusal:
        VerticalFlip.of(p=p)
    assert str(refusal.value) == (
        "what follows @ is the share of images that a transform happens to [transform-out-of-range]\n"
        f"  got       vflip@{p:g}\n"
        "  expected  above 0, up to 1\n"
        "  next      vflip alone means vflip@0.5"
    )


@pytest.mark.parametrize(
    ("number", "advice"), [(0.3, "for a share of the images: flip@0.3"), (4.0, "flip alone")]
)
def test_a_flip_takes_no_number(number: float, advice: str) -> None:
    with pytest.raises(TransformOutOfRange) as refusal:
        HorizontalFlip.of(number)
    assert refusal.value.got == f"flip{number:g}"
    assert refusal.value.next_step == advice


def test_alternating_takes_turns_and_begins_with_half() -> None:
    rows = np.arange(20_000)
    drawn = [AlternatingFlip().draw(Key(3, epoch, "s"), rows, SHAPE)["on"] for epoch in range(6)]
    assert binomtest(int(drawn[0].sum()), 20_000, 0.5).pvalue > 1e-4
    for before, after in pairwise(drawn):
        assert np.array_equal(before, ~after)
    assert not np.array_equal(drawn[0], AlternatingFlip().draw(Key(4, 0, "s"), rows, SHAPE)["on"])


def test_alternating_has_no_share() -> None:
    assert AlternatingFlip.of(p=0.5).text == "altflip"
    with pytest.raises(TransformOutOfRange) as refusal:
        AlternatingFlip.of(p=0.3)
    assert refusal.value.next_step == "altflip alone, or flip@0.3"
    assert AlternatingFlip().always() == HorizontalFlip(p=1.0)
