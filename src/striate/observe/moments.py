"""What the images of one split are like as a whole: moments, counts, blank and equal ones.

Knows nothing about networks, about the other split, or about which value is a fault.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from striate.core.data_observation import SplitSeen
from striate.observe.looking import area_weights
from striate.observe.pass_log import Looked, PassLog

__all__ = ["counts_of", "split_seen"]

_MEAN_IMAGE = 8
"""Sides of the mean image."""


def counts_of(labels: NDArray[np.int32], classes: int) -> tuple[int, ...]:
    """Images by class, of `classes` classes; labels that are none are left out."""
    good = labels[(labels >= 0) & (labels < classes)].astype(np.int64)
    return tuple(int(count) for count in np.bincount(good, minlength=classes))


def split_seen(split: Literal["train", "val"], log: PassLog, classes: int) -> SplitSeen | None:
    """The images of one pass; None where there were no images.

    Moments are over the images looked at (their grid, where images are large). Constant: each channel of one value.
    """
    looked, prints = log.looked(), log.column("prints")
    printed = prints != 0
    if looked is None or not printed.any():
        return None
    low, high, prints = log.column("low")[printed], log.column("high")[printed], prints[printed]
    finite = np.isfinite(low) & np.isfinite(high)
    facts: dict[str, Any] = _moments(looked) if len(looked.at) else {"mean": (), "std": ()}
    return SplitSeen(
        split=split,
        n=log.n,
        expected=log.expected,
        shape=log.shape,
        dtype=log.dtype,
        low=float(low[finite].min()) if finite.any() else float("nan"),
        high=float(high[finite].max()) if finite.any() else float("nan"),
        counts=counts_of(log.column("labels"), classes),
        constant=int((finite & log.column("blank")[printed]).sum()),
        non_finite=int((~finite).sum()),
        hashed=len(prints),
        repeated=len(prints) - len(np.unique(prints)),
        **facts,
    )


def _moments(looked: Looked) -> dict[str, Any]:
    mean = looked.mean.mean(0)
    std = np.sqrt(np.clip(looked.square.mean(0) - mean**2, 0, None))
    # Within an image: about each channel's own mean, so that a tint is no contrast.
    within = np.sqrt(np.clip(looked.square - looked.mean**2, 0, None).mean(1))
    spread = float(np.sqrt((std**2).mean()))
    visible = within > 1e-6 * max(spread, float(np.abs(mean).max()), 1e-30)
    small = looked.thumbs.mean(0, dtype=np.float64)
    rows, columns = (area_weights(n, _MEAN_IMAGE).numpy() for n in small.shape[1:])
    return {
        "mean": tuple(mean.tolist()),
        "std": tuple(std.tolist()),
        "contrast": float(within.mean() / spread) if spread > 0 else 0.0,
        "sharpness": float((looked.sharp[visible] / within[visible]).mean()) if visible.any() else 0.0,
        "thumbnail": tuple(float(value) for value in (rows @ small @ columns.T).ravel()),
    }
