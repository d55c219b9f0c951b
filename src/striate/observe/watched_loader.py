"""A loader as the loop knows it, with somebody noting what comes out.

It hands on the loader's own batches, in its order, unchanged, and everything else that a loader can do. Knows nothing about what is
noted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

__all__ = ["WatchedLoader"]


class WatchedLoader:
    """Wraps any iterable of batches. Attributes that it lacks are the loader's own: ``dataset``, ``sampler``, ..."""

    def __init__(
        self,
        loader: Iterable[Any],
        *,
        began: Callable[[], None],
        came: Callable[[Any, float], None],
        ended: Callable[[bool], None],
    ) -> None:
        """`began()` before a pass, `came(batch, seconds waited)` for each batch, `ended(whole)` after a pass: `whole` is False when the loop broke off."""
        self._loader = loader
        self._began, self._came, self._ended = began, came, ended

    def __iter__(self) -> Iterator[Any]:
        self._began()
        whole = False
        try:
            batches = iter(self._loader)
            while True:
                asked = time.perf_counter()
                try:
                    batch = next(batches)
                except StopIteration:
                    whole = True
                    return
                self._came(batch, time.perf_counter() - asked)
                yield batch
        finally:
            self._ended(whole)

    def __len__(self) -> int:
        return len(self._loader)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> Any:
        if name == "_loader":  # while being copied or unpickled there is none yet
            raise AttributeError(name)
        return getattr(self._loader, name)
