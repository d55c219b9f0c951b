"""One entry of the pixel cache: built whole or not at all, and how it is trusted again.

    <key>/pixels.bin     N rows of H * W * C bytes: the readable files, in the order of the listing
          facts.npy      FACTS of all files
          details.json   what the scan said about some
          manifest.json  sizes and checksums of the three; written last
    <key>.building-*     not finished; no reader looks at it

At every opening the small files are checked whole, the pixels whole when they are loaded into memory, and by their size
and a sample of blocks when they are mapped. Knows nothing about keys, locks or how files are decoded.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import shutil
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.data.cache_room import hold
from striate.data.facts import FACTS, REASONS
from striate.data.pixels import PixelSet
from striate.data.scan import Scan

__all__ = ["ENTRY_FORMAT", "Entry", "EntryUnusable", "Scanner", "build", "open_entry"]

ENTRY_FORMAT = 1
"""Raised when the layout of an entry changes, or what decoding does."""

BLOCK_BYTES = 16 << 20
"""Unit of checksums."""

SAMPLED_BLOCKS = 16
"""Blocks of a mapped entry that are checked at opening: 256 MiB, a fraction of a second."""

SYNC_BYTES = 1 << 30
"""Larger entries are flushed to the disk before they are published: they are not read whole at every opening, so
what a power cut left of them might not be noticed."""

PASSING = [REASONS.index(reason) for reason in ("read-failed", "decoder-crashed", "decoder-hung")]
"""Reasons that may lie in the machine of that hour rather than in the file: not believed a second time."""

Scanner = Callable[[Path], Scan]
"""Fills a pixel file and returns what it found."""


class EntryUnusable(Exception):
    """An entry is missing, incomplete or damaged."""


@dataclass(frozen=True)
class Entry:
    """Where one key's files are."""

    folder: Path
    key: str

    @property
    def path(self) -> Path:
        return self.folder / self.key

    @property
    def lock(self) -> Path:
        return self.folder / f"{self.key}.lock"


def build(entry: Entry, shape: tuple[int, ...], scanner: Scanner) -> None:
    """Scan into a folder beside the entry, and rename it when it is whole."""
    for left in entry.folder.glob(f"{entry.key}.building-*"):  # whoever left it is gone: we hold its lock
        shutil.rmtree(left, ignore_errors=True)
    building = Path(tempfile.mkdtemp(prefix=f"{entry.key}.building-", dir=entry.folder))
    try:
        pixels = building / "pixels.bin"
        _reserve(pixels, int(np.prod(shape)))
        scan = scanner(pixels)
        _close_gaps(pixels, scan.readable, shape)
        facts = io.BytesIO()
        np.save(facts, scan.facts, allow_pickle=False)
        (building / "facts.npy").write_bytes(facts.getvalue())
        (building / "details.json").write_text(json.dumps(scan.details), encoding="ascii")
        manifest = {
            "format": ENTRY_FORMAT,
            "files": shape[0],
            "rows": len(scan.readable),
            "retry": bool(np.isin(scan.facts["reason"], PASSING).any()),
            "shape": list(shape[1:]),
            "block_bytes": BLOCK_BYTES,
            "blocks": _checksums(pixels),
            "facts": hashlib.sha256((building / "facts.npy").read_bytes()).hexdigest(),
            "details": hashlib.sha256((building / "details.json").read_bytes()).hexdigest(),
        }
        if pixels.stat().st_size > SYNC_BYTES:
            with pixels.open("rb") as file:
                os.fsync(file.fileno())
        (building / "manifest.json").write_text(json.dumps(manifest), encoding="ascii")
        if entry.path.exists():
            shutil.rmtree(entry.path)
        building.rename(entry.path)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise


def _reserve(path: Path, size: int) -> None:
    """A file of `size` zero bytes whose blocks exist: a disk too small is known before an hour of decoding."""
    with path.open("wb") as file:
        if size and hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, size)
        else:
            file.truncate(size)


