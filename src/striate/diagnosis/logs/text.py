"""From bytes to text: UTF-8, UTF-16, UTF-32, else Latin-1; binary files are refused.

Marks are not needed. Knows nothing about what the text says.
"""

from __future__ import annotations

import codecs
from pathlib import Path

from striate.data.errors import CannotRead
from striate.diagnosis.errors import LogEmpty, LogTooLarge, NotATrainingLog

__all__ = ["LARGEST_TEXT", "decoded", "read_bytes"]

# A row for each of ten million steps, fifty bytes each. Own limit: reading needs some ten times as much memory.
LARGEST_TEXT = 500_000_000

# The longer marks first: UTF-32's begins like UTF-16's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Text has tab, line feed, form feed, carriage return and now and then an escape of a terminal.
_BINARY = bytes(set(range(32)) - {9, 10, 11, 12, 13, 27}) + b"\x7f"


def read_bytes(path: Path) -> bytes:
    """The file's bytes; raises CannotRead, LogEmpty or LogTooLarge."""
    try:
        size = path.stat().st_size
        if size > LARGEST_TEXT:
            raise LogTooLarge(
                "the log is too large to be read as text",
                where=path,
                got=f"{size / 1e6:.0f} MB",
                expected=f"at most {LARGEST_TEXT / 1e6:.0f} MB",
                next_step="keep one row for each step or epoch",
            )
        data = path.read_bytes()
    except OSError as error:
        raise CannotRead(
            "the log cannot be read", where=path, got=error.strerror, next_step="change its permissions"
        ) from error
    if not data.strip(b"\x00 \t\r\n"):
        raise LogEmpty(
            "the log is empty",
            where=path,
            got=f"{len(data)} bytes",
            next_step="wait until the first row is written",
        )
    return data


def decoded(data: bytes, path: Path) -> str:
    """The text of a file; raises NotATrainingLog where it is none."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    head = data[:4096]
    if head.count(b"\x00") * 3 > len(head):
        # ASCII in UTF-16 has a zero in every other byte: which one says the order.
        return data.decode(
            "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be", errors="replace"
        )
    if len(head) - len(head.translate(None, _BINARY)) > len(head) // 100:
        raise NotATrainingLog(
            "the file is not text",
            where=path,
            got="binary data",
            expected="a CSV, TSV, JSON or TensorBoard event file",
            next_step="give the log of the training run",
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")
