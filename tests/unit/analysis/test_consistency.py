"""Consistency: by hand on classifiers whose answer to each shift is known."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from striate.analysis.consistency import consistency
from striate.core.metrics import wilson
from tests.unit.analysis.networks import NoTrace, awkward, pictures


class BrightColumn(nn.Module):
    """The class is the column of the one bright pixel: every shift to the right changes it."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.sum(dim=(1, 2))  # (N, W)


def bright(n: int, column: int) -> torch.Tensor:
    x = torch.zeros(n, 1, 4, 4)
    x[:, 0, 1, column] = 30.0
    return x


def test_a_classifier_of_the_column() -> None:
    record = consistency(BrightColumn(), bright(5, 1), largest=1)
    # Shifts (0,0) (0,1) (1,0) (1,1): classes 1 2 1 2, so two of six pairs agree and half match the unshifted image.
    assert record.shifts == 4
    assert record.all_pairs == pytest.approx(2 / 6)
    assert record.unshifted == 0.5
    assert record.steady == 0
    assert record.steady_interval == wilson(0, 5)
    assert record.confidence_sd == pytest.approx(0.5)
    assert 0 < record.pairs < 1 or record.pairs in (0.0, 1.0)


def test_random_pairs_estimate_all_pairs() -> None:
    record = consistency(BrightColumn(), bright(600, 1), largest=1)
    assert record.pairs_interval.low < record.all_pairs < record.pairs_interval.high
    assert record.pairs_interval.high - record.pairs_interval.low < 0.08


def test_global_pooling_of_circular_convolutions_never_changes_its_mind() -> None:
    torch.manual_seed(0)
    conv = nn.Conv2d(3, 8, 3, padding=1, padding_mode="circular")
    net = nn.Sequential(conv, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 5))
    record = consistency(net, pictures(9), largest=3)
    assert (record.pairs, record.all_pairs, record.unshifted, record.steady) == (1, 1, 1, 1)
    assert record.confidence_sd < 1e-6


def test_zeros_enter_where_the_border_is_zero() -> None:
    """The bright pixel in the last column leaves the image: all classes are equal then, and the first wins."""
    wrapped = consistency(BrightColumn(), bright(2, 3), largest=1)
    gone = consistency(BrightColumn(), bright(2, 3), largest=1, border="zero")
    assert wrapped.confidence_sd == pytest.approx(0.5)
    assert gone.confidence_sd == pytest.approx((1 - 0.25) / 2)
    assert gone.border == "zero"


def test_one_shift_alone_always_agrees() -> None:
    record = consistency(BrightColumn(), bright(2, 1), largest=0)
    assert (record.shifts, record.pairs, record.all_pairs, record.steady) == (1, 1, 1, 1)


@pytest.mark.parametrize("training", [True, False])
def test_no_trace_and_the_same_again(no_trace: NoTrace, training: bool) -> None:
    net = awkward(training)
    with no_trace(net):
        one, two = (consistency(net, pictures(), largest=2) for _ in range(2))
    assert one == two
    assert type(one).from_json(one.to_json()) == one
