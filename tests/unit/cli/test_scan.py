"""`striate scan`: the summary, the table, and an exit code that a script can ask."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from striate.core.records import Notice
from striate.data.scan_report import ScanReport


def found(counts: tuple[int, ...] = (10, 8)) -> ScanReport:
    return ScanReport(
        source="photos",
        classes=("cat", "dog"),
        counts=counts,
        skipped=(1, 0),
        img_size=(64, 64),
        channels=3,
        notices=(
            Notice(kind="truncated", path="cat/a.jpg", detail="ends early", action="skipped", label="cat"),
        ),
    )


def test_what_was_typed_reaches_the_verb(cli: Callable[..., Any], verb: Callable[..., Any]) -> None:
    calls = verb("scan", found())
    ended = cli(
        "check-data", "photos", "--on_bad", "fail", "--img-size", "64x48", "-j", "0", "--data_dir", "d"
    )
    assert (ended.code, ended.err) == (0, "")
    calls[0].pop("progress")
    assert calls == [
        {
            "args": ("photos",),
            "on_bad": "fail",
            "img_size": (64, 48),
            "workers": 0,
            "data_dir": "d",
            "cache_dir": None,
        }
    ]


def test_the_summary(cli: Callable[..., Any], verb: Callable[..., Any]) -> None:
    verb("scan", found())
    assert cli("scan", "photos").out == found().summary() + "\n"


def test_the_table(cli: Callable[..., Any], verb: Callable[..., Any], tmp_path: Path) -> None:
    verb("scan", found())
    path = tmp_path / "notices.csv"
    assert cli("scan", "photos", "--csv", str(path)).out.endswith(f"\n{path} has every notice\n")
    assert path.read_text() == found().to_csv()


@pytest.mark.parametrize("counts", [(0, 0), (10, 0)])
def test_fewer_than_two_classes_cannot_be_trained_on(
    cli: Callable[..., Any], verb: Callable[..., Any], counts: tuple[int, ...]
) -> None:
    verb("scan", found(counts))
    assert cli("scan", "photos").code == 3


def test_a_table_that_has_no_place_is_refused_before_anything_is_read(
    cli: Callable[..., Any], verb: Callable[..., Any], tmp_path: Path
) -> None:
    calls = verb("scan", found())
    ended = cli("scan", "photos", "--csv", str(tmp_path / "nodir/x.csv"))
    assert (ended.code, ended.out, calls) == (6, "", [])
    assert ended.err == (
        "error: cannot write here [cannot-write]\n"
        f"  where     {tmp_path / 'nodir/x.csv'}\n"
        f"  got       there is no folder {tmp_path / 'nodir'}\n"
        "  next      make the folder first, or give a path in one that exists\n"
    )


def test_a_table_that_cannot_be_written_speaks_of_the_flag_of_this_verb(
    cli: Callable[..., Any], verb: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    verb("scan", found())
    monkeypatch.setattr("striate.core.atomic.tempfile.mkstemp", refuse)
    ended = cli("scan", "photos", "--csv", str(tmp_path / "x.csv"))
    assert ended.err == (
        "error: cannot write here [cannot-write]\n"
        f"  where     {tmp_path / 'x.csv'}\n"
        "  got       Read-only file system\n"
        "  next      give --csv a path that you may write to\n"
    )
