"""Which training images are scored clean: the same at every epoch, classes in proportion.

Knows nothing about pixels or networks.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from striate.core import seeds

__all__ = ["CLEAN_IMAGES", "clean_rows", "proportional"]

# Enough for an interval of +-2 points at 80 %, little enough to cost a few per cent of an epoch of CIFAR-10.
CLEAN_IMAGES = 2000


def clean_rows(labels: NDArray[np.int64], rows: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """At most CLEAN_IMAGES of `rows`, the same at every epoch, each class in proportion."""
    return proportional(labels, rows, CLEAN_IMAGES, seed, "clean")


def proportional(
    labels: NDArray[np.int64], rows: NDArray[np.int64], most: int, seed: int, stream: str
) -> NDArray[np.int64]:
    """At most `most` of `rows`, each class in proportion, ascending where not all are taken.

    Each class is shuffled, its members are spread evenly over [0, 1), and the lowest are taken.
    """
    if len(rows) <= most:
        return rows
    shuffled = rows[seeds.permutation(seed, stream, 0, len(rows))]
    place = np.empty(len(rows))
    for c in np.unique(labels[shuffled]):
        members = np.flatnonzero(labels[shuffled] == c)
        place[members] = (np.arange(len(members)) + 0.5) / len(members)
    return np.sort(shuffled[np.argsort(place, kind="stable")[:most]])
