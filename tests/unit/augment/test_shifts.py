"""Shifts against padding and slicing, their distribution, and refusals in exact words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from scipy.stats import chisquare

from striate.augment.errors import TransformDoesNotFit, TransformOutOfRange
from striate.augment.shifts import PaddedCrop, Translate
from striate.augment.transform import Key

KINDS = [(PaddedCrop, {"mode": "reflect"}), (Translate, {"mode": "constant", "constant_values": 0})]


@pytest.mark.parametrize(("kind", "padding"), KINDS)
@pytest.mark.parametrize(("shape", "k"), [((3, 8, 8), 1), ((1, 6, 9), 5), ((3, 5, 5), 4), ((2, 2, 2), 1)])
def test_shift_is_padding_and_slicing(
    kind: type[PaddedCrop | Translate], padding: dict[str, Any], shape: tuple[int, int, int], k: int
) -> None:
    batch = torch.randint(1, 255, (60, *shape), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    shift = kind(k)
    draw = shift.draw(Key(1, 2), np.arange(60), shape)
    _, height, width = shape
    assert np.unique(draw["di"]).size > 1
    for before, after, di, dj in zip(batch, shift.apply(batch, draw), draw["di"], draw["dj"], strict=True):
        padded = np.pad(before.numpy(), ((0, 0), (k, k), (k, k)), **padding)
        assert np.array_equal(after.numpy(), padded[:, k + di : k + di + height, k + dj : k + dj + width])


@pytest.mark.parametrize("k", [1, 4])
def test_every_pair_of_shifts_is_equally_likely(k: int) -> None:
    draw = PaddedCrop(k).draw(Key(0, 0), np.arange(40_000), (3, 32, 32))
    cells = (draw["di"] + k) * (2 * k + 1) + draw["dj"] + k
    counts = np.bincount(cells, minlength=(2 * k + 1) ** 2)
    assert counts.size == (2 * k + 1) ** 2
    assert chisquare(counts).pvalue > 1e-4


@pytest.mark.parametrize(
    ("size", "k"), [((32, 32), 4), ((8, 8), 1), ((28, 28), 3), ((224, 300), 28), ((2, 9), 1)]
)
def test_without_a_number_an_eighth_of_the_shorter_side(size: tuple[int, int], k: int) -> None:
    assert PaddedCrop().fit((3, *size)) == PaddedCrop(k)
    rows = np.arange(30)
    relative = PaddedCrop().draw(Key(0, 0), rows, (3, *size))
    absolute = PaddedCrop(k).draw(Key(0, 0), rows, (3, *size))
    assert all(np.array_equal(relative[name], absolute[name]) for name in absolute)


@pytest.mark.parametrize("number", [0.0, 2.5])
def test_out_of_range(number: float) -> None:
    with pytest.raises(TransformOutOfRange) as refusal:
        Translate.of(number)
    assert str(refusal.value) == (
        "the number of translate is the largest shift in pixels [transform-out-of-range]\n"
        f"  got       translate{number:g}\n"
        "  expected  a whole number, 1 or more\n"
        "  next      translate alone takes it off the image's size"
    )


def test_larger_than_the_image() -> None:
    assert PaddedCrop(7).fit((3, 8, 20)) == PaddedCrop(7)
    with pytest.raises(TransformDoesNotFit) as refusal:
        PaddedCrop(8).fit((3, 8, 20))
    assert str(refusal.value) == (
        "crop shifts by more than the image has [transform-does-not-fit]\n"
        "  got       crop8 on colour images of 8x20 pixels\n"
        "  expected  crop1 to crop7\n"
        "  next      crop alone shifts by up to an eighth of the image"
    )


def test_one_pixel_cannot_be_shifted() -> None:
    with pytest.raises(TransformDoesNotFit) as refusal:
        Translate().fit((1, 1, 20))
    assert str(refusal.value) == (
        "translate shifts by more than the image has [transform-does-not-fit]\n"
        "  got       translate on grey images of 1x20 pixels\n"
        "  expected  images of at least 2 pixels a side"
    )
