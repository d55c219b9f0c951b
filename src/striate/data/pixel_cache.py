"""Decoded pixels kept on disk between runs, so that files are decoded once in their life.

    CACHE/pixels/<key>/       one set, one geometry; see pixel_entry
    CACHE/pixels/<key>.lock   held while the entry is built, opened or deleted

The key is a hash of the preprocessing's geometry, the decoders' versions, and every file's path, size and times, so a
changed file is never taken for the old one. An entry that is not whole is built again, and said. Knows nothing about
labels, splits or the layout of an entry.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import PIL
import simplejpeg
from filelock import FileLock, Timeout

from striate.core.atomic import CannotWrite, DiskFull
from striate.core.progress import SILENT, Progress
from striate.data.cache_room import make_room
from striate.data.listing import Listing
from striate.data.pixel_entry import ENTRY_FORMAT, Entry, EntryUnusable, Scanner, build, open_entry
from striate.data.pixels import PixelSet
from striate.data.preprocess import Preprocess
from striate.data.scan import Scan, scan_files

__all__ = ["CACHE_BYTES", "cache_key", "cached_pixels"]


CACHE_BYTES = 20 << 30
"""What all entries together may take before the least recently used go: 20 GiB."""


def cache_key(listing: Listing, preprocess: Preprocess) -> str:
    """64 hex digits: equal when decoding again would find the same bytes in the same files.

    Size and times of change stand for a file's bytes; the time of the last status change is among them because tools can
    set the other one back. The root is part of the key: archives give their files times in whole seconds, often all
    the same, so two sets with equal names and sizes could otherwise be taken for each other.
    """
    root = os.path.realpath(str(listing.root))  # paths are joined as text below: Path costs more than stat
    prefix = os.path.join(root, "")  # noqa: PTH118
    decoders = f"{ENTRY_FORMAT}/{PIL.__version__}/{simplejpeg.__version__}/{preprocess.geometry_key()}"
    state = hashlib.sha256(f"{decoders}/{len(listing)}\0{root}\0".encode("utf-8", "surrogateescape"))
    stat = os.stat
    lines = []
    for path in listing.paths:
        try:
            found = stat(prefix + path)
            lines.append(
                f"{path}\0{found.st_size}\0{found.st_mtime_ns}\0{found.st_ctime_ns}\0{found.st_mode}"
            )
        except (OSError, ValueError):
            lines.append(f"{path}\0?")
    state.update("\0".join(lines).encode("utf-8", "surrogateescape"))
    return state.hexdigest()


def cached_pixels(
    listing: Listing,
    preprocess: Preprocess,
    cache_dir: Path,
    *,
    memory_budget: int,
    cache_bytes: int = CACHE_BYTES,
    workers: int | None = None,
    progress: Progress = SILENT,
) -> PixelSet:
    """Pixels of every readable file of `listing`, from the cache or by a scan that fills it.

    A cache folder that cannot be used is replaced by a temporary file, and said. Raises DiskFull.
    """

    def scanner(pixels: Path) -> Scan:
        return scan_files(listing, preprocess, pixels, workers=workers, progress=progress)

    shape = (len(listing), *preprocess.shape)
    try:
        folder = cache_dir / "pixels"
        folder.mkdir(parents=True, exist_ok=True)
        entry = Entry(folder, cache_key(listing, preprocess))
        with _locked(entry, progress):
            return _opened_or_built(entry, shape, scanner, memory_budget, cache_bytes, progress)
    except OSError as error:
        _raise_if_full(cache_dir, error)
        progress.say(
            f"the cache {cache_dir} cannot be used ({error.strerror}); decoding into a temporary file instead"
        )
    with tempfile.TemporaryDirectory(prefix="striate-", ignore_cleanup_errors=True) as temporary:
        entry = Entry(Path(temporary), "pixels")
        try:
            build(entry, shape, scanner)
            # Mapped pixels outlive the folder: the system frees a deleted file when its last mapping goes.
            return open_entry(entry, shape, memory_budget, fresh=True)
        except OSError as error:
            raise _temporary_failed(Path(temporary), error) from error


def _opened_or_built(
    entry: Entry, shape: tuple[int, ...], scanner: Scanner, budget: int, cache_bytes: int, progress: Progress
) -> PixelSet:
    try:
        return open_entry(entry, shape, budget)
    except EntryUnusable as error:
        if entry.path.exists():
            progress.say(f"the cached pixels in {entry.path} are not whole ({error}); decoding again")
    make_room(entry.folder, entry.key, cache_bytes - int(np.prod(shape)))
    build(entry, shape, scanner)
    return open_entry(entry, shape, budget, fresh=True)


@contextlib.contextmanager
def _locked(entry: Entry, progress: Progress) -> Iterator[None]:
    """One process at a time builds an entry; others wait for it and then read what it made."""
    lock = FileLock(entry.lock)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if not entry.path.exists():
            progress.say("another process is decoding the same images; waiting for it")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _raise_if_full(folder: Path, error: OSError) -> None:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        raise DiskFull(
            "no room for the decoded pixels",
            where=folder,
            next_step="free some space, or put the cache elsewhere with --cache-dir DIR",
        ) from error


def _temporary_failed(folder: Path, error: OSError) -> CannotWrite:
    _raise_if_full(folder, error)
    return CannotWrite(
        "cannot write decoded pixels, neither into the cache nor into a temporary file",
        where=folder,
        got=error.strerror,
        next_step="choose a folder that you may write to with --cache-dir DIR",
    )
