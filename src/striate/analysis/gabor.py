"""The Gabor function, a grating under a Gaussian window, fitted to a kernel.

g(x, y) = A exp(-x'^2 / 2 sx^2 - y'^2 / 2 sy^2) cos(2 pi f x' + p), x' = (x - x0) cos t + (y - y0) sin t,
y' = -(x - x0) sin t + (y - y0) cos t: the eight parameters of a simple cell's field (Daugman 1985). Knows nothing about
networks, nor about how good a fit is good: nearly anything fits a kernel of few numbers.
"""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["PARAMETERS", "Gabor", "fit_gabor", "gabor"]

PARAMETERS = 8

# Starting points: a bank of gratings under round windows; the best few of different frequency or orientation are refined. Of 1,200 random
# Gabor functions of 7x7, 4 such starts miss 3 and 8 none; a window twice as wide as high, f = 1/8, needs 10. On noise twice as many, or a
# tolerance of 1e-8, raised the median R^2 (0.283) by under 0.001.
ORIENTATIONS, FREQUENCIES, WINDOWS, PLACES = 12, 6, 3, 3
STARTS = 10
EVALUATIONS = 600
# Of the sum of squares: R^2 is read to three digits.
TOLERANCE = 1e-4
# The window's least width, in pixels: below it a Gabor function is a single pixel, which fits any spike.
NARROWEST = 0.5
NYQUIST = 0.5

Array = NDArray[np.float64]


class Gabor(NamedTuple):
    """Parameters in pixels, radians and cycles per pixel, (x0, y0) from the kernel's centre, and the fit's R^2."""

    amplitude: float
    x0: float
    y0: float
    sigma_x: float
    """Across the stripes."""
    sigma_y: float
    """Along the stripes."""
    theta: float
    """Direction across the stripes: 0 is to the right, pi / 2 down."""
    frequency: float
    phase: float
    r2: float = math.nan


def gabor(shape: tuple[int, int], g: Gabor) -> Array:
    """The function on a grid of `shape` (h, w), whose centre is the origin; x to the right, y down."""
    y, x = _axes(shape)
    return _values(
        x, y, g.amplitude, g.x0, g.y0, g.sigma_x, g.sigma_y, g.theta, g.frequency, g.phase
    ).reshape(shape)


def fit_gabor(kernel: NDArray[np.floating], starts: int = STARTS) -> Gabor:
    """The Gabor function nearest to `kernel` (h, w) in least squares, from `starts` starting points.

    R^2 = 1 - |kernel - g|^2 / |kernel - mean|^2; NaN for a constant kernel. The centre stays on the kernel, sigma between half a pixel and
    the longer side, the frequency within [0, 1/2]. The same kernel gives the same fit.
    """
    from scipy.optimize import leastsq

    w = kernel.astype(np.float64).ravel()
    spread = float(((w - w.mean()) ** 2).sum())
    if spread <= 0:
        return Gabor(0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0)
    shape = (kernel.shape[0], kernel.shape[1])
    # Fitted at unit norm, so that a kernel and its multiple have one fit.
    scale = float(np.linalg.norm(w))
    y, x = _axes(shape)
    half = (max(shape) - 1) / 2
    best, least = None, math.inf

    def residual(free: Array) -> Array:
        return _values(x, y, *_bounded(free, half)) - w / scale

    for start in _starts(w / scale, shape, starts):
        # The full output, since the short one warns where a fit to noise has not settled: it is taken as far as it came.
        found = leastsq(
            residual, start, maxfev=EVALUATIONS, ftol=TOLERANCE, xtol=TOLERANCE, full_output=True
        )[0]
        error = float((residual(found) ** 2).sum())
        if error < least:
            best, least = found, error
    assert best is not None
    a, x0, y0, sx, sy, theta, frequency, phase = _bounded(best, half)
    return Gabor(a * scale, x0, y0, sx, sy, theta, frequency, phase, 1 - least * scale**2 / spread)


