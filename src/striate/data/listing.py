"""What a source holds before a pixel is decoded: paths or arrays, labels, splits, groups.

A listing is the meeting point of the package: sources make one, the scan decodes it, the splits divide it.
Knows nothing about decoding, networks or torch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from striate.core.records import Notice

__all__ = ["SPLITS", "Listing", "SourceKind"]

SourceKind = Literal["folder", "archive", "csv", "named", "arrays"]

SPLITS = ("train", "val", "test")
"""Codes 0, 1, 2 in `Listing.split`; -1 means that the source does not say."""


@dataclass(frozen=True)
class Listing:
    """Samples of one source, in a fixed order (sorted by path) on every machine.

    Exactly one of `root` (samples are files `root / paths[i]`) and `arrays` (samples are rows, uint8,
    (N, H, W, C), C 1 or 3) is set. `labels[i]` indexes `classes`.
    """

    name: str
    """Short, safe as a file name: 'photos', 'cifar10'."""
    source: str
    """The path or name as the user gave it."""
    kind: SourceKind
    classes: tuple[str, ...]
    labels: NDArray[np.int64]
    split: NDArray[np.int8]
    paths: tuple[str, ...]
    """Relative to `root`, '/' as separator; for arrays a name such as 'digits/0007'."""
    root: Path | None = None
    arrays: NDArray[np.uint8] | None = None
    groups: tuple[str, ...] | None = None
    """Samples of one group never straddle splits."""
    notices: tuple[Notice, ...] = field(default=())
    """Found while listing: stray files, hidden folders, empty classes, ..."""
    mirror_safe: bool = True
    """False where a mirror image is known to change the label (digits)."""

    def __len__(self) -> int:
        return len(self.paths)
