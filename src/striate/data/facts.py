"""What reading a file tells besides its pixels, packed so that a million stay small.

    Facts           of one image, in words: what `decode` returns
    FACTS           the same as one row of a packed array: what a scan fills and the cache keeps
    RefusedFile     why a file gives no pixels: a reason of REASONS and a detail for people

Knows nothing about files, decoders or what is made of the facts. Imports NumPy alone: every worker loads it.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

import numpy as np

__all__ = [
    "FACTS",
    "FLAGS",
    "FORMATS",
    "MAX_BYTES",
    "MAX_PIXELS",
    "MODES",
    "PACKED",
    "REASONS",
    "Facts",
    "Flag",
    "RefusedFile",
]

FORMATS = ("", "JPEG", "PNG", "BMP", "WEBP", "GIF", "TIFF", "PPM", "MPO")
"""What striate opens, by Pillow's names; their position is the code in FACTS. MPO is a JPEG with further
pictures behind the first, as telephones write it. Everything else is refused: each further decoder is a
further way in for hostile files."""

MODES = (
    "", "1", "L", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV", "I", "F", "LA", "La", "PA", "RGBX", "RGBa",
    "I;16", "I;16L", "I;16B", "I;16N",
)  # fmt: skip
"""Pillow's pixel modes; their position is the code in FACTS."""

REASONS = (
    "",
    "truncated",
    "zero-bytes",
    "not-an-image",
    "unsupported-format",
    "unsupported-mode",
    "32-bit",
    "huge",
    "broken",
    "missing",
    "no-permission",
    "not-a-file",
    "read-failed",
    "decoder-crashed",
    "decoder-hung",
)
"""Why a file gives no pixels; the position is the code in FACTS, 0 for a file that does."""


MAX_PIXELS = 1 << 27
"""134 megapixels, 512 MiB at four bytes each: above the 102 of medium-format cameras, below what would exhaust a
machine that decodes one image per core."""

MAX_BYTES = 1 << 29
"""512 MiB: what MAX_PIXELS take without any compression. A larger file cannot hold a smaller image."""


class Flag:
    """Bits of `Facts.flags`: things that were handled in a declared way and are worth telling."""

    SIXTEEN_BIT = 1
    """More than 8 bits per channel: grey scaled by v / 257, colour by its high byte."""
    TRANSPARENT = 2
    """Some pixel is not opaque: composited on the declared background."""
    CMYK = 4
    """Ink colours: converted without a colour profile."""
    DAMAGED = 8
    """The decoder met damage that it could paint over: some of the picture may be wrong."""


FLAGS = {
    "16-bit": Flag.SIXTEEN_BIT,
    "alpha": Flag.TRANSPARENT,
    "cmyk": Flag.CMYK,
    "damaged": Flag.DAMAGED,
}
"""The kind of notice that each bit becomes."""

FACTS = np.dtype(
    [
        ("reason", "u1"),
        ("format", "u1"),
        ("mode", "u1"),
        ("orientation", "u1"),
        ("flags", "u1"),
        ("frames", "<u2"),
        ("width", "<u4"),
        ("height", "<u4"),
        ("digest", "V16"),
    ]
)
"""One file: 31 bytes. `digest` is BLAKE2b-128 of the file's bytes, zero where they could not be read."""

PACKED = struct.Struct("<BBBBBHII16s")
"""The same layout for `pack_into`: assigning to a row of a structured array costs as much as reading the file."""


class Facts(NamedTuple):
    """One decoded file. Width and height in pixels as shown, after any EXIF rotation."""

    format: str
    mode: str
    width: int
    height: int
    orientation: int = 1
    """EXIF orientation, 1 to 8; 1 is upright."""
    frames: int = 1
    flags: int = 0
    detail: str = ""
    """What a code cannot say, such as the largest value of a 16-bit image."""


class RefusedFile(Exception):
    """One file gives no pixels. `reason` is one of REASONS."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