def _close_gaps(path: Path, readable: NDArray[np.int64], shape: tuple[int, ...]) -> None:
    """Move the rows of readable files together, in place and in order, and cut the file after the last."""
    slot = int(np.prod(shape[1:]))
    if len(readable) == shape[0]:
        return
    step = max(1, BLOCK_BYTES // slot)
    with path.open("r+b") as file:
        for start in range(
            int(np.argmax(readable != np.arange(len(readable)))) if len(readable) else 0, len(readable), step
        ):
            chosen = readable[start : start + step]
            first, last = int(chosen[0]), int(chosen[-1])
            file.seek(first * slot)
            rows = np.frombuffer(file.read((last - first + 1) * slot), np.uint8).reshape(-1, slot)
            file.seek(start * slot)
            file.write(rows[chosen - first].tobytes())
        file.truncate(len(readable) * slot)


def _checksums(path: Path) -> list[int]:
    """CRC-32 of each block: against bit rot and torn writes, not against people."""
    with path.open("rb", buffering=0) as file:
        return [zlib.crc32(block) for block in iter(lambda: file.read(BLOCK_BYTES), b"")]


def open_entry(entry: Entry, shape: tuple[int, ...], budget: int, fresh: bool = False) -> PixelSet:
    """The entry, checked; EntryUnusable when it is not there or not whole.

    `shape` is (files, H, W, C). Pixels of at most `budget` bytes are loaded, more are mapped. An entry in which a file failed
    for a reason that may pass is good only `fresh`, just after it was built.
    """
    try:
        manifest = json.loads((entry.path / "manifest.json").read_bytes())
        facts_bytes = (entry.path / "facts.npy").read_bytes()
        details_bytes = (entry.path / "details.json").read_bytes()
        if (manifest["format"], manifest["files"], tuple(manifest["shape"])) != (
            ENTRY_FORMAT,
            shape[0],
            shape[1:],
        ):
            raise EntryUnusable("its manifest is of other data")
        if manifest["retry"] and not fresh:
            raise EntryUnusable("some files could not be read the last time")
        for name, content in (("facts", facts_bytes), ("details", details_bytes)):
            if hashlib.sha256(content).hexdigest() != manifest[name]:
                raise EntryUnusable(f"the checksum of its {name} differs")
        facts = np.load(io.BytesIO(facts_bytes), allow_pickle=False).astype(FACTS, copy=False)
        details = {int(i): text for i, text in json.loads(details_bytes).items()}
        scan = Scan(facts, details)
        pixels = _opened_pixels(entry.path / "pixels.bin", manifest, budget)
    except FileNotFoundError as error:
        raise EntryUnusable("a part of it is missing") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise EntryUnusable("a part of it cannot be read") from error
    with contextlib.suppress(OSError):
        os.utime(entry.path / "manifest.json")  # last used now
    return PixelSet(pixels, scan.readable, scan)


def _opened_pixels(path: Path, manifest: dict[str, Any], budget: int) -> NDArray[np.uint8]:
    shape = (manifest["rows"], *manifest["shape"])
    size, blocks = int(np.prod(shape)), manifest["blocks"]
    if (
        path.stat().st_size != size
        or len(blocks) != -(-size // BLOCK_BYTES)
        or manifest["block_bytes"] != BLOCK_BYTES
    ):
        raise EntryUnusable("its size differs")
    if size == 0:
        return np.zeros(shape, np.uint8)
    if size <= budget:
        pixels = np.fromfile(path, np.uint8)
        checked = range(len(blocks))
    else:
        pixels = np.memmap(path, np.uint8, mode="r")
        hold(path, pixels)
        checked = np.unique(np.linspace(0, len(blocks) - 1, SAMPLED_BLOCKS).astype(int)).tolist()
    for i in checked:
        if zlib.crc32(pixels[i * BLOCK_BYTES : (i + 1) * BLOCK_BYTES].data) != blocks[i]:
            raise EntryUnusable("the checksum of its pixels differs")
    pixels.setflags(write=False)
    return pixels.reshape(shape)
