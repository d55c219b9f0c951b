"""Counts of images and classes are found where the figures betray them, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from striate.diagnosis.logs.granularity import classes_at_chance, images_counted


@pytest.mark.parametrize("n", [60, 360, 1000, 10_000])
def test_float32_accuracies_tell_the_number_of_images(n: int) -> None:
    right = np.random.default_rng(0).integers(1, n, size=12)
    right[0] = 1
    assert images_counted((right / n).astype(np.float32).astype(np.float64), 0.0) == n


def test_two_digits_of_percent_tell_few_images_and_not_many() -> None:
    rng = np.random.default_rng(0)
    few, many = (np.round(rng.integers(1, n, size=20) / n, 4) for n in (150, 10_000))
    assert images_counted(few, 5e-5) == 150
    assert images_counted(many, 5e-5) == 0


def test_figures_of_no_count_tell_nothing() -> None:
    assert images_counted(np.random.default_rng(0).random(30), 0.0) == 0


def test_too_few_different_figures_tell_nothing() -> None:
    assert images_counted(np.array([0.5, 0.25, 0.5, 0.25, 0.0, 1.0]), 0.0) == 0
    assert images_counted(np.array([0.5, 0.25, 0.75, 0.6]), 0.005) == 0


def test_classes_are_told_by_chance_answers_alone() -> None:
    dead = np.full(4, np.log(10)), np.full(4, 0.1)
    assert classes_at_chance(*dead) == 10
    # Two classes at a loss of ln 2, half of them right; but also ten classes of which three quarters are right.
    assert classes_at_chance(np.array([0.693, 0.694]), np.array([0.5, 0.51])) == 2
    assert classes_at_chance(np.array([0.693, 0.694]), np.array([0.76, 0.76])) == 0
    assert classes_at_chance(np.array([2.2, 0.693, 0.693, 0.3]), np.array([0.3, 0.5, 0.5, 0.9])) == 0
    assert classes_at_chance(np.array([2.3026]), np.array([0.1])) == 0
    assert classes_at_chance(np.array([np.nan, np.nan]), np.array([0.1, 0.1])) == 0
    assert classes_at_chance(np.array([np.inf, 1e300]), np.array([0.1, 0.1])) == 0
