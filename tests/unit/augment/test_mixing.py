"""Mixup and CutMix: pixels, shares, and the distribution the shares come from."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats

from striate.augment.errors import TransformOutOfRange
from striate.augment.mixing import CutMix, Mixup
from striate.augment.transform import Key

ROWS = np.arange(20_000)


@pytest.mark.parametrize("kind", [Mixup, CutMix])
@pytest.mark.parametrize("a", [0.2, 1.0, 8.0])
def test_shares_are_beta_and_partners_uniform(kind: type[Mixup | CutMix], a: float) -> None:
    draw = kind.of(a).draw(Key(0, 0), ROWS, (3, 32, 32))
    assert stats.kstest(draw["share"], stats.beta(a, a).cdf).pvalue > 1e-4
    assert stats.kstest(draw["partner"], "uniform").pvalue > 1e-4
    assert abs(stats.spearmanr(draw["share"], draw["partner"]).statistic) < 0.03


def test_mixup_is_its_formula() -> None:
    one = torch.randint(0, 256, (50, 3, 5, 4), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    two = one.flip(0)
    draw = Mixup().draw(Key(0, 0), np.arange(50), (3, 5, 4))
    share = draw["share"][:, None, None, None]
    wanted = share * one.numpy() + (1 - share) * two.numpy()
    mixed = Mixup().mix(one, two, draw)
    assert mixed.dtype == torch.uint8
    assert np.abs(mixed.numpy() - wanted).max() <= 0.501
    assert np.array_equal(Mixup().own(draw, (3, 5, 4)), draw["share"])
    floats = Mixup().mix(one / 255, two / 255, draw)
    assert np.allclose(floats.numpy(), wanted / 255, atol=1e-6)


@pytest.mark.parametrize("shape", [(3, 32, 32), (1, 7, 12), (3, 1, 1)])
def test_cutmix_counts_the_pixels_it_pastes(shape: tuple[int, int, int]) -> None:
    one, two = torch.zeros(500, *shape), torch.ones(500, *shape)
    draw = CutMix().draw(Key(0, 0), np.arange(500), shape)
    mixed = CutMix().mix(one, two, draw)
    assert np.allclose(mixed.mean(dim=(1, 2, 3)).numpy(), 1 - CutMix().own(draw, shape), atol=1e-6)
    for image, (top, bottom, left, right) in zip(mixed, draw["box"], strict=True):
        wanted = np.zeros(shape, dtype=np.float32)
        wanted[:, top:bottom, left:right] = 1
        assert np.array_equal(image.numpy(), wanted)


def test_cutmix_boxes_have_the_sides_that_the_share_says() -> None:
    draw = CutMix().draw(Key(0, 0), ROWS, (3, 64, 64))
    top, bottom, left, right = draw["box"].T
    inside = (top > 0) & (bottom < 64) & (left > 0) & (right < 64)
    side = 64 * np.sqrt(1 - draw["share"])
    assert inside.sum() > 1000
    assert np.abs((bottom - top) - side)[inside].max() <= 2
    assert np.array_equal((bottom - top)[inside], (right - left)[inside])


@pytest.mark.parametrize("number", [0.0, 101.0])
def test_out_of_range(number: float) -> None:
    with pytest.raises(TransformOutOfRange) as refusal:
        Mixup.of(number)
    assert str(refusal.value) == (
        "the number of mixup is the a of Beta(a, a), from which shares are drawn [transform-out-of-range]\n"
        f"  got       mixup{number:g}\n"
        "  expected  above 0, up to 100\n"
        "  next      mixup alone means mixup1"
    )
