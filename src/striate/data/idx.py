"""IDX files, the format of MNIST and its kin, as uint8 arrays.

    0, 0, 8 (unsigned byte), rank, then one big-endian 32-bit size per axis, then the bytes, last axis fastest

Strict: a header that promises more or fewer bytes than there are is refused. Knows nothing about data sets.
Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database", section on the IDX file format.
"""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from striate.data.errors import SetDamaged

__all__ = ["read_idx"]


def read_idx(path: Path, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """The array in the file, plain or gzipped, which must have this `shape`. Raises SetDamaged.

    No more than header and array are ever read, so that a gzip bomb costs nothing.
    """
    size = 4 + 4 * len(shape) + int(np.prod(shape))
    header = bytes((0, 0, 8, len(shape))) + b"".join(axis.to_bytes(4, "big") for axis in shape)
    try:
        with path.open("rb") as raw:
            gzipped = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            content = (gzip.GzipFile(fileobj=raw) if gzipped else raw).read(size + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise _damaged(path, shape, str(error)) from error
    if not content.startswith(header):
        raise _damaged(path, shape, f"a header of {content[: len(header)].hex(' ', 4)}")
    if len(content) != size:
        raise _damaged(
            path, shape, f"{'more' if len(content) > size else 'fewer'} bytes than its header says"
        )
    return np.frombuffer(content, dtype=np.uint8, offset=len(header)).reshape(shape)


def _damaged(path: Path, shape: tuple[int, ...], got: str) -> SetDamaged:
    return SetDamaged(
        "a local copy of a data set is damaged",
        where=path,
        got=got,
        expected=f"an IDX file of bytes, {' x '.join(map(str, shape))}",
        next_step="delete the file; it is then looked for elsewhere or fetched again",
    )
