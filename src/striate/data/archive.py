"""Archives of images, unpacked once into the cache: whole or not at all, one at a time.

    <cache>/archives/photos-0123456789abcdef/files/...     what the archive holds
                                             archive.json  how many files and bytes that is
                     photos-0123456789abcdef.partial/      while it is unpacked
                     photos-0123456789abcdef.lock

Own member-by-member writer: it only ever makes new folders and new regular files below its own folder.
Knows nothing about classes or pixels.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from striate.core.atomic import write_atomic, writing
from striate.core.progress import SILENT, Progress
from striate.data.archive_members import CHUNK, Member, members, refused
from striate.data.class_names import safe_name
from striate.data.errors import CannotRead, UnknownSource
from striate.data.file_types import ArchiveType, archive_type
from striate.data.walk import head_of

__all__ = ["archive_stem", "extract"]

LAYOUT_VERSION = 1
"""Raised when what is unpacked, or how, changes."""


def archive_stem(path: Path) -> str:
    """The name without the endings of archives: 'photos' for photos.tar.gz.

    >>> archive_stem(Path("photos.v2.tar.gz"))
    'photos.v2'
    """
    name = path.name
    for ending in (".gz", ".bz2", ".xz", ".tgz", ".tbz2", ".txz", ".tar", ".zip"):
        if name.lower().endswith(ending):
            name = name[: -len(ending)]
    return safe_name(name)


def extract(path: Path, cache_dir: Path, progress: Progress = SILENT) -> Path:
    """The folder with the content of the archive at `path`, unpacked unless it already is.

    Safe against a kill at any time and against a second process, which waits. Raises UnknownSource,
    UnsafeArchive, ArchiveDamaged, CannotRead, DiskFull, CannotWrite.
    """
    try:
        kind = archive_type(path.name, head_of(path))
        name = f"{archive_stem(path)}-{_key(path)}"
    except OSError as error:
        raise CannotRead("the archive cannot be read", where=path, got=error.strerror) from error
    if kind is None:
        raise UnknownSource(
            "the file is no archive", where=path, expected=".tar, .tar.gz, .tar.bz2, .tar.xz, .zip"
        )
    shelf = cache_dir / "archives"
    with writing(shelf):
        shelf.mkdir(parents=True, exist_ok=True)
        _clear_leftovers(shelf)
        with _locked(shelf, name, progress):
            if not _is_whole(shelf / name):
                _unpack(path, kind, shelf, name, progress)
    return shelf / name / "files"


def _key(path: Path) -> str:
    """Size, time and both ends of the archive.

    Hashing all of it would cost more than a whole training run's reading for a set of 150 GB; a file that changes and
    keeps its size, its time to the nanosecond and both ends is not met by accident.
    """
    status = path.stat()
    digest = hashlib.sha256(f"{LAYOUT_VERSION} {status.st_size} {status.st_mtime_ns} ".encode())
    with path.open("rb") as file:
        digest.update(file.read(CHUNK))
        file.seek(max(0, status.st_size - CHUNK))
        digest.update(file.read(CHUNK))
    return digest.hexdigest()[:16]


@contextlib.contextmanager
def _locked(shelf: Path, name: str, progress: Progress) -> Iterator[None]:
    """One process at a time; says so when another has it. The lock goes with the process that holds it."""
    lock = FileLock(shelf / f"{name}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        progress.say("another process is unpacking this archive: waiting for it")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _clear_leftovers(shelf: Path) -> None:
    """Remove what killed processes left half unpacked; what is locked is being written."""
    for partial in shelf.glob("*.partial"):
        lock = FileLock(partial.with_suffix(".lock"))
        try:
            with lock.acquire(timeout=0):
                shutil.rmtree(partial, ignore_errors=True)
        except Timeout:
            continue


def _is_whole(folder: Path) -> bool:
    """Whether the folder still holds as many files and bytes as were unpacked: no power cut, no tidying hand."""
    try:
        promised = json.loads((folder / "archive.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    files = total = 0
    pending = [str(folder / "files")]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
                else:
                    files += 1
                    total += entry.stat(follow_symlinks=False).st_size
    return bool(promised == {"files": files, "bytes": total})


def _unpack(path: Path, kind: ArchiveType, shelf: Path, name: str, progress: Progress) -> None:
    """Write everything beside the final name, then rename; nothing is left of an attempt that fails."""
    partial = shelf / f"{name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    try:
        (partial / "files").mkdir(parents=True)
        written = _write_members(path, kind, partial / "files", progress)
        write_atomic(partial / "archive.json", json.dumps(written))
        shutil.rmtree(shelf / name, ignore_errors=True)
        partial.rename(shelf / name)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def _write_members(path: Path, kind: ArchiveType, target: Path, progress: Progress) -> dict[str, int]:
    """Every member below `target`, which is new and empty; how many files and bytes that were."""
    folders: set[tuple[str, ...]] = {()}
    files = total = at = 0
    with progress.task(f"Unpacking {path.name}", path.stat().st_size, of="bytes") as task:
        for member in members(path, kind):
            try:
                _make_folders(target, member.parts if member.folder else member.parts[:-1], folders)
                if not member.folder:
                    total += _write_file(target.joinpath(*member.parts), member)
                    files += 1
            except FileExistsError:
                raise refused(path, "the same path twice", "/".join(member.parts)) from None
            except OSError as error:
                if error.errno not in (errno.EILSEQ, errno.EINVAL, errno.ENAMETOOLONG):
                    raise
                raise refused(path, "a name that this disk cannot hold", "/".join(member.parts)) from error
            task.advance(member.position - at)
            at = member.position
    return {"files": files, "bytes": total}


def _make_folders(target: Path, parts: tuple[str, ...], made: set[tuple[str, ...]]) -> None:
    """The folder `parts` and those above it. Raises FileExistsError where a file has the name."""
    for depth in range(1, len(parts) + 1):
        if parts[:depth] not in made:
            target.joinpath(*parts[:depth]).mkdir()
            made.add(parts[:depth])


def _write_file(path: Path, member: Member) -> int:
    """A new file, never one that is there (mode x); returns its bytes."""
    total = 0
    with path.open("xb", buffering=0) as file:
        while data := member.read(CHUNK):
            total += file.write(data)
    return total
