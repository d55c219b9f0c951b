"""Gabor fits: planted parameters come back, noise does not fit as well, bounds hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from striate.analysis.gabor import Gabor, fit_gabor, gabor


def test_the_function_by_hand() -> None:
    g = Gabor(2.0, 1.0, 0.0, 1.5, 3.0, 0.0, 0.25, 0.5)
    shown = gabor((5, 7), g)
    # Row 3 of 0..4 is y = 1, column 6 of 0..6 is x = 3; across the stripes x - 1 = 2.
    wanted = 2 * math.exp(-0.5 * ((2 / 1.5) ** 2 + (1 / 3) ** 2)) * math.cos(2 * math.pi * 0.25 * 2 + 0.5)
    assert shown[3, 6] == pytest.approx(wanted)
    # At 30 degrees: across = 2 cos 30 + 1 sin 30, along = 1 cos 30 - 2 sin 30.
    c, s = math.cos(math.pi / 6), math.sin(math.pi / 6)
    across, along = 2 * c + s, c - 2 * s
    wanted = (
        2 * math.exp(-0.5 * ((across / 1.5) ** 2 + (along / 3) ** 2)) * math.cos(math.pi / 2 * across + 0.5)
    )
    assert gabor((5, 7), g._replace(theta=math.pi / 6))[3, 6] == pytest.approx(wanted)
    turned = gabor((7, 5), g._replace(theta=math.pi / 2, x0=0.0, y0=1.0))
    np.testing.assert_allclose(turned[6], gabor((5, 7), g._replace(phase=0.5))[:, 6][::-1], atol=1e-12)


@settings(max_examples=40)
@example(1.0, 0.0, 2.0, 1.0, 3.0, 0.125, 0.5)
@given(
    st.floats(-1.5, 1.5),
    st.floats(-1.5, 1.5),
    st.floats(1.0, 2.5),
    st.floats(1.0, 2.5),
    st.floats(0, math.pi),
    st.floats(0.1, 0.35),
    st.floats(0, 2 * math.pi),
)
def test_a_pure_gabor_kernel_fits_itself(
    x0: float, y0: float, sx: float, sy: float, theta: float, f: float, phase: float
) -> None:
    kernel = gabor((7, 7), Gabor(0.3, x0, y0, sx, sy, theta, f, phase))
    fitted = fit_gabor(kernel)
    assert fitted.r2 > 0.98
    spread = ((kernel - kernel.mean()) ** 2).sum()
    again = 1 - ((gabor((7, 7), fitted) - kernel) ** 2).sum() / spread
    assert again == pytest.approx(fitted.r2, abs=1e-9)


def test_noise_fits_much_less() -> None:
    rng = np.random.default_rng(0)
    noise = [fit_gabor(rng.normal(size=(7, 7))).r2 for _ in range(30)]
    assert 0.2 < np.median(noise) < 0.65
    larger = [fit_gabor(rng.normal(size=(11, 11))).r2 for _ in range(10)]
    assert np.median(larger) < np.median(noise)


def test_scale_and_sign_do_not_matter() -> None:
    kernel = np.random.default_rng(1).normal(size=(7, 9))
    assert fit_gabor(kernel * -1000).r2 == pytest.approx(fit_gabor(kernel).r2, abs=1e-6)


def test_parameters_stay_in_their_bounds() -> None:
    for seed in range(10):
        g = fit_gabor(np.random.default_rng(seed).normal(size=(7, 7)))
        assert abs(g.x0) <= 3
        assert abs(g.y0) <= 3
        assert 0.5 <= g.sigma_x <= 7
        assert 0.5 <= g.sigma_y <= 7
        assert 0 <= g.frequency <= 0.5


def test_a_constant_kernel_has_no_fit() -> None:
    assert math.isnan(fit_gabor(np.ones((7, 7))).r2)
