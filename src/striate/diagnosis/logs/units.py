"""Percent or share, error or accuracy: figures of any unit become shares that are right.

Knows nothing about names of columns or about rows.
"""

from __future__ import annotations

import numpy as np

from striate.diagnosis.logs.table import Column

__all__ = ["to_share"]

# Float32 leaves an accuracy of 1 this much above it at the most.
_ABOVE_ONE = 1e-5
# An error in percent that never was above this is more likely a loss called error. Own starting value.
_LIKELY_PERCENT = 10.0


def to_share(column: Column, error: bool, strict: bool, named_percent: bool) -> tuple[Column | None, str]:
    """The column as accuracies in [0, 1], and in words what was done; None and why where it is no accuracy.

    `error`: the figures are errors. `strict`: their name says that they are shares. `named_percent`: it says percent.
    NaN and infinite figures become holes: an accuracy always is a number.
    """
    given = column.given & np.isfinite(column.values)
    seen = column.values[given]
    if not len(seen):
        return None, "has no finite figure"
    low, high = float(seen.min()), float(seen.max())
    if low < -_ABOVE_ONE or high > 100 * (1 + _ABOVE_ONE):
        return None, f"goes from {low:.4g} to {high:.4g}, so it is no share and no percentage"
    percent = column.percent or named_percent or high > 1 + _ABOVE_ONE
    if error and not strict and percent and high < _LIKELY_PERCENT:
        return None, f"goes up to {high:.4g}: too much for a share and little for percent, perhaps a loss"
    said = []
    values, resolution = column.values, column.resolution
    if percent:
        values, resolution = values / 100, resolution / 100
        said.append("is in percent")
    if error:
        values = 1 - values
        said.append("is an error, so the accuracy is 1 less it")
    values = np.where(given, np.clip(values, 0.0, 1.0), np.nan)
    return Column(values, given, resolution), " and ".join(said)
