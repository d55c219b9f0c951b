"""A data set ready to train on: pixels, labels, splits, and what was found on the way.

Knows nothing about how it came to be, nor about torch.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.core.records import DataRecord, Notice
from striate.data.listing import SPLITS, SourceKind
from striate.data.preprocess import Preprocess
from striate.data.scan_report import ScanReport

__all__ = ["Dataset", "fingerprint"]


@dataclass(frozen=True, eq=False)
class Dataset:
    """N readable samples in the order of their paths. Row i of every array is sample i."""

    name: str
    """Short, safe as a file name."""
    source: str
    """The path or name as given."""
    kind: SourceKind
    classes: tuple[str, ...]
    pixels: NDArray[np.uint8]
    """(N, H, W, C), not to be written to; in memory, or a read-only np.memmap."""
    labels: NDArray[np.int64]
    """(N,), index of the class."""
    paths: tuple[str, ...]
    """Relative to `root`; a made-up name for samples that are rows of an array."""
    codes: NDArray[np.int8]
    """(N,), 0 train, 1 val, 2 test."""
    preprocess: Preprocess
    fingerprint: str
    split_origin: str
    report: ScanReport
    mirror_safe: bool = True
    root: Path | None = None
    """None for arrays."""

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def notices(self) -> tuple[Notice, ...]:
        """Everything worth telling about the files."""
        return self.report.notices

    @property
    def skipped(self) -> tuple[int, ...]:
        """Unreadable files of each class."""
        return self.report.skipped

    def indices(self, split: str) -> NDArray[np.int64]:
        """Rows of `train`, `val` or `test`, ascending."""
        return np.flatnonzero(self.codes == SPLITS.index(split))

    def only(self, rows: NDArray[np.int64]) -> Dataset:
        """The data set of some of its samples, in the order of `rows`. Its fingerprint stays that of the whole."""
        return dataclasses.replace(
            self,
            pixels=np.take(self.pixels, rows, axis=0),
            labels=self.labels[rows],
            paths=tuple(self.paths[i] for i in rows.tolist()),
            codes=self.codes[rows],
        )

    def record(self) -> DataRecord:
        """What a run keeps of it."""
        k = len(self.classes)
        return DataRecord(
            name=self.name,
            source=self.source,
            kind=self.kind,
            classes=self.classes,
            counts={
                split: tuple(np.bincount(self.labels[self.indices(split)], minlength=k).tolist())
                for split in SPLITS
                if len(self.indices(split))
            },
            skipped=self.skipped,
            fingerprint=self.fingerprint,
            split_origin=self.split_origin,
            img_size=self.preprocess.img_size,
            channels=self.preprocess.channels,
            mean=self.preprocess.mean,
            std=self.preprocess.std,
            preprocess=self.preprocess.to_dict(),
            notices=self.report.counts_by_kind,
        )


def fingerprint(
    digests: NDArray[np.void],
    labels: NDArray[np.int64],
    codes: NDArray[np.int8],
    classes: Sequence[str],
    preprocess: Preprocess,
) -> str:
    """SHA-256 over content, labels, splits, class names and geometry, in the order of the samples.

    Neither names of files nor their times take part: what trains the same has the same print.
    """
    head: list[Any] = [len(labels), list(classes), preprocess.geometry_key()]
    state = hashlib.sha256(json.dumps(head).encode())
    state.update(np.ascontiguousarray(digests).tobytes())
    state.update(labels.astype("<i8").tobytes())
    state.update(codes.astype("<i1").tobytes())
    return state.hexdigest()
