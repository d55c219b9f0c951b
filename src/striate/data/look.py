"""A look at some headers, to choose an image size and channels where nobody asked.

Knows nothing about pixels: only the first bytes of some files are read.
"""

from __future__ import annotations

import os
import statistics
from collections import Counter
from dataclasses import dataclass

import numpy as np

from striate.data.listing import Listing

__all__ = ["Look", "choose_channels", "choose_img_size", "look"]

SAMPLE = 256
"""Enough that a median of sizes is within a few percent; 30 ms of reading."""

LARGEST_AS_IS = 128
"""Sets of one size up to this are taken as they are: benchmark sets (8 to 96 px) and tiles. Beyond it the cost
of training grows past what a first run should take."""

LARGEST, STEP, UNKNOWN = 224, 32, 32
"""224: what published backbones were trained at (Krizhevsky et al. 2012 and most since). 32: sizes that five halvings,
as such networks make, divide without remainder. 32 again, where no header could be read: what those halvings take to
one pixel."""

GREY_MODES = ("1", "L", "LA", "I;16", "I;16L", "I;16B", "I;16N", "I")


@dataclass(frozen=True)
class Look:
    """Sizes (H, W) as shown and Pillow modes of the files of a sample that had a readable header."""

    sizes: tuple[tuple[int, int], ...]
    modes: tuple[str, ...]


def look(listing: Listing, sample: int = SAMPLE) -> Look:
    """Headers of `sample` files evenly spaced in the listing, hence over its classes; all rows of an array alike."""
    if listing.arrays is not None:
        _, height, width, channels = listing.arrays.shape
        return Look(((height, width),), ("L" if channels == 1 else "RGB",))
    from striate.data import pillow_reader
    from striate.data.decode import open_file
    from striate.data.facts import RefusedFile

    prefix = os.path.join(str(listing.root), "")  # noqa: PTH118 - a prefix, not a path
    sizes, modes = [], []
    for i in np.unique(np.linspace(0, max(0, len(listing) - 1), min(sample, len(listing))).astype(int)):
        try:
            handle, _ = open_file(prefix + listing.paths[i])
        except RefusedFile:
            continue
        with os.fdopen(handle, "rb") as file:
            found = pillow_reader.header(file)
        if found is not None:
            (width, height), mode = found
            sizes.append((height, width))
            modes.append(mode)
    return Look(tuple(sizes), tuple(modes))


def choose_img_size(seen: Look, at_most: int | None = None) -> tuple[int, int]:
    """(H, W) for the network, in proportion smaller where the longer side is above `at_most`.

    The size of more than half of the images, if its longer side is at most 128 px, is kept, whatever its aspect ratio: it
    is the median of both sides then, wherever the others lie. Else a square: the median of the shorter sides, at most
    224, and rounded down to a multiple of 32 unless it is below 32. Never up, because enlarging invents detail: at
    least half of the images are as large as what is chosen.
    """
    height, width = _usual_size(seen)
    if at_most is None or max(height, width) <= at_most:
        return height, width
    scale = at_most / max(height, width)
    return max(1, round(height * scale)), max(1, round(width * scale))


def _usual_size(seen: Look) -> tuple[int, int]:
    if not seen.sizes:
        return UNKNOWN, UNKNOWN
    common, n = Counter(seen.sizes).most_common(1)[0]
    if 2 * n > len(seen.sizes) and max(common) <= LARGEST_AS_IS:
        return common
    shorter = min(LARGEST, statistics.median_low([min(size) for size in seen.sizes]))
    side = shorter if shorter < STEP else shorter // STEP * STEP
    return side, side


def choose_channels(seen: Look) -> int:
    """1 if every file seen is grey, else 3: a single colour picture may carry what tells the classes apart."""
    return 1 if seen.modes and all(mode in GREY_MODES for mode in seen.modes) else 3
