"""Where the loop is: which split is being gone through, for which time, how far.

A validation may come in the middle of a training pass. Knows nothing about batches themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

__all__ = ["Passes"]


class Passes:
    """Passes over the watched loaders."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._begun: Counter[str] = Counter()
        self._done: Counter[str] = Counter()
        self._position: Counter[str] = Counter()
        self._length: dict[str, int] = {}
        self.broken_off: Counter[str] = Counter()
        self.images: dict[str, int] = {}
        """Images of the last pass that ended, by split."""
        self._images: Counter[str] = Counter()

    @property
    def split(self) -> str:
        """What is being gone through now; "" between passes."""
        return self._open[-1] if self._open else ""

    @property
    def epoch(self) -> float:
        """Training passes done, with the part of the open one."""
        done = float(self._done["train"])
        if "train" in self._open and self._length.get("train"):
            done += self._position["train"] / self._length["train"]
        return done

    def number(self, split: str) -> int:
        """Passes begun."""
        return self._begun[split]

    def position(self, split: str) -> int:
        """Batches of the present pass so far."""
        return self._position[split]

    def batches(self, split: str) -> int:
        """Batches of a whole pass; 0 where the loader does not say."""
        return self._length.get(split, 0)

    def begin(self, split: str, loader: Iterable[Any]) -> None:
        """A pass begins. The same split still being open means that its loop was left without a word."""
        if split in self._open:
            self._open.remove(split)
        self._open.append(split)
        self._begun[split] += 1
        self._position[split] = self._images[split] = 0
        try:
            self._length[split] = len(loader)  # type: ignore[arg-type]
        except (TypeError, NotImplementedError):
            self._length[split] = 0

    def batch(self, split: str, images: int) -> None:
        """A batch came."""
        self._position[split] += 1
        self._images[split] += images

    def end(self, split: str, whole: bool) -> None:
        """A pass ended; `whole` is False when the loop broke off. What was broken off counts as a pass all the same."""
        if split in self._open:
            self._open.remove(split)
        self._done[split] += 1
        self.broken_off[split] += not whole
        self.images[split] = self._images[split]
        if not self._length.get(split):
            self._length[split] = self._position[split]
