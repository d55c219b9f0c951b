"""A series that never grows beyond a limit: when it is full, every other sample goes.

Knows nothing about what a sample is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

__all__ = ["MOST", "Thinned"]

MOST = 512
"""Samples of a series: as many as a chart has pixels to show, and some 100 kB for a network of 20 layers."""

Sample = TypeVar("Sample")


class Thinned(Generic[Sample]):
    """The samples of a series, evenly spaced among those that were offered, and always the newest.

    Of n samples offered those with index 0, s, 2 s, ... are kept, and the last; the stride s doubles whenever more than `most` would
    be kept, so there are `most` / 2 or more once it has. Adding costs O(1) on average.

    >>> series = Thinned(most=4)
    >>> for step in range(12):
    ...     series.add(step)
    >>> list(series)
    [0, 4, 8, 11]
    """

    def __init__(self, most: int = MOST) -> None:
        """`most` samples are kept, the newest included; 2 or more."""
        self.most = most
        self._kept: list[Sample] = []
        self._newest: list[Sample] = []
        self._stride = 1
        self._offered = 0

    def add(self, sample: Sample) -> None:
        """Offer the next sample."""
        if self._offered % self._stride == 0:
            self._kept.append(sample)
        self._newest = [sample]
        self._offered += 1
        while len(self) > self.most:
            self._kept = self._kept[::2]
            self._stride *= 2

    def __iter__(self) -> Iterator[Sample]:
        return iter(self._kept + self._beyond())

    def __len__(self) -> int:
        return len(self._kept) + len(self._beyond())

    def _beyond(self) -> list[Sample]:
        """The newest, where it is not on the stride."""
        return self._newest if self._offered and (self._offered - 1) % self._stride else []
