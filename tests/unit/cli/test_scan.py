"""`striate scan`: the summary, the table, and an exit code that a script can ask."""

from __future__ import annotations

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
