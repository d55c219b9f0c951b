"""Orientation: 1 for a grating, 0 for what favours no direction, the same when turned."""

from __future__ import annotations

import math

import numpy as np
import pytest

from striate.analysis.orientation import orientation_concentration

Y, X = np.mgrid[-7:8, -7:8].astype(float)
WINDOW = np.exp(-(X**2 + Y**2) / 18)


def test_a_grating_has_one_orientation_whatever_it_is() -> None:
    for angle in np.linspace(0, math.pi, 7):
        grating = np.cos(1.5 * (X * math.cos(angle) + Y * math.sin(angle))) * WINDOW
        assert orientation_concentration(grating) > 0.85


def test_round_kernels_and_plaids_have_none() -> None:
    assert orientation_concentration(WINDOW) < 1e-9
    assert orientation_concentration((np.cos(1.5 * X) + np.cos(1.5 * Y)) * WINDOW) < 1e-9


def test_turning_a_kernel_changes_nothing() -> None:
    kernel = np.random.default_rng(0).normal(size=(7, 7))
    assert orientation_concentration(np.rot90(kernel)) == pytest.approx(orientation_concentration(kernel))
    assert orientation_concentration(5 * kernel) == pytest.approx(orientation_concentration(kernel))


def test_noise_has_little() -> None:
    rng = np.random.default_rng(0)
    assert np.median([orientation_concentration(rng.normal(size=(7, 7))) for _ in range(200)]) < 0.3


def test_a_constant_kernel_has_no_value() -> None:
    assert math.isnan(orientation_concentration(np.full((7, 7), 0.1)))
