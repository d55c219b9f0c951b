"""Erasing against a loop over the images, its boxes against their distribution, and refusals in exact words."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import binomtest, chisquare, kstest, pearsonr

from striate.augment.erasing import Cutout, RandomErasing
from striate.augment.errors import TransformDoesNotFit, TransformOutOfRange
from striate.augment.policy import parse
from striate.augment.transform import Draw, Key

MANY = np.arange(20_000)
SHAPES = [(3, 8, 8), (1, 6, 9), (3, 2, 3), (1, 1, 1), (4, 1, 5)]
FORMATS = [torch.contiguous_format, torch.channels_last]
GOLDEN = 0x9E3779B97F4A7C15


def images(n: int, shape: tuple[int, ...], dtype: torch.dtype = torch.uint8) -> torch.Tensor:
    values = torch.randint(0, 256, (n, *shape), generator=torch.Generator().manual_seed(n + sum(shape)))
    return values.to(dtype) / 255 if dtype.is_floating_point else values.to(dtype)


def noise(word: int, pixel: int) -> float:
    """24 bits of SplitMix64, in whole numbers of any size."""
    z = (word + (pixel + 1) * GOLDEN) % 2**64
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) % 2**64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) % 2**64
    return ((z ^ (z >> 31)) >> 40) / 2**24


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32, torch.bfloat16])
@pytest.mark.parametrize("memory_format", FORMATS)
@pytest.mark.parametrize("shape", SHAPES)
def test_cutout_is_a_square_of_the_mean(
    shape: tuple[int, ...], memory_format: torch.memory_format, dtype: torch.dtype
) -> None:
    batch = images(40, shape, dtype).contiguous(memory_format=memory_format)
    cut = Cutout.of(min(3, *shape[1:]), 0.5)
    draw = cut.draw(Key(0, 0), np.arange(40), shape)
    out, before = cut.apply(batch, draw), batch.clone()
    for n in range(40):
        wanted = batch[n].double().numpy()
        mean = wanted.mean((1, 2), keepdims=True)
        if draw["on"][n]:
            top, bottom, left, right = draw["box"][n]
            wanted[:, top:bottom, left:right] = np.round(mean) if dtype == torch.uint8 else mean
        assert torch.equal(out[n], torch.from_numpy(wanted).to(dtype))
    assert torch.equal(batch, before)
    assert out.stride() == batch.stride()


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32, torch.bfloat16])
@pytest.mark.parametrize("memory_format", FORMATS)
@pytest.mark.parametrize("shape", SHAPES)
def test_erasing_is_a_box_of_noise(
    shape: tuple[int, ...], memory_format: torch.memory_format, dtype: torch.dtype
) -> None:
    batch = images(30, shape, dtype).contiguous(memory_format=memory_format)
    erase, (_, H, W) = RandomErasing(), shape
    draw = erase.draw(Key(0, 0), np.arange(30), shape)
    out, before = erase.apply(batch, draw), batch.clone()
    wanted = batch.clone()
    for n in np.flatnonzero(draw["on"]):
        top, bottom, left, right = draw["box"][n]
        for c, i, j in np.ndindex(*shape):
            if top <= i < bottom and left <= j < right:
                u = noise(int(draw["word"][n]), c * H * W + i * W + j)
                wanted[n, c, i, j] = int(u * 256) if dtype == torch.uint8 else u
    assert torch.equal(out, wanted)
    assert torch.equal(batch, before)
    assert out.stride() == batch.stride()
    assert 0 < draw["on"].sum() < 30


def test_the_mean_is_exact_however_large_the_image() -> None:
    """The float32 sum of so many whole numbers would no longer be exact."""
    batch = torch.full((1, 1, 1500, 1500), 254, dtype=torch.uint8)
    batch[0, 0, ::2] = 255  # mean 254.5, which rounds to the even 254
    batch[0, 0, 1, 0] = 255  # and just above
    draw: Draw = {"on": np.array([True]), "box": np.array([[3, 4, 0, 1]])}
    assert Cutout(1).apply(batch, draw)[0, 0, 3, 0] == 255


def test_a_strided_view() -> None:
    batch = images(8, (3, 12, 10))[::2, :, 1:9, ::2]
    cut = Cutout(3)
    draw = cut.draw(Key(0, 0), np.arange(4), (3, 8, 5))
    assert torch.equal(cut.apply(batch, draw), cut.apply(batch.contiguous(), draw))


# -- draws ---------------------------------------------------------------------------------------------------------


def test_centres_are_uniform_over_all_pixels() -> None:
    top, bottom, left, right = Cutout(1).draw(Key(0, 0), MANY, (3, 9, 13))["box"].T
    assert ((bottom - top == 1) & (right - left == 1)).all()
    assert chisquare(np.bincount(top * 13 + left, minlength=9 * 13)).pvalue > 1e-4


@pytest.mark.parametrize("side", [2, 3, 4, 5, 6])
def test_every_centre_makes_one_box(side: int) -> None:
    box = Cutout(side).draw(Key(0, 1), MANY, (3, 6, 7))["box"]
    pairs = [(max(c - side // 2, 0), min(c - side // 2 + side, size)) for size in (6, 7) for c in range(size)]
    wanted: dict[tuple[int, ...], int] = {}
    for rows in pairs[:6]:
        for columns in pairs[6:]:
            wanted[*rows, *columns] = wanted.get((*rows, *columns), 0) + 1
    found, counts = np.unique(box, axis=0, return_counts=True)
    assert {tuple(int(v) for v in row) for row in found} == set(wanted)
    expected = np.array([wanted[tuple(int(v) for v in row)] for row in found]) / 42 * len(MANY)
    assert chisquare(counts, expected).pvalue > 1e-4


@pytest.mark.parametrize(
    ("size", "side"), [((32, 32), 8), ((28, 40), 7), ((3, 9), 1), ((1, 1), 1), ((224, 224), 56)]
)
def test_without_a_number_a_quarter_of_the_shorter_side(size: tuple[int, int], side: int) -> None:
    shape = (3, *size)
    assert Cutout().fit(shape) == Cutout(side)
    drawn, written = (c.draw(Key(0, 0), MANY[:50], shape)["box"] for c in (Cutout(), Cutout(side)))
    assert np.array_equal(drawn, written)


@pytest.mark.parametrize("s", [0.05, 0.3])
def test_erased_areas_aspects_and_places(s: float) -> None:
    """Of images so large that whole pixels do not matter; with s 3.3 < 1 no box is cut down."""
    size = 4000
    top, bottom, left, right = RandomErasing.of(s).draw(Key(0, 0), MANY, (3, size, size))["box"].T
    height, width = bottom - top, right - left
    area, aspect = height * width / size**2, np.log(height / width)
    assert kstest(area, "uniform", (0.02, s - 0.02)).pvalue > 1e-4
    assert kstest(aspect, "uniform", (np.log(0.3), np.log(3.3 / 0.3))).pvalue > 1e-4
    assert kstest(top / (size - height), "uniform").pvalue > 1e-4
    assert kstest(left / (size - width), "uniform").pvalue > 1e-4
    for a, b in ((area, aspect), (top / (size - height), left / (size - width))):
        assert pearsonr(a, b).pvalue > 1e-4


def test_every_place_of_a_small_box_is_equally_likely() -> None:
    top, bottom, left, right = RandomErasing(0.1).draw(Key(0, 0), MANY, (3, 6, 6))["box"].T
    single = (bottom - top == 1) & (right - left == 1)
    assert single.sum() > 3000
    assert chisquare(np.bincount((top * 6 + left)[single], minlength=36)).pvalue > 1e-4


@pytest.mark.parametrize("shape", [(3, 32, 32), (1, 3, 50), (1, 1, 1), (3, 2, 3)])
@pytest.mark.parametrize("s", [0.021, 0.33, 1.0])
def test_boxes_are_inside_the_image_and_never_empty(shape: tuple[int, ...], s: float) -> None:
    top, bottom, left, right = RandomErasing.of(s).draw(Key(0, 0), MANY, shape)["box"].T
    assert min(top.min(), left.min()) >= 0
    assert bottom.max() <= shape[1]
    assert right.max() <= shape[2]
    assert min((bottom - top).min(), (right - left).min()) >= 1


@pytest.mark.parametrize(
    ("transform", "p"), [(RandomErasing(), 0.5), (RandomErasing(p=0.2), 0.2), (Cutout(2), 1.0)]
)
def test_the_share_of_erased_images(transform: RandomErasing | Cutout, p: float) -> None:
    on = transform.draw(Key(0, 0), MANY, (3, 8, 8))["on"]
    assert binomtest(int(on.sum()), len(MANY), p).pvalue > 1e-4


def test_erased_pixels_are_of_every_level_equally_often() -> None:
    erase, shape = RandomErasing(1.0, 1.0), (3, 16, 16)
    batch = torch.zeros(400, *shape, dtype=torch.uint8)
    draw = {**erase.draw(Key(0, 0), np.arange(400), shape), "box": np.tile([0, 16, 0, 16], (400, 1))}
    out = erase.apply(batch, draw).numpy()
    assert chisquare(np.bincount(out.ravel(), minlength=256)).pvalue > 1e-4
    flat = out.reshape(400, -1).astype(float)
    assert pearsonr(flat[:, :-1].ravel(), flat[:, 1:].ravel()).pvalue > 1e-4
    assert pearsonr(flat[:-1].ravel(), flat[1:].ravel()).pvalue > 1e-4
    again = erase.draw(Key(0, 1), np.arange(400), shape)
    assert not (again["word"] == draw["word"]).any()


def test_boxes_tell_nothing_about_the_noise_nor_who_is_erased() -> None:
    draw = RandomErasing().draw(Key(0, 0), MANY, (3, 64, 64))
    word = draw["word"].astype(np.float64)
    for column in (*draw["box"].T, draw["on"]):
        assert pearsonr(word, column.astype(float)).pvalue > 1e-4
    assert all(pearsonr(draw["on"].astype(float), column).pvalue > 1e-4 for column in draw["box"].T)


# -- numbers -------------------------------------------------------------------------------------------------------


def test_a_square_larger_than_the_image() -> None:
    assert parse("cutout20", shape=(3, 20, 24)).text == "cutout20"
    with pytest.raises(TransformDoesNotFit) as refusal:
        parse("flip+cutout21", shape=(1, 20, 24))
    assert str(refusal.value) == (
        "cutout wipes out more than the image [transform-does-not-fit]\n"
        "  got       cutout21 on grey images of 20x24 pixels\n"
        "  expected  cutout1 to cutout20\n"
        "  next      cutout alone takes a quarter of the shorter side"
    )


@pytest.mark.parametrize("text", ["cutout0", "cutout2.5"])
def test_cutout_out_of_range(text: str) -> None:
    with pytest.raises(TransformOutOfRange) as refusal:
        parse(text)
    assert str(refusal.value) == (
        "the number of cutout is the side of the square in pixels [transform-out-of-range]\n"
        f"  got       {text}\n"
        "  expected  a whole number, 1 or more\n"
        "  next      cutout alone takes it off the image's size"
    )


@pytest.mark.parametrize("text", ["erasing0.02", "erasing0", "erasing1.1"])
def test_erasing_out_of_range(text: str) -> None:
    with pytest.raises(TransformOutOfRange) as refusal:
        parse(text)
    assert str(refusal.value) == (
        "the number of erasing is the largest share of the area that is erased [transform-out-of-range]\n"
        f"  got       {text}\n"
        "  expected  above 0.02, up to 1\n"
        "  next      erasing alone means erasing0.33"
    )


def test_text() -> None:
    assert parse("erasing+cutout", shape=(3, 32, 32)).text == "erasing0.33+cutout8"
    assert parse("erasing@0.25+cutout@0.5").text == "erasing@0.25+cutout@0.5"
