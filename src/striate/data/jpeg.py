"""The fast way into JPEG files, taken only where its pixels equal Pillow's bit for bit.

Both decoders are libjpeg-turbo with the same inverse transform and the same chroma upsampling; simplejpeg skips Pillow's
per-file set-up, which for a 32x32 photograph is nine tenths of the time. It is used in its strict mode: it raises
where libjpeg only warns, so damage that Pillow paints over in silence is noticed. Knows nothing about files or sizes
wanted.
"""

from __future__ import annotations

import numpy as np
import simplejpeg
from numpy.typing import NDArray

__all__ = ["JpegDamaged", "plain_header", "strict_pixels"]

JpegDamaged = ValueError
"""What `strict_pixels` raises: truncated, corrupt, or a kind of JPEG that simplejpeg does not decode."""

_JFIF = b"\xff\xd8\xff\xe0"  # start of image, then APP0
_SCAN = 0xDA
_FRAMES = (0xC0, 0xC1, 0xC2)  # baseline, extended sequential, progressive; all Huffman coded
# Quantisation and Huffman tables, restart interval, comments, application data. Not APP1 (EXIF, XMP: orientation),
# APP2 (further pictures) nor APP14 (Adobe's colour transform): those need interpretation.
_PLAIN = frozenset({0xDB, 0xC4, 0xDD, 0xFE, 0xE0, *range(0xE3, 0xEE), 0xEF})


def plain_header(data: bytes) -> tuple[int, int, int] | None:
    """(width, height, components) of a JFIF file whose header needs no interpretation, else None.

    Plain: 8 bits, 1 or 3 components, no EXIF (orientation), no further pictures, no Adobe marker. Walks the segments
    from the start to the first scan, so nothing inside an embedded thumbnail can be mistaken for the header.
    """
    if data[:4] != _JFIF:
        return None
    size: tuple[int, int, int] | None = None
    at, end = 2, len(data) - 10
    while at < end:
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == _SCAN:
            return size
        if marker in _FRAMES:
            if size is not None or data[at + 4] != 8 or data[at + 9] not in (1, 3):
                return None
            size = (data[at + 7] << 8 | data[at + 8], data[at + 5] << 8 | data[at + 6], data[at + 9])
            if not size[0] or not size[1]:
                return None
        elif marker not in _PLAIN:
            return None
        at += 2 + (data[at + 2] << 8 | data[at + 3])
    return None


def strict_pixels(data: bytes, grey: bool) -> NDArray[np.uint8]:
    """The pixels of a grey or colour JPEG, (H, W, 3), or (H, W, 1) with `grey`; JpegDamaged at the least damage.

    `grey` asks for the file's own luma and is meant for files that hold nothing else.
    """
    pixels: NDArray[np.uint8] = simplejpeg.decode_jpeg(data, "GRAY" if grey else "RGB", strict=True)
    return pixels
