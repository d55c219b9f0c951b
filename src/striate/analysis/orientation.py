"""How much of a kernel's energy lies in one orientation, by a spectrum that fits nothing.

Knows nothing about networks.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["orientation_concentration"]

# Samples of the spectrum a side: enough that a 7x7 kernel's spectrum, which is smooth, is summed and not sampled.
SIDE = 32


def orientation_concentration(kernel: NDArray[np.floating]) -> float:
    """|sum P exp(2 i t)| / sum P over the plane of frequencies, P the power of the kernel (h, w) less its mean, t the direction.

    0 for a kernel that favours no direction, 1 for a grating; the factor 2 makes a direction and its opposite one. Frequencies
    beyond the circle of the Nyquist limit are left out: the square's corners would favour diagonals. NaN for a constant kernel.
    """
    side = max(SIDE, *kernel.shape)
    power = np.abs(np.fft.fft2(kernel - kernel.mean(), s=(side, side))) ** 2
    f = np.fft.fftfreq(side)
    fy, fx = np.meshgrid(f, f, indexing="ij")
    within = (np.hypot(fx, fy) < 0.5) & ((fx != 0) | (fy != 0))
    p, t = power[within], np.arctan2(fy[within], fx[within])
    # Relative to the kernel: what rounding leaves of a constant one is no direction.
    if p.sum() <= 1e-24 * side * side * float((kernel.astype(np.float64) ** 2).sum()):
        return float("nan")
    return float(np.abs((p * np.exp(2j * t)).sum()) / p.sum())
