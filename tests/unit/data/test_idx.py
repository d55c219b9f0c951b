"""IDX files: read plain and gzipped; any byte too few, too many or out of place is refused."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from striate.data.errors import SetDamaged
from striate.data.idx import read_idx

ARRAY = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
BYTES = bytes([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4]) + ARRAY.tobytes()


def packed(content: bytes) -> bytes:
    """Without the time, which gzip writes: test workers must all collect the same names."""
    return gzip.compress(content, mtime=0)


@pytest.mark.parametrize("pack", [bytes, packed])
def test_read(tmp_path: Path, pack: object) -> None:
    (tmp_path / "x").write_bytes(pack(BYTES))  # type: ignore[operator]
    array = read_idx(tmp_path / "x", (2, 3, 4))
    assert np.array_equal(array, ARRAY)
    assert array.dtype == np.uint8


@pytest.mark.parametrize(
    "content",
    [
        b"", BYTES[:3], BYTES[:10], BYTES[:-1], BYTES + b"\0", b"\0\0\x09" + BYTES[3:], b"\0\1" + BYTES[2:],
        BYTES[:3] + b"\2" + BYTES[4:], BYTES[:7] + b"\3" + BYTES[8:], packed(BYTES)[:-3],
        packed(BYTES)[:20], packed(BYTES[:-1]), packed(BYTES + bytes(10)), b"\x1f\x8bnot gzip",
    ],
)  # fmt: skip
def test_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(SetDamaged):
        read_idx(tmp_path / "x", (2, 3, 4))


def test_in_words(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(BYTES[:-1])
    with pytest.raises(SetDamaged) as error:
        read_idx(tmp_path / "x", (2, 3, 4))
    assert str(error.value) == (
        "a local copy of a data set is damaged [set-damaged]\n"
        f"  where     {tmp_path / 'x'}\n"
        "  got       fewer bytes than its header says\n"
        "  expected  an IDX file of bytes, 2 x 3 x 4\n"
        "  next      delete the file; it is then looked for elsewhere or fetched again"
    )


def test_a_bomb_costs_what_was_expected(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(gzip.compress(BYTES + bytes(64 << 20)))
    with pytest.raises(SetDamaged, match="more bytes than its header says"):
        read_idx(tmp_path / "x", (2, 3, 4))
