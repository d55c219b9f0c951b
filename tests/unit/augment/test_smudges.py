"""Blur against torchvision's kernel and a loop over pixels; noise against the normal distribution; refusals in exact words."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import ModuleType

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, kstest, norm

from striate.augment.catalogue import TRANSFORMS
from striate.augment.errors import TransformDoesNotFit, TransformOutOfRange
from striate.augment.policy import parse
from striate.augment.smudges import Blur, Noise, blurred, noisy
from striate.augment.transform import ImageTransform, Key

Gallery = Callable[..., torch.Tensor]
SIGMAS = np.concatenate([[0.1001, 0.5, 3.0], np.random.default_rng(0).uniform(0.1, 3, 17)])


@pytest.mark.parametrize("size", [(32, 32), (17, 13), (12, 40)])
@pytest.mark.parametrize("radius", [1, 3, 9])
@pytest.mark.parametrize("channels", [1, 3, 5])
def test_blur_is_torchvisions_with_the_same_kernel(
    size: tuple[int, int], radius: int, channels: int, oracle: ModuleType, gallery: Gallery
) -> None:
    """Floats to 2e-6 of white. Whole numbers to 1 level: both round, and a half may fall either way."""

    def theirs(batch: torch.Tensor) -> torch.Tensor:
        side = 2 * radius + 1
        return torch.stack(
            [
                oracle.gaussian_blur(image, [side, side], [float(s)])
                for image, s in zip(batch, SIGMAS, strict=True)
            ]
        )

    real, whole = gallery(channels, *size, torch.float32), gallery(channels, *size)
    torch.testing.assert_close(blurred(real, SIGMAS, radius), theirs(real), rtol=0, atol=2e-6)
    apart = (blurred(whole, SIGMAS, radius).int() - theirs(whole).int()).abs()
    assert apart.max() <= 1
    assert apart.float().mean() < 1e-3


def by_pixel(image: np.ndarray, sigma: float, radius: int) -> np.ndarray:
    """One channel (H, W), by the formula; a border that cannot be mirrored is continued."""
    weights = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    weights /= weights.sum()
    for axis in (0, 1):
        mode = "reflect" if radius < image.shape[axis] else "edge"
        wide = np.pad(image, [(radius, radius) if a == axis else (0, 0) for a in (0, 1)], mode=mode)
        image = np.apply_along_axis(np.convolve, axis, wide, weights, "valid")
    return image


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (4, 20), (20, 4), (5, 5)])
@pytest.mark.parametrize("radius", [1, 4, 19])
def test_small_images_by_the_formula(size: tuple[int, int], radius: int, gallery: Gallery) -> None:
    batch = gallery(3, *size, torch.float32)
    out = blurred(batch, SIGMAS, radius).numpy()
    for image, got, sigma in zip(batch.double().numpy(), out, SIGMAS, strict=True):
        wanted = np.stack([by_pixel(channel, float(sigma), radius) for channel in image])
        assert np.abs(got - wanted).max() < 2e-6


@pytest.mark.parametrize("level", [0, 1, 117, 255])
def test_a_constant_image_stays(level: int) -> None:
    batch = torch.full((20, 3, 11, 9), level, dtype=torch.uint8)
    assert torch.equal(blurred(batch, SIGMAS, 9), batch)


def test_the_smallest_sigma_changes_nothing(gallery: Gallery) -> None:
    batch = gallery(3, 11, 9)
    assert torch.equal(blurred(batch, np.full(20, 0.1001), 3), batch)


def test_autocast_does_not_coarsen_pixels(gallery: Gallery) -> None:
    batch = gallery(3, 16, 16, torch.float32)
    wanted = blurred(batch, SIGMAS, 3)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(blurred(batch, SIGMAS, 3), wanted)


@pytest.mark.parametrize("kind", [Blur, Noise])
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
@pytest.mark.parametrize("size", [(33, 21), (2, 3), (1, 1)])
def test_neighbours_and_layout_change_no_bit(
    kind: type[ImageTransform], dtype: torch.dtype, size: tuple[int, int], gallery: Gallery
) -> None:
    batch = gallery(3, *size, dtype)
    transform = kind(p=1.0).fit((3, *size))
    draw = transform.draw(Key(0, 0), np.arange(20), (3, *size))
    whole = transform.apply(batch, draw)
    for rows in (slice(0, 0), slice(0, 1), slice(3, 10), slice(10, 20)):
        part = {name: values[rows] for name, values in draw.items()}
        assert torch.equal(transform.apply(batch[rows], part), whole[rows])
    other = transform.apply(batch.contiguous(memory_format=torch.channels_last), draw)
    assert torch.equal(other, whole)
    assert other.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("s", [0.11, 0.5, 4.0])
def test_sigmas_are_uniform_and_never_none(s: float) -> None:
    draw = Blur(s).draw(Key(0, 0), np.arange(20_000), (3, 32, 32))
    assert kstest(draw["sigma"], "uniform", (0.1, s - 0.1)).pvalue > 1e-4
    assert draw["sigma"].min() > 0.1
    assert draw["sigma"].max() <= s
    assert binomtest(int(draw["on"].sum()), 20_000, 0.5).pvalue > 1e-4


@pytest.mark.parametrize(
    ("size", "sigma"),
    [((32, 32), 1.0), ((8, 40), 0.5), ((2, 2), 0.5), ((300, 224), 7.0), ((50, 31), 0.96875)],
)
def test_without_a_number_a_32nd_of_the_shorter_side(size: tuple[int, int], sigma: float) -> None:
    assert Blur().fit((3, *size)) == Blur(sigma)
    rows = np.arange(30)
    relative, absolute = (blur.draw(Key(0, 0), rows, (3, *size)) for blur in (Blur(), Blur(sigma)))
    assert np.array_equal(relative["sigma"], absolute["sigma"])
    assert parse(parse("blur", shape=(3, *size)).text) == parse("blur", shape=(3, *size))


@pytest.mark.parametrize("s", [0.02, 0.05, 1.0])
def test_deviations_are_uniform(s: float) -> None:
    draw = Noise(s).draw(Key(0, 0), np.arange(20_000), (3, 32, 32))
    assert kstest(draw["sd"], "uniform", (0, s)).pvalue > 1e-4
    assert len(np.unique(draw["word"])) == 20_000
    # How strong it is says nothing about what it is.
    assert abs(np.corrcoef(draw["sd"], draw["word"].astype(float))[0, 1]) < 4 / math.sqrt(20_000)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_noise_is_normal_of_its_deviation(dtype: torch.dtype) -> None:
    white, middle = (255, 128) if dtype is torch.uint8 else (1, 0.5)
    batch = torch.full((4, 3, 64, 64), middle, dtype=dtype)
    draw = Noise(0.1).draw(Key(0, 0), np.arange(4), (3, 64, 64)) | {"sd": np.array([0.0, 0.02, 0.05, 0.1])}
    noise = ((Noise().apply(batch, draw).double() - middle) / white).numpy()
    assert not noise[0].any()
    for one, sd in zip(noise[1:], draw["sd"][1:], strict=True):
        # Rounding to levels adds 1/12 of a squared level; a 24-bit uniform number in 20,000 does not show.
        spread = math.hypot(sd, 1 / 255 / math.sqrt(12)) if dtype is torch.uint8 else sd
        assert abs(one.mean()) < 4 * spread / math.sqrt(one.size)
        assert one.std() == pytest.approx(spread, rel=4 / math.sqrt(2 * one.size))
        if dtype is torch.float32:
            assert kstest(one.ravel() / sd, norm.cdf).pvalue > 1e-4
    far = noise[1:].reshape(9, -1)  # every channel of every image by itself
    assert np.abs(np.corrcoef(far) - np.eye(9)).max() < 5 / 64


def test_noise_is_the_same_for_a_word_and_another_for_another() -> None:
    batch, words = torch.full((3, 1, 8, 8), 0.5), np.array([7, 7, 8], dtype=np.uint64)
    first, second, third = noisy(batch, np.full(3, 0.1), words)
    assert torch.equal(first, second)
    assert not torch.equal(first, third)


@given(
    kind=st.sampled_from([Blur, Noise]),
    number=st.floats(0.1001, 1.0),
    channels=st.sampled_from([1, 2, 3]),
    size=st.tuples(st.integers(1, 6), st.integers(1, 6)),
    dtype=st.sampled_from([torch.uint8, torch.float32, torch.bfloat16, torch.float16]),
    seed=st.integers(0, 1000),
)
def test_always_pixels(
    kind: type[ImageTransform],
    number: float,
    channels: int,
    size: tuple[int, int],
    dtype: torch.dtype,
    seed: int,
) -> None:
    batch = torch.rand(5, channels, *size, generator=torch.Generator().manual_seed(seed))
    batch = ((batch - 0.5) * 3 + 0.5).clamp(0, 1)
    batch = (batch * 255).to(dtype) if dtype is torch.uint8 else batch.to(dtype)
    transform = kind(number, 1.0)
    out = transform.apply(batch, transform.draw(Key(seed, 0), np.arange(5), (channels, *size)))
    assert torch.isfinite(out).all()
    assert out.min() >= 0
    assert out.max() <= (255 if dtype is torch.uint8 else 1)
    assert (out.shape, out.dtype, out.stride()) == (batch.shape, dtype, batch.stride())


@pytest.mark.parametrize(
    ("kind", "number", "expected"),
    [
        (Blur, 0.1, "above 0.1"),
        (Blur, 0.0, "above 0.1"),
        (Noise, 0.0, "above 0, up to 1"),
        (Noise, 1.5, "above 0, up to 1"),
    ],
)
def test_out_of_range(kind: type[ImageTransform], number: float, expected: str) -> None:
    with pytest.raises(TransformOutOfRange) as refusal:
        kind.of(number)
    assert refusal.value.expected == expected


def test_a_sigma_beyond_the_image() -> None:
    assert Blur(8.0).fit((3, 8, 20)) == Blur(8.0)
    with pytest.raises(TransformDoesNotFit) as refusal:
        Blur(9.0).fit((3, 8, 20))
    assert str(refusal.value) == (
        "blur would leave nothing but a mean [transform-does-not-fit]\n"
        "  got       blur9 on colour images of 8x20 pixels\n"
        "  expected  a sigma up to the shorter side: blur8\n"
        "  next      blur alone takes a 32nd of the shorter side"
    )


def test_names() -> None:
    assert {"blur": Blur, "noise": Noise}.items() <= TRANSFORMS.items()
