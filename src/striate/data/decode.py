"""One file in, pixels and facts out: the only way from bytes to pixels.

Scan, training and prediction all come through `decode_bytes`, so a file gives the same bits to each. Files are read,
never written. Knows nothing about data sets, caches or processes.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from striate.data.facts import MAX_BYTES, MAX_PIXELS, Facts, RefusedFile
from striate.data.jpeg import JpegDamaged, plain_header, strict_pixels
from striate.data.preprocess import Preprocess

__all__ = ["Decoded", "decode", "decode_bytes", "digest", "open_file", "pixels_of_image", "read_file"]

# A FIFO without a writer would block the open itself; a regular file does not care.
_READ_ONLY = (
    os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
)


class Decoded(NamedTuple):
    """Pixels, uint8 (H, W, C) as the preprocessing wants them, and the facts about the file."""

    pixels: NDArray[np.uint8]
    facts: Facts


def decode(source: str | Path | bytes, preprocess: Preprocess) -> Decoded:
    """The image at a path, or in the bytes of a file, for the network.

    Raises UnreadableImage (a DataError with slug `unreadable-image`) for whatever a scan would skip: truncated, not an
    image, beyond MAX_PIXELS or MAX_BYTES, of 32-bit values, not a regular file, ...
    """
    try:
        return decode_bytes(source if isinstance(source, bytes) else read_file(os.fspath(source)), preprocess)
    except RefusedFile as refusal:
        # Workers never come here, so the error tree stays out of their start-up.
        from striate.data.pixel_errors import unreadable

        raise unreadable(None if isinstance(source, bytes) else source, refusal) from refusal


def pixels_of_image(image: Image.Image, preprocess: Preprocess) -> NDArray[np.uint8]:
    """A Pillow image for the network, as `decode` makes it of the file that it came from. Raises UnreadableImage."""
    from striate.data import pillow_reader

    try:
        return preprocess.pixels(pillow_reader.plain(image, preprocess.background))
    except RefusedFile as refusal:
        from striate.data.pixel_errors import unreadable

        raise unreadable(None, refusal) from refusal


def open_file(path: str) -> tuple[int, int]:
    """A descriptor of a regular file, to be closed by the caller, and its size; RefusedFile for anything else."""
    try:
        handle = os.open(path, _READ_ONLY)
    except (OSError, ValueError) as error:
        raise _unopened(error) from error
    facts = os.fstat(handle)
    if stat.S_ISREG(facts.st_mode) and 0 < facts.st_size <= MAX_BYTES:
        return handle, facts.st_size
    os.close(handle)
    if not stat.S_ISREG(facts.st_mode):
        raise RefusedFile("not-a-file", f"{_kind(facts.st_mode)}, not a file")
    if facts.st_size:
        raise RefusedFile("huge", f"{facts.st_size:,} bytes, more than {MAX_BYTES:,}")
    raise RefusedFile("zero-bytes", "the file is empty")


def read_file(path: str) -> bytes:
    """All bytes of a regular file; RefusedFile for anything else that a path may be."""
    handle, size = open_file(path)
    try:
        data = os.read(handle, size)
        while len(data) < size and (rest := os.read(handle, size - len(data))):
            data += rest
    except OSError as error:
        raise RefusedFile("read-failed", error.strerror or type(error).__name__) from error
    finally:
        os.close(handle)
    return data


def digest(data: bytes) -> bytes:
    """BLAKE2b-128 of a file's bytes: equal files have equal digests."""
    return hashlib.blake2b(data, digest_size=16).digest()


def decode_bytes(data: bytes, preprocess: Preprocess) -> Decoded:
    """The image in the bytes of a file. Raises RefusedFile and nothing else."""
    if (plain := plain_header(data)) is not None:
        width, height, components = plain
        if width * height > MAX_PIXELS:
            raise RefusedFile("huge", f"{width} x {height} is more than {MAX_PIXELS:,} pixels")
        try:
            pixels = strict_pixels(data, grey=components == 1)
        except JpegDamaged:
            pass  # Pillow decides, and says, what is wrong
        else:
            return Decoded(
                _fitted(pixels, preprocess), Facts("JPEG", "L" if components == 1 else "RGB", width, height)
            )
    if not data:
        raise RefusedFile("zero-bytes", "the file is empty")
    from striate.data import (
        pillow_reader,  # its plugins are not needed, nor loaded, for a folder of plain JPEGs
    )

    image, facts = pillow_reader.read(data, preprocess.background)
    return Decoded(preprocess.pixels(image), facts)


def _fitted(pixels: NDArray[np.uint8], preprocess: Preprocess) -> NDArray[np.uint8]:
    if pixels.shape == preprocess.shape:
        return pixels
    return preprocess.pixels(Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels))


def _unopened(error: OSError | ValueError) -> RefusedFile:
    """Why a path could not be opened at all."""
    if isinstance(error, FileNotFoundError):
        return RefusedFile("missing", "no such file, or a link that leads nowhere")
    if isinstance(error, PermissionError):
        return RefusedFile("no-permission", "no permission to read it")
    if isinstance(error, IsADirectoryError):
        return RefusedFile("not-a-file", "a folder, not a file")
    if isinstance(error, OSError) and error.strerror:
        return RefusedFile("not-a-file" if error.errno == errno.ENXIO else "read-failed", error.strerror)
    return RefusedFile("missing", "not a possible path")


def _kind(mode: int) -> str:
    names = (
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISFIFO, "a named pipe"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a device"),
    )
    return next((name for test, name in names if test(mode)), "something else")
