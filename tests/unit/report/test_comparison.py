"""The page of two runs: offline, escaped, the hurt classes first, and what it says without some parts."""

from __future__ import annotations

import re

import pytest

from striate.core.comparison_records import Comparison
from striate.diagnosis.comparing import compare_arms
from striate.report.comparison import ALL_CLASSES, build_comparison, render_comparison
from tests.two_runs import answers, arm


def marks(right: int, n: int = 100) -> list[bool]:
    return [i < right for i in range(n)]


def comparison(
    names: tuple[str, ...] = ("ant", "bee", "cat"), hurt: int = 1, **settings: object
) -> Comparison:
    before = {name: marks(95) for name in names}
    after = {name: marks(55 if i < hurt else 95) for i, name in enumerate(names)}
    a = arm("plain", {"test": answers(before, names)}, names, augment="none", **settings)
    b = arm("flipped", {"test": answers(after, names)}, names, augment="flip")
    return compare_arms(a, b, "test")


def test_the_first_screen():
    page = build_comparison(comparison())
    assert page.headline == "B is worse by 13.3 points on average, and hurts 1 of 3 classes: ant"
    assert page.severity == "warning"
    assert [(s.letter, s.name, s.accuracy) for s in page.sides] == [
        ("A", "plain", "95.0 %"),
        ("B", "flipped", "81.7 %"),
    ]
    assert (page.change, page.level) == ("-13.3 points", "98.33 %")
    assert page.settings == (("--augment", "none", "flip"),)
    assert [(r.name, r.verdict) for r in page.rows] == [
        ("ant", "hurt"),
        ("bee", "not shown"),
        ("cat", "not shown"),
    ]


@pytest.mark.parametrize(("hurt", "severity"), [(0, "info"), (1, "warning")])
def test_only_what_is_shown_is_alarming(hurt, severity):
    assert build_comparison(comparison(hurt=hurt)).severity == severity


def test_the_page_asks_nothing_of_the_network_and_runs_nothing():
    html = render_comparison(comparison())
    assert "default-src 'none'" in html
    assert "http" not in html.replace("http-equiv", "")
    assert "<script" not in html
    assert html == render_comparison(comparison())


def test_names_from_outside_are_text():
    names = ("<script>x</script>", "two\nlines", "]]>--></style>")
    found = comparison(names, odd="<i>")
    renamed = found.model_copy(
        update={"a": found.a.model_copy(update={"name": "<u>a</u>", "path": "<u>/p</u>"})}
    )
    html = render_comparison(renamed)
    for piece in ("<script", "<u>", "<i>", "]]>-->"):
        assert piece not in html
    assert "&lt;script&gt;" in html


def test_both_curves_are_drawn_and_end_with_their_letter():
    html = render_comparison(comparison())
    assert len(re.findall(r">[AB] \d\d\.\d %</text>", html)) == 4
    assert html.count('class="band ') == 4


def test_without_val_there_is_no_curve():
    found = comparison()
    bare = {side: getattr(found, side).model_copy(update={"val_accuracy": (), "val_n": 0}) for side in "ab"}
    page = build_comparison(found.model_copy(update=bare))
    assert page.curves == ""
    assert "Val accuracy" not in render_comparison(found.model_copy(update=bare))
    nothing = {s: getattr(found, s).model_copy(update={"val_accuracy": (float("nan"),)}) for s in "ab"}
    assert build_comparison(found.model_copy(update=nothing)).curves == ""


def test_of_many_classes_the_ends_are_shown():
    names = tuple(f"c{i:03}" for i in range(ALL_CLASSES + 15))
    page = build_comparison(comparison(names, hurt=2))
    assert (len(page.rows), page.left_out, page.gap_after) == (40, 15, 30)
    assert [r.verdict for r in page.rows[:3]] == ["hurt", "hurt", "not shown"]
    html = render_comparison(comparison(names))
    assert "At the dotted line 15 classes are not drawn" in html
    assert html.count('class="mark"') == 2


def test_the_same_settings_are_said():
    found = comparison().model_copy(update={"settings": ()})
    assert "all settings are the same" in render_comparison(found)
