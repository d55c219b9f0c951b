"""Runs appended to a log, and epochs that a resumed run did again: which rows count.

Where the epoch (or step) goes back, training was begun again or resumed from there. Rows that were written before and say the same
epoch or a later one are of a past that the final network does not have. Knows nothing about what the columns mean.
"""

from __future__ import annotations

import numpy as np

from striate.diagnosis.logs.table import Bools, Floats

__all__ = ["kept_after_restarts", "restarts"]


def restarts(axis: Floats) -> Floats:
    """The values to which the axis goes back, in the order of the log; NaN is passed over.

    >>> restarts(np.array([1.0, 2, 3, 2, 3, 1])).tolist()
    [2.0, 1.0]
    """
    known = axis[~np.isnan(axis)]
    return known[1:][known[1:] < known[:-1]]


def kept_after_restarts(axis: Floats) -> Bools:
    """True for the rows that count: those that no later restart goes back to or beyond.

    >>> kept_after_restarts(np.array([1.0, 2, 3, 2, 3])).tolist()
    [True, False, False, True, True]
    """
    keep = np.ones(len(axis), dtype=np.bool_)
    known = np.flatnonzero(~np.isnan(axis))
    if len(known) < 2:
        return keep
    values = axis[known]
    back = np.concatenate([[False], values[1:] < values[:-1]])
    # For each row the lowest value that any later restart goes back to.
    marks = np.where(back, values, np.inf)
    lowest_after = np.append(np.minimum.accumulate(marks[::-1])[::-1][1:], np.inf)
    keep[known] = values < lowest_after
    # A row without a value goes with the one before it.
    last = np.maximum.accumulate(np.where(~np.isnan(axis), np.arange(len(axis)), -1))
    holes = np.isnan(axis) & (last >= 0)
    keep[holes] = keep[last[holes]]
    return keep
