"""Decodes a run of files into their slots of a pixel file, telling what was found.

The loop that every file of every data set passes once, in a worker process or in this one; each line of it is paid
for sixty thousand times. Pixels gather in a small buffer and are written by offset: a full disk is then an error
here, where a mapped page would end the process. Knows nothing about processes, data sets or caches.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from striate.data.decode import decode_bytes, digest, read_file
from striate.data.facts import FACTS, FORMATS, MODES, PACKED, REASONS, RefusedFile
from striate.data.preprocess import Preprocess

__all__ = ["Job", "Piece", "decode_run"]

BUFFER_BYTES = 4 << 20
"""Written at once: large enough for one system call per thousand small images, small enough for any machine."""

TELL_SECONDS = 0.1
"""A piece is told at least this often between files: how fine progress is, and how exactly a crash is placed."""

_FORMAT = {name: code for code, name in enumerate(FORMATS)}
_MODE = {name: code for code, name in enumerate(MODES)}
_REASON = {name: code for code, name in enumerate(REASONS)}


@dataclass(frozen=True)
class Job:
    """What all runs of one scan have in common."""

    root: str
    """Prefix of every path; paths are relative to it."""
    pixels: str
    """An existing file with a slot of H * W * C bytes for every file of the set."""
    preprocess: Preprocess

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-able values, for a worker."""
        return {"root": self.root, "pixels": self.pixels, "preprocess": self.preprocess.to_dict()}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Job:
        """What `to_dict` wrote."""
        return cls(values["root"], values["pixels"], Preprocess.from_dict(values["preprocess"]))


class Piece(NamedTuple):
    """Files `first`, `first + 1`, ... are done; their pixels are in the file."""

    first: int
    facts: NDArray[np.void]
    """FACTS, one row per file."""
    details: dict[int, str]
    """By position in the set, for those that have something to say."""


def decode_run(job: Job, first: int, paths: Sequence[str]) -> Iterator[Piece]:
    """Decode `paths`, which are files `first`, `first + 1`, ... of the set.

    A file that gives no picture is told by its
    reason and its slot is zero. Raises OSError when the pixel file cannot be written.
    """
    slot = int(np.prod(job.preprocess.shape))
    rows = max(1, min(len(paths), BUFFER_BYTES // slot))
    buffer = np.zeros((rows, *job.preprocess.shape), np.uint8)
    with Path(job.pixels).open("r+b", buffering=0) as target:
        done = 0
        while done < len(paths):
            piece = _decode_some(job, first + done, paths[done : done + rows], buffer)
            n = len(piece.facts)
            target.seek((first + done) * slot)
            _write_all(target, buffer[:n].data.cast("B"))
            done += n
            yield piece


def _decode_some(job: Job, first: int, paths: Sequence[str], buffer: NDArray[np.uint8]) -> Piece:
    """Files into the buffer until it is full, the paths end or it is time to tell."""
    preprocess, prefix = job.preprocess, job.root
    packed = bytearray(FACTS.itemsize * len(paths))
    details: dict[int, str] = {}
    clock, tell_at = time.monotonic, time.monotonic() + TELL_SECONDS
    n = 0
    for path in paths:
        code = b""
        try:
            data = read_file(prefix + path)
            code = digest(data)
            pixels, facts = decode_bytes(data, preprocess)
        except RefusedFile as refusal:
            buffer[n] = 0
            PACKED.pack_into(packed, n * FACTS.itemsize, _REASON[refusal.reason], 0, 0, 1, 0, 0, 0, 0, code)
            details[first + n] = refusal.detail
        else:
            buffer[n] = pixels
            PACKED.pack_into(
                packed,
                n * FACTS.itemsize,
                0,
                _FORMAT[facts.format],
                _MODE[facts.mode],
                facts.orientation,
                facts.flags,
                facts.frames,
                facts.width,
                facts.height,
                code,
            )
            if facts.detail:
                details[first + n] = facts.detail
        n += 1
        if clock() > tell_at:
            break
    return Piece(first, np.frombuffer(packed, FACTS, n), details)


def _write_all(target: Any, view: memoryview) -> None:
    """An unbuffered file may take less than it is given."""
    while len(view):
        view = view[target.write(view) :]
