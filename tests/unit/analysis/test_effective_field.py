"""The effective field: of linear stacks it is the convolved kernels, of others what the definition says."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.signal import convolve2d
from torch import nn

from striate.analysis.effective_field import effective_field
from striate.analysis.errors import LayerUnsuited
from tests.unit.analysis.networks import NoTrace, awkward, pictures


def linear_stack(sizes: tuple[int, ...]) -> tuple[nn.Sequential, NDArray[np.float64]]:
    """One-channel convolutions, and the kernel that they are together (as a cross-correlation)."""
    torch.manual_seed(3)
    layers = [nn.Conv2d(1, 1, k, padding=k // 2).double() for k in sizes]
    whole = np.ones((1, 1))
    for layer in layers:
        # Full convolution of kernels: chains of cross-correlations correlate with their convolution.
        whole = convolve2d(whole, layer.weight.detach().numpy()[0, 0])
    return nn.Sequential(*layers), whole


def test_a_linear_stack_has_its_convolved_kernels_as_field() -> None:
    net, whole = linear_stack((3, 5, 3))
    record = effective_field(net, pictures(5, 1, 21).double(), "2", channel=0, theoretical=(9, 9))
    wanted = np.zeros((21, 21))
    wanted[6:15, 6:15] = whole**2
    np.testing.assert_allclose(np.array(record.energy), wanted / wanted.sum(), rtol=0, atol=1e-14)
    shown = np.array(record.magnitude)[6:15, 6:15]
    np.testing.assert_allclose(shown, np.abs(whole) / np.abs(whole).sum(), atol=1e-14)
    assert record.unit == (10, 10)
    assert record.layer_size == (1, 21, 21)


def test_moments_box_and_pixels_of_a_known_field() -> None:
    """Ones in a 5x5 kernel: uniform energy, so everything is countable."""
    conv = nn.Conv2d(1, 1, 5, padding=2, bias=False)
    nn.init.ones_(conv.weight)
    record = effective_field(nn.Sequential(conv), pictures(2, 1, 15), "0", theoretical=(5, 5))
    assert record.centroid == pytest.approx((7, 7))
    assert record.sd == pytest.approx((math.sqrt(2), math.sqrt(2)))
    assert record.box == (5, 5)
    assert record.pixels == 24  # 0.95 * 25 = 23.75
    assert record.share == 24 / 25


def test_the_theoretical_field_counts_only_where_there_is_an_image() -> None:
    net, _ = linear_stack((3, 5, 3))
    record = effective_field(net, pictures(2, 1, 7).double(), "2", theoretical=(9, 9))
    assert record.share == record.pixels / 49
    assert math.isnan(effective_field(net, pictures(2, 1, 7).double(), "2").share)


def test_random_signs_estimate_the_sum_over_channels() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 6, 3, padding=1), nn.Conv2d(6, 8, 3, padding=1)).double()
    x = pictures(1500, 3, 5).double()
    one = [np.array(effective_field(net, x[:1], "1", channel=c).energy) for c in range(8)]
    weights = [total_energy(net, x[:1], c) for c in range(8)]
    wanted = sum(w * e for w, e in zip(weights, one, strict=True)) / sum(weights)
    got = np.array(effective_field(net, x, "1").energy)
    assert np.abs(got - wanted).max() < 0.06 * wanted.max()


def total_energy(net: nn.Module, x: torch.Tensor, channel: int) -> float:
    x = x.clone().requires_grad_()
    net(x)[0, channel, 2, 2].backward()
    assert x.grad is not None
    return float(x.grad.square().sum())


def test_a_chosen_unit_and_a_layer_without_a_map() -> None:
    net, _ = linear_stack((3,))
    record = effective_field(net, pictures(1, 1, 9).double(), "0", unit=(0, 8))
    energy = np.array(record.energy)
    assert energy[2:].sum() == 0
    assert energy[:, :7].sum() == 0
    whole = effective_field(awkward(), pictures(), "head")
    assert (whole.layer_size, whole.unit) == ((4,), (0, 0))


@pytest.mark.parametrize("training", [True, False])
def test_no_trace_and_the_same_again(no_trace: NoTrace, training: bool) -> None:
    net = awkward(training)
    with no_trace(net):
        one, two = (effective_field(net, pictures(), "conv") for _ in range(2))
    assert one.to_json() == two.to_json()
    assert 0 < one.pixels < 64


def test_what_cannot_be_is_refused() -> None:
    net = awkward()
    with pytest.raises(LayerUnsuited, match="rows 0 to 3, columns 0 to 3"):
        effective_field(net, pictures(), "conv", unit=(4, 0))
    with pytest.raises(LayerUnsuited, match="does not run"):
        effective_field(nn.ModuleDict({"a": nn.Conv2d(3, 3, 1), "b": First()})["b"], pictures(), "unused")


class First(nn.Module):
    """Has a layer that it never asks."""

    def __init__(self) -> None:
        super().__init__()
        self.unused = nn.Conv2d(3, 3, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x


def test_a_dead_unit_has_no_field() -> None:
    conv = nn.Conv2d(1, 1, 3, padding=1)
    nn.init.zeros_(conv.weight)
    record = effective_field(nn.Sequential(conv), pictures(1, 1, 5), "0", theoretical=(3, 3))
    assert record.pixels == 0
    assert math.isnan(record.centroid[0])
    assert record.share == 0
