"""Decoding workers and what becomes of a file that crashes or hangs one.

When a worker dies, the files it had not told are done are tried one by one in a fresh worker: the culprit is
named, the others lose nothing. Knows nothing about formats, data sets or caches.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from types import TracebackType

import numpy as np

from striate.data.decode_lane import Lane, ScanOver
from striate.data.decode_run import Job, Piece
from striate.data.facts import FACTS, REASONS

__all__ = ["HANG_SECONDS", "DecodePool"]

HANG_SECONDS = 10.0
"""A worker that is silent for this long hangs: it tells a piece after every file once 0.1 s have passed, and the
largest file that is read takes about 2 s."""

RUN_FILES = 512
"""Files handed to a worker at once: 10 to 20 ms of tiny photographs, so that handing over costs nothing."""


class DecodePool:
    """Workers that decode all of `paths`; use it as a context manager, which ends every one of them."""

    def __init__(
        self, job: Job, paths: Sequence[str], workers: int, hang_seconds: float = HANG_SECONDS
    ) -> None:
        self._paths = paths
        run = max(
            1, min(RUN_FILES, -(-len(paths) // (4 * workers)))
        )  # at least four runs each, so all end together
        self._runs = deque(range(0, len(paths), run))
        self._run = run
        self._lanes = [Lane(job, hang_seconds) for _ in range(workers)]
        self._results: queue.SimpleQueue[Piece | BaseException] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._serve, args=(lane,), name="striate-decode", daemon=True)
            for lane in self._lanes
        ]

    def __enter__(self) -> DecodePool:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runs.clear()
        for lane in self._lanes:
            lane.close()
        for thread in self._threads:
            thread.join(timeout=5.0)

    def pieces(self) -> Iterator[Piece]:
        """Every file exactly once, in no particular order. Raises what a worker could not go on from."""
        left = len(self._paths)
        while left:
            try:
                result = self._results.get(timeout=0.2)
            except queue.Empty:
                for lane in self._lanes:
                    lane.end_if_overdue()
                continue
            if isinstance(result, BaseException):
                raise result
            left -= len(result.facts)
            yield result

    def _serve(self, lane: Lane) -> None:
        """Feed one worker until no run is left."""
        try:
            while True:
                try:
                    first = self._runs.popleft()
                except IndexError:
                    return
                paths = self._paths[first : first + self._run]
                done = lane.decode(first, paths, self._results)
                for position in range(done, first + len(paths)):
                    self._alone(lane, position)
        except ScanOver:
            return
        except BaseException as error:  # noqa: BLE001 - raised again where the pieces are read
            self._results.put(error)
        finally:
            lane.end()

    def _alone(self, lane: Lane, position: int) -> None:
        """One file by itself, twice if need be: a worker may have been killed for reasons of its own."""
        for _ in range(2):
            if lane.decode(position, [self._paths[position]], self._results) > position:
                return
            if lane.hung:
                break
        facts = np.zeros(1, FACTS)
        facts["reason"] = REASONS.index("decoder-hung" if lane.hung else "decoder-crashed")
        self._results.put(Piece(position, facts, {position: f"the decoder was ended: {lane.cause()}"}))
