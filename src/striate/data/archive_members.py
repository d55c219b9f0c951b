"""What an archive holds, refused where it is more or other than a set of images.

Every path that leaves this module is a tuple of plain names below the place where the archive is unpacked, and bytes
and members are counted while they are read: what headers promise is not believed. Writes nothing; knows
nothing about classes or caches.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from striate.data.errors import ArchiveDamaged, UnsafeArchive
from striate.data.file_types import ArchiveType
from striate.data.tar_stream import BadTar, TarStream

__all__ = ["CHUNK", "Member", "members", "refused", "safe_parts"]

CHUNK = 1 << 20

MAX_MEMBERS = 5_000_000
"""ImageNet-1k has 1.3 million files; the largest set that people keep as one archive of files is a few times that."""
MAX_BYTES = 2 << 40
"""2 TiB: ImageNet-21k unpacked is 1.3 TB."""
MAX_RATIO = 200
"""Unpacked bytes for each byte of the archive. Compressed images give about 1, uncompressed drawings up to 100; deflate
can reach 1,032, which only bombs do."""
RATIO_FREE_BYTES = 64 << 20
"""So much may be unpacked whatever the ratio: a small archive of blank images harms nobody."""
MAX_NAME_BYTES = 255
"""Of one name: the limit of ext4, XFS, APFS and NTFS."""
MAX_PATH_BYTES = 1024
"""Of the whole path, which leaves room for the cache's own under Linux's 4,096 and macOS's 1,024."""
MAX_DEPTH = 32


@dataclass(frozen=True)
class Member:
    """One folder or regular file."""

    parts: tuple[str, ...]
    folder: bool
    read: Callable[[int], bytes]
    """Up to n more bytes of its content; empty at its end."""
    position: int
    """Bytes of the archive read so far."""


def safe_parts(name: str) -> tuple[str, ...]:
    """The path as plain names; () for the archive's own folder. Raises ValueError with the reason in words.

    Backslashes separate, too: on Windows they do, and elsewhere no image has one in its name on purpose.

    >>> safe_parts("./train/cat/1.jpg")
    ('train', 'cat', '1.jpg')
    """
    if "\0" in name:
        raise ValueError("a zero byte in a path")
    path = name.replace("\\", "/")
    if path.startswith("/") or re.match(r"[A-Za-z]:", path):
        raise ValueError("an absolute path")
    parts = tuple(part for part in path.split("/") if part not in ("", "."))
    if ".." in parts:
        raise ValueError("a path that leaves the archive's folder")
    sizes = [len(part.encode("utf-8", "surrogateescape")) for part in parts]
    if (
        len(parts) > MAX_DEPTH
        or sum(sizes) + len(sizes) > MAX_PATH_BYTES
        or max(sizes, default=0) > MAX_NAME_BYTES
    ):
        raise ValueError("a path too long or too deep")
    return parts


def refused(path: Path, what: str, name: str | None = None) -> UnsafeArchive:
    """The error for an archive that holds `what`, in the member called `name`."""
    return UnsafeArchive(
        f"the archive holds {what}",
        where=path,
        got=None if name is None else ascii(name)[1:-1][:200],
        expected="folders and regular files, nothing else",
        next_step="if you trust it, unpack it yourself and give the folder",
    )


