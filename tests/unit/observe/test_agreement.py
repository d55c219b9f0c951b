"""Judges of labels on real digits: as they are, with labels flipped, with labels shuffled."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits

from striate.observe.agreement import by_answers, by_neighbours, by_others, early_pass, surest_contradictions


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, np.ndarray]:
    images, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(labels))
    return (images[order].reshape(-1, 1, 8, 8).astype(np.float32) - 4.9) / 6.0, labels[order].astype(np.int64)


def flipped(labels: np.ndarray, share: float) -> np.ndarray:
    rng = np.random.default_rng(1)
    moved = rng.random(len(labels)) < share
    return np.where(moved, (labels + rng.integers(1, 10, len(labels))) % 10, labels)


@pytest.mark.parametrize("share", [0.0, 0.05, 0.1, 0.2, 0.4])
def test_the_share_of_flipped_labels_is_measured(share: float, digits: tuple[np.ndarray, np.ndarray]) -> None:
    thumbs, labels = digits
    given = flipped(labels, share)
    facts, chosen, shares = by_others((thumbs, given), 10)
    true = (given != labels)[chosen].mean()
    assert facts["folds"] == len(chosen) == 1500
    assert facts["folds_noise"] == pytest.approx(true, abs=0.03)
    assert facts["folds_low"] <= true
    assert facts["folds_low"] >= true - 0.07
    assert (shares.argmax(1) == labels[chosen]).mean() > 0.93


def test_pictures_that_say_nothing_have_no_floor() -> None:
    """Two fifths of the labels can be told, the rest cannot: hard, not noisy."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 5, 1500)
    strength = rng.random(1500)[:, None, None, None] ** 2
    classes = rng.normal(size=(5, 1, 8, 8))
    thumbs = (strength * classes[labels] + rng.normal(0, 1, (1500, 1, 8, 8))).astype(np.float32)
    facts, _, _ = by_others((thumbs, labels), 5)
    assert facts["folds_accuracy"] < 0.75
    assert facts["folds_low"] == 0


def test_neighbours_agree_unless_labels_are_shuffled(digits: tuple[np.ndarray, np.ndarray]) -> None:
    thumbs, labels = digits
    train, val = (thumbs[:1200], labels[:1200]), (thumbs[1200:], labels[1200:])
    good = by_neighbours(val, train, 10)
    assert good["neighbours"] == 597
    assert good["neighbours_right"] / 597 > 0.95
    assert good["chance"] == (val[1] == np.bincount(train[1]).argmax()).mean()
    shuffled = np.random.default_rng(0).permutation(train[1])
    assert by_neighbours(val, (train[0], shuffled), 10)["neighbours_right"] / 597 < 0.16
    assert by_neighbours(train, None, 10)["neighbours_right"] / 1200 > 0.95
    assert by_neighbours((thumbs[:0], labels[:0]), None, 10) == {}


def test_the_surest_quarter_of_each_answer_is_counted() -> None:
    answers = np.array([0] * 8 + [1] * 4 + [0])
    sureness = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.9, 0.8, 0.7, 0.6, 0.99])
    labels = np.array([1, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, -1])
    assert by_answers(labels, answers, sureness) == (3, 1)


@pytest.mark.parametrize(
    ("train", "val", "wanted"),
    [
        ([0.3, 0.6, 0.7, 0.75], [0.4, 0.7, 0.75, 0.76], 1),
        ([0.3, 0.55, 0.9, 0.99], [0.4, 0.55, 0.6, 0.7], 1),
        ([0.9, 0.9], [0.95, 0.95], 0),
        ([0.3, 0.5, 0.6], [], 1),
        ([0.3], [], 0),
    ],
    ids=["nearly best", "learnt by heart", "at once", "no val", "one pass"],
)
def test_the_early_pass(train: list[float], val: list[float], wanted: int) -> None:
    assert early_pass(train, val, 1000) == wanted


def test_contradictions_come_surest_first() -> None:
    found = surest_contradictions(
        np.array([0, 1, 2, -1]),
        np.array([1, 1, 0, 2]),
        np.array([0.5, 0.9, 0.8, 1.0]),
        lambda i: f"train[{i}]",
    )
    assert [(s.sample, s.given, s.suggested) for s in found] == [("train[2]", 2, 0), ("train[0]", 0, 1)]
