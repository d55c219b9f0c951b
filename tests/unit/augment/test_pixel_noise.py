"""Noise for pixels against the seeds' own bits in NumPy, and against the distributions it claims."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import kstest

from striate.augment.pixel_noise import noise_words, normal_pixels, pixel_bits, uniform_at, uniform_pixels
from striate.augment.transform import Key
from striate.core import seeds

EXTREMES = np.array([0, 1, 2**63 - 1, 2**63, 2**64 - 1, 0x9E3779B97F4A7C15], dtype=np.uint64)
GOLDEN = 0x9E3779B97F4A7C15


def splitmix(word: int, number: int) -> int:
    """The formula in whole numbers of any size."""
    z = (word + (number + 1) * GOLDEN) % 2**64
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) % 2**64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) % 2**64
    return z ^ (z >> 31)


def test_bits_are_splitmix64() -> None:
    drawn = (
        pixel_bits(torch.from_numpy(EXTREMES.view(np.int64))[:, None], torch.arange(50))
        .numpy()
        .view(np.uint64)
    )
    assert drawn.tolist() == [[splitmix(int(word), p) for p in range(50)] for word in EXTREMES]


def test_bits_of_a_seed_are_the_seeds_own() -> None:
    indices = np.arange(7)
    with np.errstate(over="ignore"):
        words = seeds._mix(
            indices.astype(np.uint64) * np.uint64(GOLDEN) + np.asarray(seeds._key(3, "noise", 5))
        )
    wanted = seeds.bits(3, "noise", 5, indices, 3 * 4 * 5) >> np.uint64(40)
    got = uniform_pixels(words, (3, 4, 5), "cpu").view(7, -1).numpy()
    assert np.array_equal(got, wanted.astype(np.float32) * np.float32(2.0**-24))


def test_a_part_of_the_pixels_is_that_part_of_all() -> None:
    words = torch.from_numpy(EXTREMES.view(np.int64))
    whole = uniform_pixels(EXTREMES, (2, 3, 5), "cpu").view(6, 30)
    assert torch.equal(
        uniform_at(words[[4, 1]][:, None], torch.tensor([29, 0, 7])), whole[[4, 1]][:, [29, 0, 7]]
    )


@pytest.mark.parametrize("make", [uniform_pixels, normal_pixels])
@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 2, 3), (1, 5, 5), (3, 32, 32)])
def test_a_sample_does_not_depend_on_the_others_nor_on_the_sign(make, shape: tuple[int, int, int]) -> None:
    whole = make(EXTREMES, shape, "cpu")
    assert (whole.shape, whole.dtype) == ((6, *shape), torch.float32)
    assert torch.equal(make(EXTREMES[2:4], shape, "cpu"), whole[2:4])
    assert torch.equal(make(EXTREMES.view(np.int64), shape, torch.device("cpu")), whole)
    assert whole.isfinite().all()
    assert make(EXTREMES[:0], shape, "cpu").shape == (0, *shape)


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 3, 5), (1, 4, 4)])
def test_normal_pixels_are_box_and_muller(shape: tuple[int, int, int]) -> None:
    """Two pixels from each word: the radius from bits 63 to 40, the angle from bits 31 to 8."""
    for word, drawn in zip(EXTREMES, normal_pixels(EXTREMES, shape, "cpu").flatten(1).tolist(), strict=True):
        for p, value in enumerate(drawn):
            bits = splitmix(int(word), p // 2)
            u, v = ((bits >> 40) + 1) / 2**24, (bits >> 8 & 0xFFFFFF) / 2**24
            turned = (np.cos, np.sin)[p % 2](2 * np.pi * v)
            assert value == pytest.approx(np.sqrt(-2 * np.log(u)) * turned, abs=1e-5)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_another_device_makes_the_same_noise() -> None:
    shape = (3, 16, 16)
    assert torch.equal(uniform_pixels(EXTREMES, shape, "cuda").cpu(), uniform_pixels(EXTREMES, shape, "cpu"))
    normal = normal_pixels(EXTREMES, shape, "cuda").cpu(), normal_pixels(EXTREMES, shape, "cpu")
    assert torch.allclose(*normal, rtol=0, atol=1e-5)


def test_no_generator_is_touched() -> None:
    before = torch.get_rng_state()
    normal_pixels(EXTREMES, (3, 8, 8), "cpu")
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(("make", "law"), [(uniform_pixels, "uniform"), (normal_pixels, "norm")])
def test_distribution(make, law: str) -> None:
    """Of all pixels, of each pixel over the samples and of each sample over its pixels."""
    words = noise_words(Key(0, 0), np.arange(400))
    drawn = make(words, (3, 16, 16), "cpu").view(400, -1).double().numpy()
    assert kstest(drawn.ravel(), law).pvalue > 1e-4
    n = drawn.size
    mean, variance = (0.5, 1 / 12) if law == "uniform" else (0.0, 1.0)
    assert abs(drawn.mean() - mean) < 5 * np.sqrt(variance / n)
    fourth = 1 / 80 if law == "uniform" else 3.0  # the fourth central moment
    assert abs(drawn.var() - variance) < 5 * np.sqrt((fourth - variance**2) / n)
    for axis in (0, 1):
        worst = np.abs(drawn.mean(axis) - mean).max() / np.sqrt(variance / drawn.shape[axis])
        assert worst < 5.0


@pytest.mark.parametrize("make", [uniform_pixels, normal_pixels])
@pytest.mark.parametrize(
    "words", [np.arange(600), np.arange(600) << 32, noise_words(Key(1, 2), np.arange(600))]
)
def test_neighbours_are_independent(make, words: np.ndarray) -> None:
    """Pixels of one sample and of the next, even where the words are next to each other: correlations of N(0, 1/n)."""
    drawn = make(words.astype(np.uint64), (2, 6, 6), "cpu").view(600, -1).double().numpy()
    drawn = drawn - drawn.mean()
    for other in (
        *(np.roll(drawn, lag, axis) for lag in (1, 2, 6, 36) for axis in (0, 1)),
        *(np.roll(drawn, (1, lag), (0, 1)) for lag in (1, -1)),
    ):
        for power in (1, 2):
            a, b = drawn**power, other**power
            r = np.corrcoef(a.ravel(), b.ravel())[0, 1]
            assert abs(r) * np.sqrt(drawn.size) < 5.0


def test_words_tell_samples_and_epochs_apart() -> None:
    words = np.concatenate([noise_words(Key(0, epoch), np.arange(20_000)) for epoch in range(5)])
    assert len(np.unique(words)) == len(words)
    assert words.dtype == np.uint64
