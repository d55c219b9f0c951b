"""First-layer filters: found, shown, and judged beside initialisation and noise."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from striate.analysis.errors import LayerUnsuited
from striate.analysis.filters import filters, first_convolution, judged, kernels_of, principal, sheet
from striate.analysis.gabor import Gabor, gabor
from tests.unit.analysis.networks import NoTrace, awkward


def bank(n: int = 12) -> np.ndarray:
    """Pure Gabor kernels in one colour direction each: (n, 3, 7, 7)."""
    rng = np.random.default_rng(0)
    colours = rng.normal(size=(n, 3))
    kernels = [
        gabor((7, 7), Gabor(1.0, 0.3, -0.2, 1.6, 2.0, math.pi * k / n, 0.2 + 0.01 * (k % 4), k))
        for k in range(n)
    ]
    return colours[:, :, None, None] * np.array(kernels)[:, None]


def test_the_layer_is_the_one_that_runs_first() -> None:
    class Backwards(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.last = nn.Conv2d(4, 3, 1)
            self.first = nn.Conv2d(3, 4, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.last(self.first(x))

    assert first_convolution(Backwards(), (3, 8, 8)) == "first"
    with pytest.raises(LayerUnsuited, match="no convolution"):
        first_convolution(nn.Flatten(), (3, 8, 8))
    with pytest.raises(LayerUnsuited, match="got       BatchNorm2d"):
        kernels_of(awkward(), "norm")


def test_a_sheet_has_zero_in_the_middle_and_each_kernel_at_its_largest() -> None:
    kernels = np.zeros((3, 3, 2, 2))
    kernels[0, 0, 0, 1], kernels[0, 2, 1, 1] = 4.0, -2.0
    kernels[1, 1, 0, 0] = -1e-3
    shown = sheet(kernels)
    assert shown.shape == (3, 2, 2, 3)
    assert shown[0, 0, 1].tolist() == [1.0, 0.5, 0.5]
    assert shown[0, 1, 1].tolist() == [0.5, 0.5, 0.25]
    assert shown[1, 0, 0].tolist() == [0.5, 0.0, 0.5]
    assert np.all(shown[2] == 0.5)
    assert sheet(np.ones((2, 7, 3, 3))).shape == (2, 3, 3, 1)


def test_the_principal_picture_of_one_colour_is_the_kernel() -> None:
    one = np.random.default_rng(0).normal(size=(1, 1, 7, 7))
    colour = np.array([0.6, 0.0, -0.8])[None, :, None, None]
    picture, share = principal(one * colour)
    assert share == pytest.approx(1)
    np.testing.assert_allclose(np.abs(picture[0]), np.abs(one[0, 0]), atol=1e-12)
    _, mixed = principal(np.random.default_rng(0).normal(size=(5, 3, 7, 7)))
    assert np.all((mixed > 1 / 3) & (mixed < 0.8))


def test_a_gabor_bank_is_told_from_noise() -> None:
    record = judged("conv", bank(), np.random.default_rng(5).normal(size=(12, 3, 7, 7)), "somewhere")
    by_name = {group.name: group for group in record.groups}
    assert min(by_name["network"].r2) > 0.98
    assert np.median(by_name["initial"].r2) < 0.65
    assert np.median(by_name["noise"].r2) < 0.65
    assert record.gabor is not None
    assert record.gabor.value == pytest.approx(
        float(np.median(by_name["network"].r2) - np.median(by_name["noise"].r2))
    )
    assert record.gabor.interval.low > 0.3
    assert record.concentration is not None
    assert record.concentration.interval.low > 0
    assert record.reason == ""


def test_noise_is_not_told_from_noise() -> None:
    kernels = np.random.default_rng(9).normal(size=(24, 3, 7, 7))
    record = judged("conv", kernels, kernels, "itself")
    assert record.gabor is not None
    network, _, noise = (np.array(group.r2) for group in record.groups)
    assert record.gabor.value == pytest.approx(np.median(network) - np.median(noise))
    assert record.gabor.interval.low < 0 < record.gabor.interval.high


def test_small_kernels_are_not_judged_and_the_reason_is_said() -> None:
    record = filters(awkward(), (3, 8, 8))
    assert record.layer == "stem"
    assert record.gabor is None
    assert all(group.r2 == () for group in record.groups)
    assert record.reason == (
        "a 3x3 kernel has 9 numbers and a Gabor function 8 parameters: nearly anything would fit. "
        "From 7x7 on a fit says something"
    )
    assert record.concentration is not None


def test_initial_kernels_come_from_a_fresh_network_where_there_is_one() -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 7))
    other = nn.Sequential(nn.Conv2d(3, 4, 7))
    record = filters(net, (3, 8, 8), fresh=lambda: other)
    itself = judged("0", kernels_of(other, "0"), kernels_of(other, "0"), "")
    assert record.groups[1].r2 == itself.groups[0].r2
    assert record.initial_from == "the network built anew"


def test_constant_kernels_are_left_out() -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 7))
    nn.init.zeros_(net[0].weight)
    record = filters(net, (3, 8, 8))
    assert all(math.isnan(v) for v in record.groups[0].r2)
    assert record.gabor is None


@pytest.mark.parametrize("training", [True, False])
def test_no_trace_and_the_same_again(no_trace: NoTrace, training: bool) -> None:
    net = nn.Sequential(nn.Conv2d(3, 3, 7, padding=3), awkward(training))
    with no_trace(net):
        one, two = filters(net, (3, 8, 8)), filters(net, (3, 8, 8))
    assert one == two
    assert type(one).from_json(one.to_json()) == one
