"""The chart of classes: where marks stand, what is coloured, and that names are text."""

from __future__ import annotations

import re

import pytest

from striate.core.comparison_records import Comparison
from striate.diagnosis.comparing import compare_arms
from striate.report.dumbbells import dumbbells
from tests.two_runs import answers, arm


def marks(right: int, n: int = 100) -> list[bool]:
    return [i < right for i in range(n)]


def comparison(a: dict[str, int], b: dict[str, int]) -> Comparison:
    names = tuple(a)
    arms = (
        arm(letter, {"test": answers({name: marks(n) for name, n in given.items() if n >= 0}, names)}, names)
        for letter, given in (("a", a), ("b", b))
    )
    return compare_arms(*arms, "test")


THREE = comparison({"ant": 95, "bee": 90, "cat": 60}, {"ant": 65, "bee": 90, "cat": 98})


def places(svg: str, class_: str, attribute: str) -> list[float]:
    return [float(x) for x in re.findall(rf'class="{class_}"[^>]*? {attribute}="([\d.]+)"', svg)]


def halves() -> tuple[str, str]:
    """The wide drawing and the narrow one."""
    wide, narrow = str(dumbbells(THREE.classes)).split("</svg><svg")
    return wide, narrow


@pytest.mark.parametrize("half", [0, 1])
def test_b_stands_left_of_a_where_it_hurts(half):
    svg = halves()[half]
    (ant_a, bee_a, cat_a), (ant_b, bee_b, cat_b) = places(svg, "ring a", "cx"), places(svg, "disc b", "cx")
    assert ant_b < ant_a
    assert bee_b == bee_a
    assert cat_b > cat_a


@pytest.mark.parametrize("half", [0, 1])
def test_intervals_stand_on_the_side_of_zero_that_the_verdict_says(half):
    svg = halves()[half]
    (zero,) = places(svg, "zero", "x1")
    assert places(svg, "reach hurt", "x2")[0] < zero < places(svg, "reach helped", "x1")[0]
    assert places(svg, "reach unshown", "x1")[0] < zero < places(svg, "reach unshown", "x2")[0]


@pytest.mark.parametrize(("half", "width"), [(0, 960), (1, 340)])
def test_everything_lies_in_the_picture(half, width):
    svg = halves()[half]
    across = [float(x) for x in re.findall(r' (?:x|x1|x2|cx)="(-?[\d.]+)"', svg)]
    assert min(across) >= 0
    assert max(across) <= width
    height = float(re.search(r'viewBox="0 0 \d+ ([\d.]+)"', svg).group(1))
    assert max(float(y) for y in re.findall(r' (?:y|y1|y2|cy)="(-?[\d.]+)"', svg)) <= height


def test_hurt_is_said_in_words_and_not_by_colour_alone():
    wide, narrow = halves()
    for svg in (wide, narrow):
        assert ">hurt -30.0</text>" in svg
        assert ">helped +38.0</text>" in svg
        assert ">0.0</text>" in svg


def test_names_from_outside_are_text():
    found = comparison({"<b>ant</b>": 95, "bee": 90}, {"<b>ant</b>": 65, "bee": 90})
    svg = str(dumbbells(found.classes))
    assert "<b>" not in svg
    assert "&lt;b&gt;ant&lt;/b&gt;" in svg


def test_a_class_without_images_has_words_only():
    found = comparison({"ant": 95, "bee": -1}, {"ant": 94, "bee": -1})
    svg = str(dumbbells(found.classes))
    assert svg.count(">no images</text>") == 2
    assert svg.count('class="ring a"') == 2
    assert "nan" not in svg


def test_nothing_but_zero_differences_and_no_classes_at_all_can_be_drawn():
    assert "nan" not in str(dumbbells(comparison({"ant": 100, "bee": 100}, {"ant": 100, "bee": 100}).classes))
    assert "nan" not in str(dumbbells(()))
