"""Curves of tone and sharpness against torchvision's kernels image by image, and what must not break them."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from striate.augment.tones import autocontrasted, equalized, posterized, sharpened, solarized

Gallery = Callable[..., torch.Tensor]
Kernel = Callable[[torch.Tensor], torch.Tensor]

N = 20
BITS = np.resize(np.arange(9), N)
THRESHOLDS = np.concatenate([[0.0, 1.0, 0.8, 0.5, 1 / 255], np.random.default_rng(0).uniform(0, 1, 15)])
FACTORS = np.concatenate([[0.0, 1.0, 2.0, 0.01, 1.99], np.random.default_rng(1).uniform(0, 2, 15)])
SIZES = [(32, 32), (17, 16), (3, 3), (2, 3), (3, 2), (1, 1), (1, 300)]

KERNELS: dict[str, Kernel] = {
    "posterize": lambda batch: posterized(batch, np.resize(BITS, len(batch))),
    "solarize": lambda batch: solarized(batch, np.resize(THRESHOLDS, len(batch))),
    "autocontrast": autocontrasted,
    "equalize": equalized,
    "sharpness": lambda batch: sharpened(batch, np.resize(FACTORS, len(batch))),
}

every_size = pytest.mark.parametrize("size", SIZES)
every_channel = pytest.mark.parametrize("channels", [1, 3])
every_kernel = pytest.mark.parametrize("kernel", KERNELS.values(), ids=list(KERNELS))


def theirs(batch: torch.Tensor, function: Callable[..., torch.Tensor], *numbers: np.ndarray) -> torch.Tensor:
    """torchvision's, one image after the other."""
    columns = [column.tolist() for column in numbers]
    return torch.stack([function(image, *row) for image, *row in zip(batch, *columns, strict=True)])


@every_size
@every_channel
def test_posterize_is_torchvisions(
    size: tuple[int, int], channels: int, oracle: ModuleType, gallery: Gallery
) -> None:
    for dtype in (torch.uint8, torch.float32):
        batch = gallery(channels, *size, dtype)
        assert torch.equal(posterized(batch, BITS), theirs(batch, oracle.posterize, BITS))


@every_size
@every_channel
def test_solarize_is_torchvisions(
    size: tuple[int, int], channels: int, oracle: ModuleType, gallery: Gallery
) -> None:
    whole, real = gallery(channels, *size), gallery(channels, *size, torch.float32)
    assert torch.equal(solarized(whole, THRESHOLDS), theirs(whole, oracle.solarize, THRESHOLDS * 255))
    # A pixel that is the threshold but for rounding may fall either side: between levels there is none.
    between = np.clip((np.floor(THRESHOLDS * 255) + 0.5) / 255, 0, 1)
    assert torch.equal(solarized(real, between), theirs(real, oracle.solarize, between))


def test_solarize_inverts_from_the_very_level() -> None:
    """Thresholds of 31 bins, where 1 - 10/30 of 255 must not become 170.00000000000003 and leave 170 as it is."""
    levels = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16).expand(31, 1, 16, 16)
    out = solarized(levels, 1 - np.arange(31) / 30)
    for k, one in enumerate(out):
        wanted = [255 - level if 2 * level >= 510 - 17 * k else level for level in range(256)]
        assert one.flatten().tolist() == wanted


@every_size
@every_channel
def test_autocontrast_is_torchvisions_channel_by_channel(
    size: tuple[int, int], channels: int, oracle: ModuleType, gallery: Gallery
) -> None:
    """Floats to 1e-6 of white; whole numbers within half a level of that, hence 1 of what torchvision cuts off."""
    whole, real = gallery(channels, *size), gallery(channels, *size, torch.float32)
    exact = theirs(real, oracle.autocontrast)
    torch.testing.assert_close(autocontrasted(real), exact, rtol=0, atol=1e-6)
    out = autocontrasted(whole).float()
    assert (out - 255 * exact).abs().max() <= 0.501
    assert (out - theirs(whole, oracle.autocontrast).float()).abs().max() <= 1


