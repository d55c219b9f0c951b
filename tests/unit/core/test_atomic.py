"""Atomic writes: whole or not at all, on a disk that fills up and one that is full."""

import errno
import os

import pytest

from striate.core import atomic
from striate.core.atomic import DiskFull, write_atomic


def test_writing_replaces_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "run.json"
    write_atomic(path, "old")

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull) as error:
        write_atomic(path, "new")
    assert str(error.value).startswith("no room left on the disk [disk-full]")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["run.json"]


def test_a_full_disk_for_real(small_disk):
    write_atomic(small_disk / "run.json", "old")
    with pytest.raises(DiskFull):
        write_atomic(small_disk / "run.json", b"x" * 2_000_000)
    assert (small_disk / "run.json").read_text() == "old"
    assert [p.name for p in small_disk.iterdir()] == ["run.json"]


def test_other_os_errors_are_not_disguised(tmp_path):
    with pytest.raises(OSError, match="File name too long"), atomic.writing(tmp_path):
        raise OSError(errno.ENAMETOOLONG, "File name too long")
