"""Every file of a listing decoded once: pixels into a file, facts into one packed array.

Knows nothing about caches, splits or what the facts mean.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from striate.core.progress import SILENT, Progress
from striate.data.decode_pool import HANG_SECONDS, DecodePool
from striate.data.decode_run import Job, Piece, decode_run
from striate.data.facts import FACTS
from striate.data.listing import Listing
from striate.data.preprocess import Preprocess

__all__ = ["Scan", "default_workers", "scan_files"]

FILES_PER_WORKER = 64
"""A further worker pays its start-up (0.2 s) only with this many files: 2 ms each, or 0.1 s of work, at the least."""


@dataclass(frozen=True)
class Scan:
    """What a pass over all files found."""

    facts: NDArray[np.void]
    """FACTS, one row per entry of the listing."""
    details: dict[int, str]
    """By position in the listing."""

    @property
    def readable(self) -> NDArray[np.int64]:
        """Positions of the files that gave pixels."""
        return np.flatnonzero(self.facts["reason"] == 0)


def default_workers(n: int) -> int:
    """One process per core that may be used, fewer for few files; 0 where Python cannot start itself again."""
    if not sys.executable:
        return 0
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not Linux
        cores = os.cpu_count() or 1
    return max(1, min(cores, n // FILES_PER_WORKER))


def scan_files(
    listing: Listing,
    preprocess: Preprocess,
    pixels: Path,
    *,
    workers: int | None = None,
    progress: Progress = SILENT,
    hang_seconds: float = HANG_SECONDS,
) -> Scan:
    """Decode every file of `listing` into its slot of `pixels`, a file of N * H * W * C bytes.

    `workers=0` decodes in this process, without a guard against decoders that crash or hang. Raises OSError when
    `pixels` cannot be written, WorkersFailed when no worker can be started.
    """
    job = Job(os.path.join(str(listing.root), ""), str(pixels), preprocess)  # noqa: PTH118 - a prefix, not a path
    n = len(listing)
    facts = np.zeros(n, FACTS)
    details: dict[int, str] = {}
    with ExitStack() as stack:
        task = stack.enter_context(progress.task("Reading images", n))
        for piece in _pieces(stack, job, listing.paths, workers, hang_seconds):
            facts[piece.first : piece.first + len(piece.facts)] = piece.facts
            details.update(piece.details)
            task.advance(len(piece.facts))
    return Scan(facts, dict(sorted(details.items())))


def _pieces(
    stack: ExitStack, job: Job, paths: tuple[str, ...], workers: int | None, hang_seconds: float
) -> Iterator[Piece]:
    count = default_workers(len(paths)) if workers is None else min(workers, max(1, len(paths)))
    if count == 0:
        return decode_run(job, 0, paths)
    return stack.enter_context(DecodePool(job, paths, count, hang_seconds)).pieces()
