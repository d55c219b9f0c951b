"""A tar archive as a stream of members, in bounded memory.

Reads ustar, GNU and pax archives front to back, once; headers larger than any path needs are refused instead of
read. It reports what a member is and writes nothing. Knows nothing about compression or where members go.

Source: POSIX.1-2017 `pax`, "ustar Interchange Format" and "pax Header Block"; GNU tar manual, "Basic Tar Format".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

__all__ = ["BadTar", "TarMember", "TarStream"]

BLOCK = 512
LARGEST_HEADER = 1 << 20
"""Bytes of an extended header. Paths end at 4,096 bytes on Linux; the rest is room for other attributes."""
SKIP = 1 << 20

KINDS = {
    b"0": "file",
    b"\0": "file",
    b"7": "file",
    b"5": "folder",
    b"1": "a hard link",
    b"2": "a symbolic link",
    b"3": "a device",
    b"4": "a device",
    b"6": "a pipe",
    b"S": "a sparse file",
}


class BadTar(Exception):
    """The bytes are no tar archive, or not all of one. Its text says in a few words how."""


class Readable(Protocol):
    """Gives up to `n` bytes; fewer only at the end."""

    def read(self, n: int, /) -> bytes: ...


@dataclass(frozen=True)
class TarMember:
    """One entry: its path as written, its bytes, and 'file', 'folder' or what else it is in words."""

    name: str
    size: int
    kind: str


class TarStream:
    """Iterate for the members; `read` gives the current member's content.

    >>> import io
    >>> [member.name for member in TarStream(io.BytesIO(bytes(1024)))]
    []
    """

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._left = 0
        self._padding = 0

    def read(self, n: int) -> bytes:
        """Up to `n` more bytes of the current member; empty at its end. Raises BadTar when the archive ends first."""
        n = min(n, self._left)
        data = self._exactly(n)
        self._left -= n
        return data

    def __iter__(self) -> Iterator[TarMember]:
        name: str | None = None
        size: int | None = None
        while (header := self._header()) is not None:
            self._left = _number(header[124:136])
            self._padding = -self._left % BLOCK
            flag = header[156:157]
            if flag in (b"x", b"L"):
                content = self._whole_header()
                records = _pax_records(content) if flag == b"x" else {"path": content.rstrip(b"\0")}
                name = _text(records["path"]) if "path" in records else name
                size = _decimal(records["size"]) if "size" in records else size
            elif flag == b"g":
                if _pax_records(self._whole_header()).keys() & {"path", "size"}:
                    raise BadTar("one path or size for all members")
            elif flag == b"K":
                self._whole_header()
            else:
                if size is not None:
                    self._left, self._padding = size, -size % BLOCK
                yield _member(header, name, self._left)
                name = size = None
            self._skip(self._left + self._padding)
            self._left = self._padding = 0

    def _header(self) -> bytes | None:
        """The next header block, its checksum verified; None at the end mark."""
        header = self._exactly(BLOCK)
        if not any(header):
            return None
        # The checksum counts its own eight bytes as blanks.
        if sum(header) - sum(header[148:156]) + 8 * 32 != _number(header[148:156]):
            raise BadTar("a header with a wrong checksum")
        return header

    def _whole_header(self) -> bytes:
        if self._left > LARGEST_HEADER:
            raise BadTar("an extended header larger than any path needs")
        return self.read(self._left)

    def _skip(self, n: int) -> None:
        while n > 0:
            self._exactly(min(n, SKIP))
            n -= SKIP

    def _exactly(self, n: int) -> bytes:
        data = self._stream.read(n)
        if len(data) < n:
            raise BadTar("it ends in the middle")
        return data


def _member(header: bytes, name: str | None, size: int) -> TarMember:
    """What a header says, an extended header's path before its own."""
    if name is None:
        short, prefix = header[:100].partition(b"\0")[0], header[345:500].partition(b"\0")[0]
        posix = header[257:263] == b"ustar\0"
        name = _text(prefix + b"/" + short if posix and prefix else short)
    kind = KINDS.get(header[156:157], "of an unknown kind")
    if kind == "file" and name.endswith("/"):  # as archives older than ustar write folders
        kind = "folder"
    if kind == "folder" and size:
        kind = "a folder with content"
    return TarMember(name, size, kind)


def _number(field: bytes) -> int:
    """An octal number, or base 256 where the first bit is set (GNU, for sizes from 8 GiB on)."""
    if field[0] & 0x80:
        value = int.from_bytes(bytes([field[0] & 0x7F]) + field[1:], "big")
        if field[0] & 0x40:
            raise BadTar("a negative size")
        return value
    digits = field.strip(b" \0")
    if not all(48 <= digit < 56 for digit in digits):
        raise BadTar("a header that is not one")
    return int(digits or b"0", 8)


def _decimal(field: bytes) -> int:
    if not field.isdigit() or len(field) > 19:  # 2^63 has 19 digits
        raise BadTar("a size that is not a number")
    return int(field)


def _pax_records(content: bytes) -> dict[str, bytes]:
    """Records `length key=value` with a line feed at the end, the length counting all of it."""
    records: dict[str, bytes] = {}
    at = 0
    while at < len(content):
        length, blank, _ = content[at : at + 20].partition(b" ")
        end = at + int(length) if length.isdigit() else at
        record = content[at + len(length) + 1 : end - 1]
        key, equals, value = record.partition(b"=")
        if not (blank and equals and at < end <= len(content) and content[end - 1 : end] == b"\n"):
            raise BadTar("an extended header that is not one")
        if key.startswith(b"GNU.sparse"):
            raise BadTar("sparse files are not read")
        records[key.decode("utf-8", "replace")] = value
        at = end
    return records


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