@every_size
@every_channel
def test_equalize_is_torchvisions_channel_by_channel(
    size: tuple[int, int], channels: int, oracle: ModuleType, gallery: Gallery
) -> None:
    """Exactly; floats to 1e-7, since a level divided by 255 is rounded."""
    whole, real = gallery(channels, *size), gallery(channels, *size, torch.float32)
    assert torch.equal(equalized(whole), theirs(whole, oracle.equalize))
    torch.testing.assert_close(equalized(real), theirs(real, oracle.equalize), rtol=0, atol=1e-7)


@every_size
@every_channel
def test_sharpness_is_torchvisions(
    size: tuple[int, int], channels: int, oracle: ModuleType, gallery: Gallery
) -> None:
    """Floats to 2e-6 of white; whole numbers to 1 level: torchvision rounds the smooth image and cuts off the result."""
    whole, real = gallery(channels, *size), gallery(channels, *size, torch.float32)
    exact = theirs(real, oracle.adjust_sharpness, FACTORS)
    torch.testing.assert_close(sharpened(real, FACTORS), exact, rtol=0, atol=2e-6)
    out = sharpened(whole, FACTORS).float()
    assert (out - 255 * exact).abs().max() <= 0.501
    assert (out - theirs(whole, oracle.adjust_sharpness, FACTORS).float()).abs().max() <= 1


def test_what_leaves_pixels_alone_leaves_them_exactly(gallery: Gallery) -> None:
    for dtype in (torch.uint8, torch.float32, torch.bfloat16):
        batch = gallery(3, 9, 8, dtype)
        assert torch.equal(sharpened(batch, np.ones(N)), batch)
    whole = gallery(3, 9, 8)
    assert torch.equal(posterized(whole, np.full(N, 8)), whole)
    assert torch.equal(solarized(solarized(whole, np.zeros(N)), np.zeros(N)), whole)


@pytest.mark.parametrize("level", [0, 1, 117, 254, 255])
@pytest.mark.parametrize("name", ["autocontrast", "equalize", "sharpness"])
def test_a_constant_image_stays(name: str, level: int) -> None:
    whole = torch.full((4, 3, 20, 20), level, dtype=torch.uint8)
    assert torch.equal(KERNELS[name](whole), whole)
    real = whole.float() / 255
    torch.testing.assert_close(KERNELS[name](real), real, rtol=0, atol=1e-6)


def test_equalize_leaves_floats_it_cannot_equalize_to_the_bit() -> None:
    few = torch.rand(3, 1, 12, 12, generator=torch.Generator().manual_seed(0))
    assert torch.equal(equalized(few), few)


def test_autocontrast_of_two_values_next_to_each_other() -> None:
    close = torch.tensor([0.5, 0.5 + 2**-24]).view(1, 1, 1, 2)
    assert autocontrasted(close).flatten().tolist() == [0.0, 1.0]


@every_kernel
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_neighbours_and_layout_change_no_bit(kernel: Kernel, dtype: torch.dtype, gallery: Gallery) -> None:
    batch = gallery(3, 23, 19, dtype)
    before, whole = batch.clone(), kernel(batch)
    assert torch.equal(batch, before)
    for n in (0, 1, 7):
        assert torch.equal(kernel(batch[:n]), whole[:n])
    other = kernel(batch.contiguous(memory_format=torch.channels_last))
    assert torch.equal(other, whole)
    assert other.is_contiguous(memory_format=torch.channels_last)


@given(
    name=st.sampled_from(list(KERNELS)),
    channels=st.sampled_from([1, 3]),
    size=st.tuples(st.integers(1, 30), st.integers(1, 30)),
    dtype=st.sampled_from([torch.uint8, torch.float32, torch.bfloat16, torch.float16]),
    few=st.integers(1, 255),
    seed=st.integers(0, 1000),
)
def test_always_pixels(
    name: str, channels: int, size: tuple[int, int], dtype: torch.dtype, few: int, seed: int
) -> None:
    batch = torch.rand(5, channels, *size, generator=torch.Generator().manual_seed(seed))
    batch = ((batch * few).round() / few * 2 - 0.5).clamp(0, 1)
    batch = (batch * 255).to(dtype) if dtype is torch.uint8 else batch.to(dtype)
    out = KERNELS[name](batch)
    assert torch.isfinite(out).all()
    assert out.min() >= 0
    assert out.max() <= (255 if dtype is torch.uint8 else 1)
    assert (out.shape, out.dtype, out.stride()) == (batch.shape, dtype, batch.stride())