class _Budget:
    """Counts what comes out of an archive and refuses more than a data set has."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._size = path.stat().st_size
        self._bytes = 0
        self._members = 0

    def member(self, name: str, kind: str) -> tuple[str, ...]:
        """One more member; its path as plain names."""
        self._members += 1
        if self._members > MAX_MEMBERS:
            raise refused(self._path, f"more than {MAX_MEMBERS:,} files")
        if kind not in ("file", "folder"):
            raise refused(self._path, kind if kind.startswith("a ") else f"a member {kind}", name)
        try:
            parts = safe_parts(name)
        except ValueError as error:
            raise refused(self._path, str(error), name) from None
        if kind == "file" and not parts:
            raise refused(self._path, "a file without a name")
        return parts

    def add(self, n: int) -> None:
        """`n` more unpacked bytes."""
        self._bytes += n
        if self._bytes > MAX_BYTES:
            raise refused(self._path, f"more than {MAX_BYTES >> 40} TiB")
        if self._bytes > max(RATIO_FREE_BYTES, MAX_RATIO * self._size):
            raise refused(self._path, f"more than {MAX_RATIO} times its own size, as bombs do")


def members(path: Path, kind: ArchiveType) -> Iterator[Member]:
    """Folders and files of the archive, in its order. Read each before taking the next.

    Raises UnsafeArchive, ArchiveDamaged.
    """
    budget = _Budget(path)
    with _reading(path):
        yield from _zip_members(path, budget) if kind == "zip" else _tar_members(path, kind, budget)


BROKEN = (BadTar, zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error)
"""What readers of archives raise on purpose. On bytes that nobody wrote they also stumble, as below."""
STUMBLED = (OSError, EOFError, ValueError, OverflowError, NotImplementedError, RuntimeError, MemoryError)


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Whatever goes wrong inside is the archive's fault, and said to be."""
    try:
        yield
    except (*BROKEN, *STUMBLED) as error:
        raise _damaged(path, str(error) or type(error).__name__) from error


def _damaged(path: Path, got: str) -> ArchiveDamaged:
    return ArchiveDamaged(
        "the archive cannot be read to its end",
        where=path,
        got=got,
        expected="a whole .tar, .tar.gz, .tar.bz2, .tar.xz or .zip",
        next_step="fetch it again, or unpack it yourself and give the folder",
    )


class _Unpacked:
    """The bytes inside the compression, counted."""

    def __init__(self, stream: IO[bytes], budget: _Budget) -> None:
        self._stream = stream
        self._budget = budget

    def read(self, n: int) -> bytes:
        data = self._stream.read(n)
        self._budget.add(len(data))
        return data


def _decompressed(raw: io.BufferedReader, kind: ArchiveType) -> io.BufferedIOBase:
    if kind == "tar.gz":
        return gzip.GzipFile(fileobj=raw)
    if kind == "tar.bz2":
        return bz2.BZ2File(raw)
    if kind == "tar.xz":
        return lzma.LZMAFile(raw)
    return raw


def _tar_members(path: Path, kind: ArchiveType, budget: _Budget) -> Iterator[Member]:
    with path.open("rb") as raw, contextlib.closing(_decompressed(raw, kind)) as plain:
        # Large reads: the decompressor's own buffer of 8 KiB would cost a Python call for every small image.
        stream = _Unpacked(io.BufferedReader(plain, CHUNK), budget)
        tar = TarStream(stream)

        def read(n: int) -> bytes:
            with _reading(path):
                return tar.read(n)

        for member in tar:
            parts = budget.member(member.name, member.kind)
            yield Member(parts, member.kind == "folder", read, raw.tell())
        # What follows the end mark is padding; reading it makes the decompressor verify its checksum.
        while stream.read(CHUNK):
            pass


def _zip_members(path: Path, budget: _Budget) -> Iterator[Member]:
    position = 0
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            # `filename` ends at a zero byte; `orig_filename` is what the archive says.
            kind = _zip_kind(info)
            parts = budget.member(info.orig_filename, kind)
            position += info.compress_size
            if kind == "folder":
                yield Member(parts, True, io.BytesIO().read, position)
                continue
            with archive.open(info) as content:

                def read(n: int, content: IO[bytes] = content) -> bytes:
                    with _reading(path):
                        data = content.read(n)
                    budget.add(len(data))
                    return data

                yield Member(parts, False, read, position)


def _zip_kind(info: zipfile.ZipInfo) -> str:
    """'file', 'folder', or what else the Unix mode says it is."""
    mode = info.external_attr >> 16
    if stat.S_ISLNK(mode):
        return "a symbolic link"
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "a device or pipe"
    # Not `is_dir`, which fails on a name that begins with a zero byte.
    return "folder" if info.orig_filename.endswith("/") else "file"