def _axes(shape: tuple[int, int]) -> tuple[Array, Array]:
    """Rows and columns of every pixel, flat, from the centre."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float64)
    return (y - (shape[0] - 1) / 2).ravel(), (x - (shape[1] - 1) / 2).ravel()


def _values(
    x: Array,
    y: Array,
    a: float,
    x0: float,
    y0: float,
    sx: float,
    sy: float,
    theta: float,
    frequency: float,
    phase: float,
) -> Array:
    c, s = math.cos(theta), math.sin(theta)
    across = (x - x0) * c + (y - y0) * s
    along = (y - y0) * c - (x - x0) * s
    window = np.exp(-0.5 * ((across / sx) ** 2 + (along / sy) ** 2))
    return a * window * np.cos(2 * math.pi * frequency * across + phase)


def _bounded(free: Array, half: float) -> tuple[float, ...]:
    """Parameters from unbounded numbers, so that a plain least-squares solver respects the bounds."""
    a, u, v, s, t, theta, q, phase = (float(value) for value in free)
    widest = 2 * half + 1

    def within(value: float, low: float, high: float) -> float:
        # The middle of the sine's range is steepest, and it is smooth at the bounds.
        return low + (high - low) * (0.5 + 0.5 * math.sin(value))

    return (
        a,
        within(u, -half, half),
        within(v, -half, half),
        within(s, NARROWEST, widest),
        within(t, NARROWEST, widest),
        theta,
        within(q, 0.0, NYQUIST),
        phase,
    )


def _free(value: float, low: float, high: float) -> float:
    """The number that `_bounded` takes to `value`."""
    return math.asin(min(1.0, max(-1.0, 2 * (value - low) / (high - low) - 1)))


@cache
def _bank(shape: tuple[int, int]) -> tuple[Array, Array]:
    """Parameters (M, 5): x0, y0, sigma, theta, frequency; and their cosine and sine gratings (M, 2, h w)."""
    y, x = _axes(shape)
    longer = max(shape)
    places = np.linspace(-0.25, 0.25, PLACES) * longer
    thetas = np.arange(ORIENTATIONS) * math.pi / ORIENTATIONS
    # From half a period over the kernel to just below two pixels a period.
    frequencies = np.geomspace(0.5 / longer, 0.45, FREQUENCIES)
    sigmas = np.geomspace(longer / 8, longer / 2, WINDOWS)
    grid = np.meshgrid(places, places, sigmas, thetas, frequencies, indexing="ij")
    points = np.stack([part.ravel() for part in grid], axis=1)
    pairs = [
        [_values(x, y, 1.0, x0, y0, s, s, t, f, phase) for phase in (0.0, -math.pi / 2)]
        for x0, y0, s, t, f in points
    ]
    return points, np.array(pairs)


def _unlike(order: NDArray[np.int64], points: Array, starts: int) -> list[int]:
    """The first of the order, no two of one frequency and orientation: neighbours in place or width end in the same fit."""
    chosen: dict[tuple[float, float], int] = {}
    for k in order:
        chosen.setdefault((points[k, 3], points[k, 4]), int(k))
        if len(chosen) == starts:
            break
    return list(chosen.values())


def _starts(w: Array, shape: tuple[int, int], starts: int) -> list[Array]:
    """The best of the bank, with the amplitude and phase that suit `w`, best first."""
    points, pairs = _bank(shape)
    cosine, sine = pairs[:, 0], pairs[:, 1]
    # Normal equations of w = alpha cosine + beta sine, two unknowns for each grating.
    cc, ss, cs = (cosine**2).sum(1), (sine**2).sum(1), (cosine * sine).sum(1)
    cw, sw = cosine @ w, sine @ w
    determinant = np.maximum(cc * ss - cs**2, 1e-9 * cc * np.maximum(ss, 1e-9))
    alpha, beta = (ss * cw - cs * sw) / determinant, (cc * sw - cs * cw) / determinant
    explained = alpha * cw + beta * sw
    half, widest = (max(shape) - 1) / 2, float(max(shape))
    found = []
    for k in _unlike(np.argsort(-explained, kind="stable"), points, starts):
        x0, y0, sigma, theta, frequency = points[k]
        found.append(
            np.array(
                [
                    math.hypot(alpha[k], beta[k]),
                    _free(x0, -half, half),
                    _free(y0, -half, half),
                    _free(sigma, NARROWEST, widest),
                    _free(sigma, NARROWEST, widest),
                    theta,
                    _free(frequency, 0.0, NYQUIST),
                    math.atan2(-beta[k], alpha[k]),
                ]
            )
        )
    return found
