"""Colour against torchvision's kernels image by image, what is drawn against its distribution, and refusals in exact words."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, kstest

from striate.augment.catalogue import SYNONYMS, TRANSFORMS
from striate.augment.colour import (
    Brightness,
    Contrast,
    Grayscale,
    Hue,
    Saturation,
    brightened,
    contrasted,
    grey,
    saturated,
    turned,
)
from striate.augment.errors import TransformDoesNotFit, TransformOutOfRange
from striate.augment.transform import Draw, ImageTransform, Key

Gallery = Callable[..., torch.Tensor]
FACTORS = np.concatenate([[0.0, 1.0, 2.0, 0.5, 1.5], np.random.default_rng(0).uniform(0, 2, 15)])
SHIFTS = np.concatenate([[0.0, 0.5, -0.5, 1 / 6, -1 / 3], np.random.default_rng(1).uniform(-0.5, 0.5, 15)])
SIZES = [(32, 32), (17, 9), (2, 3), (1, 1)]
CASES = {
    "adjust_brightness": (brightened, FACTORS),
    "adjust_contrast": (contrasted, FACTORS),
    "adjust_saturation": (saturated, FACTORS),
    "adjust_hue": (turned, SHIFTS),
}
KINDS: list[type[ImageTransform]] = [Brightness, Contrast, Saturation, Hue, Grayscale]


def by_image(function: Callable[..., torch.Tensor], batch: torch.Tensor, numbers: np.ndarray) -> torch.Tensor:
    return torch.stack([function(image, float(number)) for image, number in zip(batch, numbers, strict=True)])


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("channels", [1, 3])
def test_floats_are_torchvisions(
    name: str, size: tuple[int, int], channels: int, oracle: ModuleType, gallery: Gallery
) -> None:
    """To 3e-6 of white: rounding of float32 in a few steps, in another order."""
    function, numbers = CASES[name]
    batch = gallery(channels, *size, torch.float32)
    out = function(batch, numbers)
    assert torch.isfinite(out).all()
    torch.testing.assert_close(out, by_image(getattr(oracle, name), batch, numbers), rtol=0, atol=3e-6)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("channels", [1, 3])
def test_whole_numbers_are_torchvisions_rounded(
    name: str, size: tuple[int, int], channels: int, oracle: ModuleType, gallery: Gallery
) -> None:
    """Half a level from torchvision's floats. Of its own whole numbers 1 level, as it cuts off where we round; 2 where the factor
    of a blend is far from 1, as it cuts off the luma as well, and that error is multiplied by 1 - factor.
    """
    function, numbers = CASES[name]
    batch, real = gallery(channels, *size), gallery(channels, *size, torch.float32)
    out = function(batch, numbers).float()
    theirs = getattr(oracle, name)
    assert (out - 255 * by_image(theirs, real, numbers)).abs().max() <= 0.501
    apart = (out - by_image(theirs, batch, numbers).float()).abs().amax((1, 2, 3)).numpy()
    blend = name in ("adjust_contrast", "adjust_saturation")
    assert (apart <= np.where(blend & (np.abs(1 - numbers) > 0.5), 2, 1)).all()


@pytest.mark.parametrize("size", SIZES)
def test_grey_is_torchvisions(size: tuple[int, int], oracle: ModuleType, gallery: Gallery) -> None:
    real, whole = gallery(3, *size, torch.float32), gallery(3, *size)
    wanted = oracle.rgb_to_grayscale(real, num_output_channels=3)
    torch.testing.assert_close(grey(real), wanted, rtol=0, atol=1e-6)
    assert (grey(whole).float() - 255 * wanted).abs().max() <= 0.501
    apart = grey(whole).float() - oracle.rgb_to_grayscale(whole, num_output_channels=3).float()
    assert apart.abs().max() <= 1


def test_grey_pixels_stay_what_they_are(gallery: Gallery) -> None:
    """torchvision, which cuts off, makes them darker by one: the weights of red, green and blue add up to 0.9999."""
    pixels = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16).expand(1, 3, 16, 16)
    assert torch.equal(grey(pixels), pixels)
    for shift in (0.1, -0.5):
        assert torch.equal(turned(pixels, np.array([shift])), pixels)
    for factor in (0.0, 0.3, 2.0):
        assert torch.equal(saturated(pixels, np.array([factor])), pixels)


@pytest.mark.parametrize("level", [0, 1, 117, 254, 255])
def test_contrast_leaves_a_constant_image_alone(level: int) -> None:
    batch = torch.full((40, 1, 7, 5), level, dtype=torch.uint8)
    assert torch.equal(contrasted(batch, np.linspace(0, 2, 40)), batch)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32, torch.bfloat16])
@pytest.mark.parametrize("function", [brightened, contrasted, saturated])
def test_factor_one_leaves_pixels_exactly(
    function: Callable[..., torch.Tensor], dtype: torch.dtype, gallery: Gallery
) -> None:
    batch = gallery(3, 9, 8, dtype)
    assert torch.equal(function(batch, np.ones(len(batch))), batch)


def test_no_shift_and_six_sixths_leave_hues(gallery: Gallery) -> None:
    whole, real, none = gallery(3, 9, 8), gallery(3, 9, 8, torch.float32), np.zeros(20)
    assert torch.equal(turned(whole, none), whole)
    torch.testing.assert_close(turned(real, none), real, rtol=0, atol=1e-6)
    torch.testing.assert_close(turned(turned(real, none + 0.5), none + 0.5), real, rtol=0, atol=2e-6)


def test_a_third_of_the_circle_moves_the_channels_on(gallery: Gallery) -> None:
    whole = gallery(3, 9, 8)
    assert torch.equal(turned(whole, np.full(20, 1 / 3)), whole.roll(1, dims=1))
    assert torch.equal(turned(whole, np.full(20, -1 / 3)), whole.roll(-1, dims=1))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_neighbours_and_layout_change_no_bit(
    kind: type[ImageTransform], dtype: torch.dtype, gallery: Gallery
) -> None:
    batch = gallery(3, 13, 11, dtype)
    draw = kind(p=1.0).draw(Key(0, 0), np.arange(20), (3, 13, 11))
    whole = kind().apply(batch, draw)
    for rows in (slice(0, 1), slice(3, 10), slice(10, 20)):
        part: Draw = {name: values[rows] for name, values in draw.items()}
        assert torch.equal(kind().apply(batch[rows], part), whole[rows])
    other = kind().apply(batch.contiguous(memory_format=torch.channels_last), draw)
    assert torch.equal(other, whole)
    assert other.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("kind", [Brightness, Contrast, Saturation])
@pytest.mark.parametrize("s", [0.05, 0.3, 1.0])
def test_factors_are_uniform(kind: type[ImageTransform], s: float) -> None:
    factor = kind(s).draw(Key(0, 0), np.arange(20_000), (3, 8, 8))["factor"]
    assert kstest(factor, "uniform", (1 - s, 2 * s)).pvalue > 1e-4
    assert factor.min() >= 1 - s
    assert factor.max() <= 1 + s


@pytest.mark.parametrize("s", [0.02, 0.1, 0.5])
def test_shifts_of_hue_are_uniform(s: float) -> None:
    shift = Hue(s).draw(Key(0, 0), np.arange(20_000), (3, 8, 8))["shift"]
    assert kstest(shift, "uniform", (-s, 2 * s)).pvalue > 1e-4


@pytest.mark.parametrize(("kind", "p"), [(Grayscale, None), (Grayscale, 0.7), (Hue, 0.4)])
def test_share(kind: type[ImageTransform], p: float | None) -> None:
    draw = kind(p=p).draw(Key(0, 0), np.arange(20_000), (3, 8, 8))
    assert binomtest(int(draw["on"].sum()), 20_000, p or 0.2).pvalue > 1e-4


def test_who_it_happens_to_says_nothing_about_the_factor() -> None:
    draw = Brightness(p=0.5).draw(Key(0, 0), np.arange(20_000), (3, 8, 8))
    assert kstest(draw["factor"][draw["on"]], "uniform", (0.7, 0.6)).pvalue > 1e-4


@given(
    kind=st.sampled_from(KINDS),
    share=st.floats(0.001, 1.0),
    channels=st.sampled_from([1, 3]),
    size=st.tuples(st.integers(1, 6), st.integers(1, 6)),
    dtype=st.sampled_from([torch.uint8, torch.float32, torch.bfloat16, torch.float16]),
    seed=st.integers(0, 1000),
)
def test_always_pixels(
    kind: type[ImageTransform],
    share: float,
    channels: int,
    size: tuple[int, int],
    dtype: torch.dtype,
    seed: int,
) -> None:
    batch = torch.rand(5, channels, *size, generator=torch.Generator().manual_seed(seed))
    # Most pixels at the ends of the scale, where things are cut off.
    batch = ((batch - 0.5) * 3 + 0.5).clamp(0, 1)
    batch = (batch * 255).to(dtype) if dtype is torch.uint8 else batch.to(dtype)
    transform = kind(share * kind.takes.high if kind.takes else None, 1.0)
    out = transform.apply(batch, transform.draw(Key(seed, 0), np.arange(5), (channels, *size)))
    assert torch.isfinite(out).all()
    assert out.min() >= 0
    assert out.max() <= (255 if dtype is torch.uint8 else 1)
    assert (out.shape, out.dtype, out.stride()) == (batch.shape, dtype, batch.stride())


def test_brightness_of_any_number_of_channels() -> None:
    assert Brightness().fit((5, 8, 8)) == Brightness(0.3)
    out = Brightness(0.5).apply(
        torch.ones(2, 5, 3, 3), {"on": np.ones(2, bool), "factor": np.array([0.5, 1.5])}
    )
    assert out[0].unique().tolist() == [0.5]
    assert out[1].unique().tolist() == [1.0]


@pytest.mark.parametrize("kind", [Saturation, Hue, Grayscale])
def test_grey_images_are_refused_where_nothing_would_change(kind: type[ImageTransform]) -> None:
    with pytest.raises(TransformDoesNotFit) as refusal:
        kind().fit((1, 28, 20))
    assert str(refusal.value) == (
        f"{kind.name} changes nothing here: these images are grey [transform-does-not-fit]\n"
        f"  got       {kind.name} on grey images of 28x20 pixels\n"
        "  expected  images of 3 channels\n"
        "  next      leave it out, or --channels 3"
    )


@pytest.mark.parametrize(
    ("kind", "expected"), [(Contrast, "images of 1 or 3 channels"), (Hue, "images of 3 channels")]
)
def test_other_channels_are_refused(kind: type[ImageTransform], expected: str) -> None:
    with pytest.raises(TransformDoesNotFit) as refusal:
        kind().fit((4, 8, 8))
    assert refusal.value.what == f"{kind.name} does not know which channels are red, green and blue"
    assert refusal.value.expected == expected


@pytest.mark.parametrize(
    ("kind", "number", "expected"),
    [
        (Brightness, 0.0, "above 0, up to 1"),
        (Contrast, 1.1, "above 0, up to 1"),
        (Saturation, -0.1, "above 0, up to 1"),
        (Hue, 0.51, "above 0, up to 0.5"),
    ],
)
def test_out_of_range(kind: type[ImageTransform], number: float, expected: str) -> None:
    with pytest.raises(TransformOutOfRange) as refusal:
        kind.of(number)
    assert refusal.value.expected == expected


def test_gray_takes_no_number() -> None:
    with pytest.raises(TransformOutOfRange) as refusal:
        Grayscale.of(0.1)
    assert refusal.value.next_step == "for a share of the images: gray@0.1"


def test_names() -> None:
    assert {kind.name: kind for kind in KINDS}.items() <= TRANSFORMS.items()
    assert SYNONYMS["grey"] == SYNONYMS["grayscale"] == "gray"
