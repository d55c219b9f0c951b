"""Findings of the scan: what cost samples first, a few examples, all counted."""

from __future__ import annotations

from striate.core.records import Notice
from striate.report.scan_findings import notice_groups, skipped_words
from tests.unit.report.fabricate import fabricate


def test_what_cost_samples_comes_first_and_examples_are_few():
    _, data = fabricate()
    notices = [Notice(kind="exif-rotated", path=f"{i}.jpg", detail="", action="used") for i in range(20)]
    notices.append(Notice(kind="stray-file", path="x.txt", detail="in no class folder", action="ignored"))
    notices.append(Notice(kind="truncated", path="b\nad.jpg", detail="cut", action="skipped"))
    groups = notice_groups(notices, data)
    assert [(g.kind, g.times, g.done, g.grave, g.more) for g in groups] == [
        ("truncated", 1, "skipped", True, 0),
        ("exif rotated", 20, "used all the same", False, 12),
        ("stray file", 1, "ignored", False, 0),
    ]
    assert groups[0].examples == (("b␊ad.jpg", "cut"),)


def test_one_kind_with_two_outcomes_says_both():
    _, data = fabricate()
    notices = [
        Notice(kind="gif", path="a", detail="", action="used"),
        Notice(kind="gif", path="b", detail="", action="skipped"),
    ]
    assert notice_groups(notices, data)[0].done == "1 skipped, 1 used all the same"


def test_without_the_table_the_counts_serve():
    _, data = fabricate()
    assert [(g.kind, g.times, g.more) for g in notice_groups((), data)] == [
        ("exif rotated", 31, 31),
        ("truncated", 2, 2),
    ]


def test_skipped_words():
    _, data = fabricate()
    assert skipped_words(data) == "2 unreadable files skipped, most in class airplane (2)."
    assert skipped_words(data.model_copy(update={"skipped": (0,) * 10})) == ""
