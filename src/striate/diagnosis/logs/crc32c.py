"""CRC-32C, the checksum of TensorBoard's records, of many pieces of a buffer at once.

The Castagnoli polynomial, reflected: 0x82F63B78 (RFC 3720, appendix B.4). Knows nothing about records.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["crc32c", "masked"]

_POLYNOMIAL = 0x82F63B78
# TFRecord rotates by 15 bits and adds this, so that a checksum of checksums is not weak.
_MASK = 0xA282EAD8


@cache
def _table() -> NDArray[np.uint32]:
    """The checksum of each byte."""
    crc = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        crc = np.where(crc & 1, (crc >> 1) ^ np.uint32(_POLYNOMIAL), crc >> 1)
    return crc.astype(np.uint32)


def crc32c(buffer: NDArray[np.uint8], starts: NDArray[np.intp], length: int) -> NDArray[np.uint32]:
    """Checksums of the pieces of one length that begin at `starts`.

    >>> hex(crc32c(np.frombuffer(b"123456789", dtype=np.uint8), np.array([0]), 9)[0])
    '0xe3069283'
    """
    table = _table()
    crc = np.full(len(starts), 0xFFFFFFFF, dtype=np.uint32)
    for i in range(length):
        crc = table[(crc ^ buffer[starts + i]) & 0xFF] ^ (crc >> 8)
    return (crc ^ np.uint32(0xFFFFFFFF)).astype(np.uint32)


def masked(crc: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """A checksum as TFRecord stores it."""
    return (((crc >> 15) | (crc << 17)) + np.uint32(_MASK)).astype(np.uint32)
