"""What a file is, by its name and by its first bytes.

Knows nothing about decoding: a file that begins like a PNG may still be broken.
"""

from __future__ import annotations

import re
from typing import Literal

from striate.data.signatures import what_it_is

__all__ = ["HEAD_BYTES", "archive_type", "foreign_image", "has_image_name", "is_image"]

IMAGE_EXTENSIONS = frozenset(
    ["jpg", "jpeg", "jfif", "png", "bmp", "webp", "gif", "tif", "tiff", "ppm", "pgm"]
)

CAMERA_RAW = frozenset(["cr2", "cr3", "nef", "arw", "dng", "raf", "orf", "rw2"])
"""Begin like a TIFF, but hold sensor data and a thumbnail."""

HEAD_BYTES = 512
"""Enough for every signature below; a tar archive has its own at byte 257."""

_BMP_HEADER_SIZES = frozenset((12, 40, 52, 56, 64, 108, 124))
"""Sizes of the DIB headers: 'BM' alone also begins ordinary text."""

ArchiveType = Literal["tar", "tar.gz", "tar.bz2", "tar.xz", "zip"]


def has_image_name(name: str) -> bool:
    """Whether the extension is one of an image that striate reads; case does not matter."""
    return name.rpartition(".")[2].lower() in IMAGE_EXTENSIONS and "." in name


def is_image(head: bytes) -> bool:
    """Whether a file that begins with `head` says it is JPEG, PNG, GIF, BMP, WebP, TIFF, PPM or PGM."""
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*")):
        return True
    if head.startswith(b"RIFF"):
        return head[8:12] == b"WEBP"
    if head.startswith(b"BM"):
        return len(head) >= 18 and int.from_bytes(head[14:18], "little") in _BMP_HEADER_SIZES
    return re.match(rb"P[1-6][ \t\r\n]", head) is not None


def foreign_image(name: str, head: bytes) -> str:
    """In words, what an image of a format that striate cannot read is; empty for everything else."""
    if name.rpartition(".")[2].lower() in CAMERA_RAW:
        return "a camera raw file; convert it to JPEG or PNG"
    words, picture = what_it_is(head)
    return words if picture else ""


def archive_type(name: str, head: bytes) -> ArchiveType | None:
    """The kind of archive, by content; a plain tar older than POSIX has no signature and goes by its name."""
    if head.startswith((b"PK\3\4", b"PK\5\6")):
        return "zip"
    if head.startswith(b"\x1f\x8b"):
        return "tar.gz"
    if head.startswith(b"BZh"):
        return "tar.bz2"
    if head.startswith(b"\xfd7zXZ\0"):
        return "tar.xz"
    if head[257:262] == b"ustar" or name.lower().endswith(".tar"):
        return "tar"
    return None
