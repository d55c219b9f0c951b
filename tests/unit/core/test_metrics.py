"""Scores against scikit-learn, scipy and counting by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics as oracle

from striate.core import metrics


@given(st.integers(0, 400), st.integers(1, 400), st.sampled_from([0.8, 0.95, 0.9995]))
def test_wilson_is_scipys(correct, n, level):
    correct = min(correct, n)
    expected = stats.binomtest(correct, n).proportion_ci(level, method="wilson")
    got = metrics.wilson(correct, n, level=level)
    assert got.level == level
    assert got.low == pytest.approx(expected.low, abs=1e-12)
    assert got.high == pytest.approx(expected.high, abs=1e-12)


def test_wilson_of_nothing_knows_nothing():
    assert (metrics.wilson(0, 0).low, metrics.wilson(0, 0).high) == (0.0, 1.0)


@pytest.mark.parametrize("case", [(-1, 3), (4, 3)])
def test_wilson_refuses_impossible_counts(case):
    with pytest.raises(ValueError, match="correct must be in"):
        metrics.wilson(*case)


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0])
def test_wilson_refuses_a_level_that_is_no_share(level):
    with pytest.raises(ValueError, match="level must be between 0 and 1"):
        metrics.wilson(1, 3, level=level)


@pytest.fixture
def scored():
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(300, 7)), rng.integers(0, 7, 300)
    logits[np.arange(300), labels] += 1.0
    return logits, labels, metrics.score("val", logits, labels, [f"c{i}" for i in range(7)])


def test_score_is_scikit_learns(scored):
    logits, labels, got = scored
    predicted = logits.argmax(1)
    precision, recall, f1, n = oracle.precision_recall_fscore_support(labels, predicted, labels=range(7))
    assert got.accuracy == pytest.approx(oracle.accuracy_score(labels, predicted))
    assert got.balanced_accuracy == pytest.approx(oracle.balanced_accuracy_score(labels, predicted))
    assert got.loss == pytest.approx(oracle.log_loss(labels, metrics.softmax(logits), labels=range(7)))
    assert got.top5 == pytest.approx(oracle.top_k_accuracy_score(labels, logits, k=5))
    np.testing.assert_array_equal(got.confusion, oracle.confusion_matrix(labels, predicted))
    np.testing.assert_allclose([c.precision for c in got.classes], precision)
    np.testing.assert_allclose([c.recall for c in got.classes], recall)
    np.testing.assert_allclose([c.f1 for c in got.classes], f1)
    assert [c.n for c in got.classes] == n.tolist()


def test_calibration_error_by_counting(scored):
    logits, labels, got = scored
    p = metrics.softmax(logits)
    confidence, hit = p.max(1), p.argmax(1) == labels
    total = 0.0
    for b in range(15):
        inside = (confidence >= b / 15) & (confidence < (b + 1) / 15 if b < 14 else confidence <= 1)
        if inside.any():
            total += inside.mean() * abs(confidence[inside].mean() - hit[inside].mean())
    assert got.ece == pytest.approx(total)


def test_a_certain_and_right_network_is_calibrated_and_a_certain_wrong_one_is_not():
    logits = np.array([[1000.0, 0.0], [0.0, 1000.0]])
    assert metrics.score("val", logits, np.array([0, 1]), "ab").ece == 0.0
    assert metrics.score("val", logits, np.array([1, 0]), "ab").ece == 1.0


def test_softmax_and_loss_survive_huge_offsets():
    logits = np.array([[1e4, 1e4 + 1.0]])
    np.testing.assert_allclose(metrics.softmax(logits), [[0.26894142, 0.73105858]])
    assert metrics.cross_entropy(logits, np.array([1])) == pytest.approx(0.3132616875)


def test_an_absent_class_has_no_recall_and_does_not_count_in_the_balance():
    got = metrics.score("val", np.array([[2.0, 1.0, 0.0], [2.0, 1.0, 0.0]]), np.array([0, 1]), "abc")
    assert math.isnan(got.classes[2].recall)
    assert math.isnan(got.classes[2].precision)
    assert got.balanced_accuracy == 0.5
    assert got.classes[0].precision == 0.5


def test_no_samples_give_nan_not_a_number_that_looks_real():
    got = metrics.score("val", np.zeros((0, 3)), np.zeros(0, int), "abc")
    assert (got.n, got.interval.low, got.interval.high) == (0, 0.0, 1.0)
    assert all(math.isnan(v) for v in (got.accuracy, got.loss, got.top5, got.ece, got.balanced_accuracy))


def test_nan_logits_are_not_among_the_top_five_and_have_no_loss_or_calibration():
    got = metrics.score("val", np.full((4, 6), np.nan), np.array([1, 2, 3, 4]), "abcdef")
    assert got.top5 == 0.0
    assert math.isnan(got.loss)
    assert math.isnan(got.ece)


def test_shapes_that_disagree_are_refused():
    with pytest.raises(ValueError, match=r"logits have shape \(2, 3\), expected \(2, 4\)"):
        metrics.score("val", np.zeros((2, 3)), np.zeros(2, int), "abcd")
