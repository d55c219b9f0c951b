"""Files that are empty, binary, too large or not to be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from striate.core.errors import StriateError
from striate.core.observation_records import Observation
from striate.data.errors import CannotRead
from striate.diagnosis.errors import LogEmpty, LogTooLarge, NotATrainingLog
from striate.diagnosis.logs import read_log, text


def read(folder: Path, content: str | bytes, name: str = "log.csv") -> Observation:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_log(path)


def refused(folder: Path, content: str | bytes, kind: type[StriateError], name: str = "log.csv") -> str:
    with pytest.raises(kind) as error:
        read(folder, content, name)
    return str(error.value).replace(str(folder), "ROOT")


@pytest.mark.parametrize(
    "content", [b"", b" \r\n\n", b"\xff\xfe", b"\x00\x00\x00\x00"], ids=["none", "blank", "mark", "zeros"]
)
def test_an_empty_file(tmp_path: Path, content: bytes) -> None:
    assert refused(tmp_path, content, LogEmpty) == (
        "the log is empty [log-empty]\n  where     ROOT/log.csv\n"
        f"  got       {len(content)} bytes\n  next      wait until the first row is written"
    )


def test_binary_junk(tmp_path: Path) -> None:
    assert refused(tmp_path, bytes(range(256)) * 20, NotATrainingLog) == (
        "the file is not text [not-a-training-log]\n  where     ROOT/log.csv\n  got       binary data\n"
        "  expected  a CSV, TSV, JSON or TensorBoard event file\n  next      give the log of the training run"
    )


def test_text_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "LARGEST_TEXT", 2_000_000)
    assert refused(tmp_path, b"x" * 3_000_000, LogTooLarge) == (
        "the log is too large to be read as text [log-too-large]\n  where     ROOT/log.csv\n  got       3 MB\n"
        "  expected  at most 2 MB\n  next      keep one row for each step or epoch"
    )


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", forbidden)
    for name in ("log.csv", "events.out.tfevents.1"):
        (tmp_path / name).write_text("epoch,loss\n1,2\n")
        with pytest.raises(CannotRead) as error:
            read_log(tmp_path / name)
        assert str(error.value).replace(str(tmp_path), "ROOT") == (
            f"the log cannot be read [cannot-read]\n  where     ROOT/{name}\n  got       Permission denied\n"
            "  next      change its permissions"
        )
    with pytest.raises(CannotRead):
        read_log(tmp_path)
