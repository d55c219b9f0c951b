"""Estimates of label noise: confident learning by hand, and a floor that hard images do not have."""

from __future__ import annotations

import numpy as np
import pytest

from striate.observe.contradiction import confident_joint, floor, low_limit, rank_of_sureness


def test_low_limit_is_wilsons() -> None:
    assert low_limit(10, 100) == pytest.approx(0.0552, abs=1e-4)
    assert low_limit(0, 50) == pytest.approx(0, abs=1e-12)
    assert low_limit(0, 0) == 0


def test_confident_joint_by_hand() -> None:
    # Limits: class 0 (0.9 + 0.6 + 0.1) / 3 = 0.533, class 1 (0.8 + 0.6) / 2 = 0.7. Row 1 is plausible as 0, row 2 as 1, row 4 as none.
    shares = np.array([[0.9, 0.1], [0.6, 0.4], [0.1, 0.9], [0.2, 0.8], [0.4, 0.6]])
    assert confident_joint(shares, np.array([0, 0, 0, 1, 1])) == pytest.approx(1 / 5)


def test_ranks_are_within_each_answer() -> None:
    rank = rank_of_sureness(np.array([0, 1, 0, 1, 0, 0]), np.array([0.9, 0.5, 0.1, 0.7, 0.8, 0.3]))
    assert rank.tolist() == [0.125, 0.75, 0.875, 0.25, 0.375, 0.625]


def test_wrong_labels_have_a_floor_and_hard_images_have_none() -> None:
    rng = np.random.default_rng(0)
    rank = (np.arange(2000) + 0.5) / 2000
    noise = rng.random(2000) < 0.2
    hard = rng.random(2000) < 0.1 + 0.8 * rank
    assert 0.13 < floor(noise, rank) < 0.2
    assert floor(hard, rank) == 0
    assert floor(np.empty(0, bool), np.empty(0)) == 0
