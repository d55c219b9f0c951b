"""Keeps the pixel cache within its size: the least recently used entries go first.

Knows nothing about what the entries hold, only that each is a folder with a manifest and a lock beside it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

__all__ = ["hold", "make_room"]

PIXELS = "pixels.bin"


def hold(path: Path, mapping: NDArray[np.uint8]) -> None:
    """Mark a mapped pixel file as in use until `mapping` is garbage or the process ends.

    A shared lock on the file itself. Where there are none (Windows), a mapped file cannot be deleted anyway.
    """
    with contextlib.suppress(ImportError, OSError):
        import fcntl

        handle = os.open(path, os.O_RDONLY)
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        weakref.finalize(mapping, os.close, handle)


def make_room(folder: Path, wanted: str, room: int) -> None:
    """Delete unfinished leftovers, then entries other than `wanted`, oldest use first, until `room` bytes hold the rest."""
    for left in folder.glob("*.building-*"):
        key = left.name.split(".building-")[0]
        if key != wanted:
            with _unused(folder / f"{key}.lock") as free:
                if free:
                    shutil.rmtree(left, ignore_errors=True)
    entries = [(_last_use(path), path) for path in folder.iterdir() if path.is_dir() and path.name != wanted]
    taken = sum(_size(path) for _, path in entries)
    for _, path in sorted(entries):
        if taken <= room:
            return
        size = _size(path)
        with _unused(folder / f"{path.name}.lock") as free:
            if free and not _in_use(path / PIXELS):
                shutil.rmtree(path, ignore_errors=True)
                taken -= size


@contextlib.contextmanager
def _unused(lock: Path) -> Iterator[bool]:
    """Whether nobody builds or opens the entry; if so, nobody will before the end of the block."""
    guard = FileLock(lock, timeout=0)
    try:
        guard.acquire()
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        guard.release()


def _in_use(pixels: Path) -> bool:
    try:
        import fcntl

        handle = os.open(pixels, os.O_RDONLY)
    except (ImportError, OSError):
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def _last_use(path: Path) -> float:
    try:
        return (path / "manifest.json").stat().st_mtime
    except OSError:
        return 0.0


def _size(path: Path) -> int:
    return sum(file.stat().st_size for file in path.glob("*") if file.is_file())
