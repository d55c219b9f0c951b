"""Decoded pixels as one array (N, H, W, C): in memory if they fit, else mapped from disk.

Only samples that gave pixels are rows; `rows` says which entries of the listing they are. Knows nothing about how
they were decoded or where they are kept.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from striate.core.progress import SILENT, Progress
from striate.data.decode import digest
from striate.data.facts import FACTS, FORMATS, MODES
from striate.data.listing import Listing
from striate.data.preprocess import Preprocess
from striate.data.scan import Scan

__all__ = ["PixelSet", "default_memory_budget", "pixels_of_arrays"]

MOST_MEMORY = 4 << 30
"""Upper end of the default budget: 4 GiB hold 28,000 colour images of 224 x 224, and leave a laptop usable."""


@dataclass(frozen=True)
class PixelSet:
    """Pixels of the readable samples, and what the scan found about all of them."""

    pixels: NDArray[np.uint8]
    """(N, H, W, C), C-contiguous, not to be written to; an array in memory or a read-only np.memmap."""
    rows: NDArray[np.int64]
    """Position in the listing of each row."""
    scan: Scan


def default_memory_budget() -> int:
    """Bytes of pixels to hold in memory: a quarter of the machine's (or the container's), 4 GiB at most."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # not POSIX
        return 1 << 30
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
    except OSError:
        limit = "max"
    if limit.isdigit():
        total = min(total, int(limit))
    return min(MOST_MEMORY, total // 4)


def pixels_of_arrays(listing: Listing, preprocess: Preprocess, progress: Progress = SILENT) -> PixelSet:
    """Samples that came as an array: used as they are where size and channels agree, else made to.

    Their facts are of the array's rows (digests of the original rows, for finding duplicates); all are readable.
    """
    arrays = listing.arrays
    if arrays is None:
        raise ValueError("this listing holds files, not arrays")
    n, height, width, channels = arrays.shape
    facts = np.zeros(n, FACTS)
    facts["format"], facts["mode"] = FORMATS.index(""), MODES.index("L" if channels == 1 else "RGB")
    facts["width"], facts["height"], facts["orientation"], facts["frames"] = width, height, 1, 1
    facts["digest"] = np.frombuffer(b"".join(digest(row.tobytes()) for row in arrays), "V16")
    rows = np.arange(n, dtype=np.int64)
    if arrays.shape[1:] == preprocess.shape:
        return PixelSet(np.ascontiguousarray(arrays), rows, Scan(facts, {}))
    pixels = np.empty((n, *preprocess.shape), np.uint8)
    with progress.task("Resizing images", n) as task:
        for i, row in enumerate(arrays):
            pixels[i] = preprocess.pixels(Image.fromarray(row[:, :, 0] if channels == 1 else row))
            task.advance()
    return PixelSet(pixels, rows, Scan(facts, {}))
