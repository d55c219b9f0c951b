"""Masks: shares, scale, replay; applied forward and backward alike."""

from __future__ import annotations

import numpy as np
import pytest

from striate.conv import dropout, dropout_backward, dropout_mask
from striate.conv.errors import ArgumentOutOfRange, ShapesDisagree
from tests.unit.conv.slopes import off, slope_of


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_a_mask_drops_its_share_and_keeps_the_mean(rate: float) -> None:
    mask = dropout_mask(np.random.default_rng(0), (200, 500), rate)
    assert set(np.unique(mask)) == {0.0, 1.0 / (1.0 - rate)}
    # 100,000 draws: the share's standard deviation is at most 0.0016; five of them.
    assert abs((mask == 0.0).mean() - rate) < 0.008
    assert abs(mask.mean() - 1.0) < 0.008 / (1.0 - rate)


@pytest.mark.parametrize(("rate", "value"), [(0.0, 1.0), (1.0, 0.0)])
def test_the_ends(rate: float, value: float) -> None:
    assert (dropout_mask(np.random.default_rng(0), (50,), rate) == value).all()


def test_the_same_generator_state_draws_the_same_mask_and_the_next_another() -> None:
    first, second = np.random.default_rng(3), np.random.default_rng(3)
    mask = dropout_mask(first, (4, 5), 0.5)
    np.testing.assert_array_equal(mask, dropout_mask(second, (4, 5), 0.5))
    assert (mask != dropout_mask(second, (4, 5), 0.5)).any()


def test_forward_and_backward_use_one_mask() -> None:
    rng = np.random.default_rng(0)
    x, grad_output = rng.normal(size=(2, 6, 7)), rng.normal(size=(6, 7))
    mask = dropout_mask(rng, (6, 7), 0.4)
    np.testing.assert_array_equal(dropout(x[0], mask), x[0] * mask)
    slope = slope_of(lambda x: float((dropout(x, mask) * grad_output).sum()), x[0])
    assert off(dropout_backward(grad_output, mask), slope) < 1e-8


def test_evaluation_is_the_identity() -> None:
    x = np.random.default_rng(0).normal(size=(3, 4))
    assert dropout(x, None) is x
    assert dropout_backward(x, None) is x


def test_what_does_not_fit_is_refused_in_words() -> None:
    with pytest.raises(ArgumentOutOfRange) as refused:
        dropout_mask(np.random.default_rng(0), (3,), 1.5)
    assert str(refused.value) == (
        "rate does not fit [argument-out-of-range]\n  got       1.5\n  expected  a number from 0 to 1"
    )
    with pytest.raises(ArgumentOutOfRange) as refused:
        dropout_mask(7, (3,), 0.5)  # type: ignore[arg-type]
    assert str(refused.value) == (
        "rng is no generator [argument-out-of-range]\n"
        "  got       7\n"
        "  expected  a numpy.random.Generator\n"
        "  next      numpy.random.default_rng(seed) makes one"
    )
    with pytest.raises(ShapesDisagree, match="mask is not shaped as x"):
        dropout(np.zeros(3), np.zeros(4))
    with pytest.raises(ShapesDisagree, match="mask is not shaped as grad_output"):
        dropout_backward(np.zeros(3), np.zeros((3, 1)))
