"""The table holds every notice; the summary fits a terminal, worst first."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from striate.core.records import Notice
from striate.data.facts import REASONS
from striate.data.scan_report import WORST_FIRST, ScanReport


def notice(
    kind: str, path: str = "a/1.jpg", detail: str = "why", action: str = "used", label: str = "a"
) -> Notice:
    return Notice(kind=kind, path=path, detail=detail, action=action, label=label)


def report(*notices: Notice, skipped: tuple[int, ...] = (0, 0)) -> ScanReport:
    return ScanReport(
        source="photos/",
        classes=("a", "b"),
        counts=(70, 30),
        skipped=skipped,
        img_size=(32, 32),
        channels=3,
        notices=notices,
    )


def test_a_clean_set_is_one_line() -> None:
    assert report().summary() == "100 images in 2 classes, as 32 x 32 colour"


def test_kinds_are_grouped_worst_first_with_an_example() -> None:
    made = report(
        notice("exif-rotated"),
        notice("hidden-folder", ".git", "not looked into", "ignored", ""),
        notice("truncated", "a/2.jpg", "it ends early", "skipped"),
        notice("truncated", "b/3.jpg", "it ends early", "skipped"),
        notice("imbalance", "", "a has 70 images", "told", ""),
        skipped=(1, 2),
    )
    assert made.summary().splitlines() == [
        "100 images in 2 classes, as 32 x 32 colour; 3 files skipped (b 2, a 1)",
        "  truncated                  2 skipped    a/2.jpg: it ends early ...",
        "  imbalance                  1 told       a has 70 images",
        "  exif-rotated               1 used       a/1.jpg: why",
        "  hidden-folder              1 ignored    .git: not looked into",
    ]
    assert made.counts_by_kind == {"truncated": 2, "imbalance": 1, "exif-rotated": 1, "hidden-folder": 1}


@pytest.mark.parametrize("n", [1, 10, 11, 12, 25])
def test_it_never_takes_more_lines_than_allowed_and_counts_the_rest(n: int) -> None:
    lines = report(*(notice(kind) for kind in WORST_FIRST[:n])).summary(12).splitlines()
    assert len(lines) == min(n + 1, 12)
    if n > 11:
        assert lines[-1] == f"  and {n - 10} notices of {n - 10} more kinds: scan.csv has all"


def test_hostile_names_cannot_drive_the_terminal() -> None:
    text = report(notice("truncated", "a/\x1b[2J\n.jpg"), skipped=(1, 0)).summary()
    assert "\x1b" not in text
    assert len(text.splitlines()) == 2


def test_every_reason_has_its_place_among_the_worst() -> None:
    assert set(filter(None, REASONS)) <= set(WORST_FIRST)
    assert len(set(WORST_FIRST)) == len(WORST_FIRST)


def test_the_table_holds_every_notice_whatever_its_name(tmp_path: Path) -> None:
    notices = [
        notice("truncated", 'a/"quoted", comma.jpg'),
        notice("tiny", "a/new\nline.jpg"),
        notice("tiny", "a/\udce9.jpg"),
    ]
    report(*notices).write_csv(tmp_path / "scan.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "scan.csv").read_text(encoding="utf-8"), newline="")))
    assert [row["path"] for row in rows] == ['a/"quoted", comma.jpg', "a/new\nline.jpg", "a/\\udce9.jpg"]
    assert list(rows[0]) == ["path", "kind", "detail", "action", "label", "split"]


def test_the_record_survives_json() -> None:
    made = report(notice("tiny"))
    assert ScanReport.from_json(made.to_json()) == made
