"""How alike filters are: 1 for copies, that of chance for random ones, none for what has no direction."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from striate.observe.filter_cosine import filter_cosine, largest_filter_cosine
from striate.observe.structure import weights_by_definition
from tests.unit.observe.networks import conv_net

DRAWN = torch.Generator().manual_seed(0)


def test_against_all_pairs() -> None:
    weight = torch.randn(12, 3, 3, 3, generator=DRAWN)
    rows = weight.flatten(1)
    pairs = [
        abs(float(rows[i] @ rows[j] / rows[i].norm() / rows[j].norm())) for i in range(12) for j in range(i)
    ]
    assert filter_cosine(weight) == pytest.approx(float(torch.tensor(pairs).quantile(0.5)), abs=1e-5)


def test_filters_that_are_all_the_same() -> None:
    assert filter_cosine(torch.full((8, 3, 3, 3), 0.1)) == pytest.approx(1.0)
    model = conv_net()
    few = largest_filter_cosine(model, weights_by_definition(model))
    nn.init.constant_(model[4].weight, 0.05)
    many = largest_filter_cosine(model, weights_by_definition(model))
    assert few is not None
    assert many is not None
    assert few < 0.5 < 0.999 < many


@pytest.mark.parametrize(
    "weight",
    [
        torch.zeros(8, 3, 3, 3),
        torch.ones(8, 2, 1, 1),
        torch.ones(1, 3, 3, 3),
        torch.ones(9),
        torch.full((4, 9), torch.nan),
    ],
    ids=["zeros", "small", "one filter", "a bias", "not finite"],
)
def test_no_direction_is_none(weight: torch.Tensor) -> None:
    assert filter_cosine(weight) is None


def test_wide_layers_are_sampled() -> None:
    weight = torch.randn(1000, 9, generator=DRAWN)
    assert filter_cosine(weight) == pytest.approx(0.23, abs=0.03)
