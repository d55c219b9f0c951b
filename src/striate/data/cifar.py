"""The binary versions of CIFAR-10 and CIFAR-100, from their archive or its folder.

A record is one label byte (CIFAR-100: coarse, then fine) and 3,072 pixel bytes, channel by channel, rows first.
The Python versions of these sets are pickles, which run code when read: they are not. Knows nothing about where a
copy is found. Source: A. Krizhevsky, "The CIFAR-10 dataset", section "Binary version".
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from striate.data.archive_members import members
from striate.data.errors import SetDamaged

__all__ = ["CIFAR10", "CIFAR100", "Cifar", "read_cifar"]

SIDE = 32
PIXELS = 3 * SIDE * SIDE


@dataclass(frozen=True)
class Cifar:
    """Names of the files of one version, and how many records each holds."""

    archive: str
    folder: str
    train: tuple[str, ...]
    test: str
    class_file: str
    n_classes: int
    label_bytes: int
    records: int
    """In each training file."""
    test_records: int = 10_000

    @property
    def files(self) -> tuple[tuple[str, int], ...]:
        """Record files in the order of the samples, with their record counts."""
        return (*((name, self.records) for name in self.train), (self.test, self.test_records))


CIFAR10 = Cifar(
    archive="cifar-10-binary.tar.gz",
    folder="cifar-10-batches-bin",
    train=tuple(f"data_batch_{k}.bin" for k in range(1, 6)),
    test="test_batch.bin",
    class_file="batches.meta.txt",
    n_classes=10,
    label_bytes=1,
    records=10_000,
)
CIFAR100 = Cifar(
    archive="cifar-100-binary.tar.gz",
    folder="cifar-100-binary",
    train=("train.bin",),
    test="test.bin",
    class_file="fine_label_names.txt",
    n_classes=100,
    label_bytes=2,
    records=50_000,
)

LONGEST_CLASS_FILE = 1 << 16


def read_cifar(path: Path, kind: Cifar) -> tuple[NDArray[np.uint8], NDArray[np.int64], tuple[str, ...]]:
    """Images uint8 (N, 32, 32, 3), train first; fine labels; class names. `path` is the archive or the folder.

    Raises SetDamaged, ArchiveDamaged, UnsafeArchive.
    """
    wanted = {name: n * (kind.label_bytes + PIXELS) for name, n in kind.files}
    contents = _contents(path, {**wanted, kind.class_file: LONGEST_CLASS_FILE})
    names = (
        tuple(contents[kind.class_file].decode("ascii", "replace").split())
        if kind.class_file in contents
        else ()
    )
    if len(names) != kind.n_classes:
        raise _damaged(path, f"{len(names)} class names in {kind.class_file}", str(kind.n_classes))
    images = np.empty((sum(n for _, n in kind.files), SIDE, SIDE, 3), dtype=np.uint8)
    labels = np.empty(len(images), dtype=np.int64)
    at = 0
    for name, n in kind.files:
        content = contents.pop(name, b"")
        if len(content) != wanted[name]:
            raise _damaged(path, f"{name} with {len(content):,} bytes", f"{wanted[name]:,} bytes")
        records = np.frombuffer(content, dtype=np.uint8).reshape(n, -1)
        labels[at : at + n] = records[:, kind.label_bytes - 1]
        pixels = records[:, kind.label_bytes :].reshape(n, 3, SIDE, SIDE)
        images[at : at + n] = pixels.transpose(0, 2, 3, 1)  # (n, H, W, C)
        at += n
    if labels.max() >= kind.n_classes:
        raise _damaged(path, f"a label of {labels.max()}", f"labels below {kind.n_classes}")
    return images, labels, names


def _contents(path: Path, limits: dict[str, int]) -> dict[str, bytes]:
    """The named files, each up to one byte more than its limit; those that are missing are left out."""
    found: dict[str, bytes] = {}
    if path.is_dir():
        for name, limit in limits.items():
            if (path / name).is_file():
                with (path / name).open("rb") as file:
                    found[name] = file.read(limit + 1)
        return found
    for member in members(path, "tar.gz"):
        if not member.folder and member.parts[-1] in limits:
            chunks, left = [], limits[member.parts[-1]] + 1
            while left and (chunk := member.read(left)):
                chunks.append(chunk)
                left -= len(chunk)
            found[member.parts[-1]] = b"".join(chunks)
    return found


def _damaged(path: Path, got: str, expected: str) -> SetDamaged:
    return SetDamaged(
        "a local copy of a data set is damaged",
        where=path,
        got=got,
        expected=expected,
        next_step="delete it; it is then looked for elsewhere or fetched again",
    )
