"""Softmax cross-entropy against torch, differences and the naive formula that overflows."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from striate.conv import cross_entropy, cross_entropy_backward, log_softmax, softmax, targets
from striate.conv.errors import ArgumentOutOfRange, ShapesDisagree
from striate.core import metrics
from tests.unit.conv.slopes import off, slope_of

rng = np.random.default_rng(0)
LOGITS, LABELS = rng.normal(size=(7, 5)) * 3, rng.integers(0, 5, 7)
SMOOTHINGS = pytest.mark.parametrize("smoothing", [0.0, 0.1, 1.0])


@SMOOTHINGS
@pytest.mark.parametrize("scale", [1.0, 1e3])
def test_loss_and_gradient_are_torchs(smoothing: float, scale: float) -> None:
    z = torch.from_numpy(LOGITS * scale).requires_grad_()
    loss = torch.nn.functional.cross_entropy(z, torch.from_numpy(LABELS), label_smoothing=smoothing)
    loss.backward()
    assert cross_entropy(LOGITS * scale, LABELS, smoothing=smoothing) == pytest.approx(loss.item(), rel=1e-12)
    got = cross_entropy_backward(LOGITS * scale, LABELS, smoothing=smoothing)
    np.testing.assert_allclose(got, z.grad.numpy(), atol=1e-15)


@SMOOTHINGS
def test_the_gradient_is_the_slope(smoothing: float) -> None:
    slope = slope_of(lambda z: cross_entropy(z, LABELS, smoothing=smoothing), LOGITS)
    assert off(cross_entropy_backward(LOGITS, LABELS, smoothing=smoothing), slope) < 1e-8


def test_the_gradient_is_what_was_predicted_less_what_is_true() -> None:
    expected = (softmax(LOGITS) - np.eye(5)[LABELS]) / 7
    np.testing.assert_allclose(cross_entropy_backward(LOGITS, LABELS), expected, atol=1e-15)
    np.testing.assert_allclose(expected.sum(axis=1), 0.0, atol=1e-15)


def test_where_the_naive_formula_overflows_this_one_does_not() -> None:
    z = np.array([[1e3, 0.0, -1e3]])
    with np.errstate(all="ignore"):
        naive = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        assert np.isnan(naive).any()
        assert not np.isfinite(np.log(naive)).any()
    np.testing.assert_array_equal(softmax(z), [[1.0, 0.0, 0.0]])
    assert [cross_entropy(z, [k]) for k in range(3)] == [0.0, 1e3, 2e3]
    np.testing.assert_array_equal(cross_entropy_backward(z, [1]), [[1.0, -1.0, 0.0]])


def test_a_common_offset_changes_nothing() -> None:
    # 2^20 is added and taken away without rounding the 40 bits below.
    z = np.round(LOGITS * 1024) / 1024
    np.testing.assert_array_equal(log_softmax(z + 2.0**20), log_softmax(z))


def test_a_class_that_is_ruled_out_costs_nothing_unless_it_is_true() -> None:
    z = [[0.0, 0.0, -np.inf]]
    assert cross_entropy(z, [0]) == pytest.approx(math.log(2))
    assert cross_entropy(z, [2]) == np.inf
    np.testing.assert_array_equal(softmax(z), [[0.5, 0.5, 0.0]])


def test_softmax_and_loss_are_those_of_the_reported_scores() -> None:
    np.testing.assert_allclose(softmax(LOGITS), metrics.softmax(LOGITS), rtol=1e-13)
    assert cross_entropy(LOGITS, LABELS) == pytest.approx(metrics.cross_entropy(LOGITS, LABELS), rel=1e-13)


def test_smoothed_targets_are_distributions() -> None:
    t = targets([2, 0], 4, smoothing=0.1)
    np.testing.assert_allclose(t.sum(axis=1), 1.0)
    np.testing.assert_allclose(t[0], [0.025, 0.025, 0.925, 0.025])
    np.testing.assert_array_equal(targets([2], 4), [[0, 0, 1, 0]])


def test_the_least_smoothed_loss_is_the_entropy_of_the_targets() -> None:
    t = targets([1], 5, smoothing=0.2)
    best = np.log(t)
    assert cross_entropy(best, [1], smoothing=0.2) == pytest.approx(-(t * np.log(t)).sum())
    np.testing.assert_allclose(cross_entropy_backward(best, [1], smoothing=0.2), 0.0, atol=1e-15)


@pytest.mark.parametrize("label", [-1, 5, 0.5, np.nan, np.inf])
def test_a_label_that_is_no_class_is_refused(label: float) -> None:
    with pytest.raises(ArgumentOutOfRange) as refused:
        cross_entropy(LOGITS[:2], [0, label])
    assert str(refused.value) == (
        "a label is no class [argument-out-of-range]\n"
        f"  got       {label:g}\n"
        "  expected  a whole number from 0 to 4"
    )


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            lambda: cross_entropy(LOGITS, LABELS[:3]),
            "labels has the wrong shape [shapes-disagree]\n  got       (3,)\n  expected  (N) = (7,)",
        ),
        (
            lambda: cross_entropy(LOGITS[0], LABELS),
            "logits has the wrong number of axes [shapes-disagree]\n"
            "  got       shape (5,)\n"
            "  expected  (N, K)",
        ),
        (
            lambda: cross_entropy_backward(LOGITS[:0], LABELS[:0]),
            "a mean over no rows [shapes-disagree]\n  got       logits of shape (0, 5)",
        ),
        (
            lambda: softmax(LOGITS[:, :0]),
            "logits of no classes [shapes-disagree]\n  got       shape (7, 0)",
        ),
    ],
)
def test_what_does_not_fit_is_refused_in_words(call, text: str) -> None:
    with pytest.raises(ShapesDisagree) as refused:
        call()
    assert str(refused.value) == text


def test_smoothing_is_a_share_and_classes_are_counted() -> None:
    with pytest.raises(ArgumentOutOfRange, match="smoothing does not fit"):
        cross_entropy(LOGITS, LABELS, smoothing=1.5)
    with pytest.raises(ArgumentOutOfRange, match="classes does not fit"):
        targets([0], 0)
