"""Records of a TFRecord file: where each begins, and whether its bytes are whole.

Layout: length (8 bytes), its masked CRC-32C (4), the record, its masked CRC-32C (4), all little-endian. Knows nothing about
what is in a record.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from striate.diagnosis.logs.crc32c import crc32c, masked

__all__ = ["Records", "begins_like_one", "damaged", "split_records"]

_HEAD = struct.Struct("<QI")
_FOOT = 4


@dataclass(frozen=True)
class Records:
    """The records of one file."""

    data: bytes
    spans: list[tuple[int, int]]
    """Start and length of each, the head left out."""
    ended: str = ""
    """Why reading stopped before the end of the file, in words."""


def begins_like_one(data: bytes) -> bool:
    """Whether the first bytes are the head of a record: a length with its checksum."""
    return len(data) >= _HEAD.size and not _bad_heads(data, [0]).any()


def split_records(data: bytes) -> Records:
    """Walk through a file; what follows a damaged head cannot be found, and a record cut short is left out."""
    spans: list[tuple[int, int]] = []
    heads: list[int] = []
    at, ended = 0, ""
    while at < len(data):
        if at + _HEAD.size > len(data):
            ended = "its last record is cut short"
            break
        length, _ = _HEAD.unpack_from(data, at)
        start = at + _HEAD.size
        if start + length + _FOOT > len(data):
            ended = "its last record is cut short"
            heads.append(at)
            break
        heads.append(at)
        spans.append((start, length))
        at = start + length + _FOOT
    bad = np.flatnonzero(_bad_heads(data, heads))
    if len(bad):
        first = int(bad[0])
        return Records(data, spans[:first], f"it is damaged at byte {heads[first]}")
    return Records(data, spans, ended)


def _bad_heads(data: bytes, heads: list[int]) -> NDArray[np.bool_]:
    """Which heads disagree with their checksum."""
    buffer = np.frombuffer(data, dtype=np.uint8)
    starts = np.array(heads, dtype=np.intp)
    return masked(crc32c(buffer, starts, 8)) != _stored(buffer, starts + 8)


def _stored(buffer: NDArray[np.uint8], at: NDArray[np.intp]) -> NDArray[np.uint32]:
    """Little-endian numbers of four bytes."""
    parts = [buffer[at + i].astype(np.uint32) << np.uint32(8 * i) for i in range(4)]
    return parts[0] | parts[1] | parts[2] | parts[3]


def damaged(data: bytes, spans: list[tuple[int, int]]) -> set[int]:
    """Of these records, the starts of those whose bytes disagree with their checksum."""
    buffer = np.frombuffer(data, dtype=np.uint8)
    starts = np.array([start for start, _ in spans], dtype=np.intp)
    lengths = np.array([length for _, length in spans], dtype=np.intp)
    found: set[int] = set()
    # Those of one length together: a loop over bytes, not over records.
    for length in np.unique(lengths):
        here = starts[lengths == length]
        wrong = masked(crc32c(buffer, here, int(length))) != _stored(buffer, here + length)
        found.update(here[wrong].tolist())
    return found
