"""Copies of training images in val are found, and alike images are not taken for copies."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits

from striate.observe.overlap import near_copies, overlap_seen


@pytest.fixture(scope="module")
def digits() -> np.ndarray:
    images = load_digits().images[:, None].astype(np.float32)
    return (images[np.random.default_rng(0).permutation(len(images))] - 4.9) / 6.0


def test_digits_hold_no_copies(digits: np.ndarray) -> None:
    """Low-entropy images are close to each other; the null knows."""
    assert len(near_copies(digits[1200:], digits[:1200], moved=False)[0]) <= 2
    assert len(near_copies(digits[1200:], digits[:1200], moved=True)[0]) <= 2


@pytest.mark.parametrize("mirrored", [False, True], ids=["plain", "mirrored"])
def test_noisy_copies_are_found_and_named(digits: np.ndarray, mirrored: bool) -> None:
    train, val = digits[:1200].copy(), digits[1200:]
    copies = val[:60, ..., ::-1] if mirrored else val[:60]
    train[100:160] = copies + np.random.default_rng(1).normal(0, 0.03, copies.shape)
    found, partner = near_copies(val, train, moved=False)
    hits = found < 60
    assert hits.sum() >= 57
    assert (partner[hits] == 100 + found[hits]).all()
    # Beside true copies the excess over the null is a count: a few of its names may be wrong.
    assert (~hits).sum() <= 6


def test_too_few_say_nothing(digits: np.ndarray) -> None:
    assert len(near_copies(digits[:5], digits[:5], moved=False)[0]) == 0


def test_the_record_counts_and_names() -> None:
    exact = np.array([True, False, False, False])
    seen = overlap_seen(
        exact,
        np.array([2, 0, 0, 0]),
        (np.array([0, 3]), np.array([1, 1])),
        np.array([True, False, True, True]),
        (["a", "b", "c"], ["p", "q", "r", "s"]),
    )
    assert (seen.checked, seen.exact, seen.near) == (4, 1, 1)
    assert seen.pairs == (("c", "p"), ("b", "s"))
    assert (seen.accuracy_on, seen.accuracy_off) == (1.0, 0.5)


def test_accuracies_are_none_where_nothing_was_told() -> None:
    nothing = (np.empty(0, np.int64), np.empty(0, np.int64))
    seen = overlap_seen(np.array([False, False]), np.zeros(2, np.int64), nothing, None, (["a"], ["p", "q"]))
    assert (seen.accuracy_on, seen.accuracy_off, seen.pairs) == (None, None, ())
