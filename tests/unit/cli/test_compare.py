"""`striate compare`: the screen, the page, JSON; within 100 columns whatever the names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from striate.cli.compare import comparison_text
from striate.core.comparison_records import Comparison
from striate.diagnosis.comparing import compare_arms
from tests.two_runs import answers, arm


def marks(right: int, n: int = 100) -> list[bool]:
    return [i < right for i in range(n)]


def comparison(names: tuple[str, ...] = ("ant", "bee", "cat"), **settings: Any) -> Comparison:
    before, after = {name: marks(90) for name in names}, {name: marks(91) for name in names}
    before[names[0]], after[names[0]] = marks(95), marks(70)
    a = arm("plain", {"test": answers(before, names)}, names, augment="none", seed=0, **settings)
    b = arm("flipped", {"test": answers(after, names)}, names, augment="flip", seed=0)
    return compare_arms(a, b, "test")


SCREEN = """\
B is worse by 7.7 points on average, and hurts 1 of 3 classes: ant.

A        91.7 % (88.0 to 94.3 %) of 300 test images right: plain
B        84.0 % (79.4 to 87.7 %) of 300 test images right: flipped
B - A    -7.7 points (-11.3 to -4.4), 95 % intervals all three

differs    A     B
--augment  none  flip

Recall on test; differences in percentage points
class       A       B  B - A  98.33 % interval  images
ant    95.0 %  70.0 %  -25.0    -36.3 to -14.4     100  hurt
bee    90.0 %  91.0 %   +1.0      -4.3 to +6.7     100  not shown
cat    90.0 %  91.0 %   +1.0      -4.3 to +6.7     100  not shown

Both were scored on the same 300 test images: compared image by image.
Hurt or helped means that the 98.33 % interval of a class lies on one side of 0 and an exact test
agrees; with 3 classes, all of them together then hold with 95 %.
Not shown does not mean equal: a class of 100 images that A has all right is called hurt once B
loses 7 of them.
One run each cannot tell a change of settings from the chance of a training (its seed): train both
again with another seed, and trust what comes back.
"""


def test_the_screen(cli: Callable[..., Any], verb: Callable[..., Any]) -> None:
    calls = verb("compare", comparison())
    ended = cli("compare", "a", "b")
    assert (ended.code, ended.out, ended.err) == (0, SCREEN, "")
    assert calls == [{"args": ("a", "b")}]


def test_json_is_the_whole_record(cli: Callable[..., Any], verb: Callable[..., Any]) -> None:
    verb("compare", comparison())
    assert Comparison.from_json(cli("compare", "a", "b", "--json").out) == comparison()


def test_the_page_is_written_beside_the_words(
    cli: Callable[..., Any], verb: Callable[..., Any], tmp_path: Any
) -> None:
    verb("compare", comparison())
    path = tmp_path / "page.html"
    assert cli("compare", "a", "b", "--html", str(path)).out == SCREEN + f"\n{path}\n"
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert Comparison.from_json(cli("compare", "a", "b", "--json", "--html", str(path)).out) == comparison()


def test_a_place_that_cannot_be_written(
    cli: Callable[..., Any], verb: Callable[..., Any], tmp_path: Any
) -> None:
    verb("compare", comparison())
    ended = cli("compare", "a", "b", "--html", str(tmp_path / "no" / "page.html"))
    assert (ended.code, ended.out) == (6, "")
    assert "Traceback" not in ended.err


def test_one_run_is_too_few(cli: Callable[..., Any]) -> None:
    ended = cli("compare", "a")
    assert (ended.code, ended.out) == (2, "")
    assert "RUN-B is missing" in ended.err or "RUN_B is missing" in ended.err
    assert "usage: striate compare RUN_A RUN_B" in ended.err


@pytest.mark.parametrize("n", [3, 60])
def test_a_hundred_columns_are_enough(n: int) -> None:
    names = tuple(f"{i:02d}" + "x" * 80 for i in range(n))
    found = comparison(names, data_augmentation_of_a_long_name="y" * 90)
    found = found.model_copy(update={"a": found.a.model_copy(update={"name": "/a/very/long/path/" * 9})})
    lines = comparison_text(found).splitlines()
    assert max(map(len, lines)) <= 100
    assert ("and 40 more (--json)" in lines) == (n == 60)


def test_hostile_names_are_harmless() -> None:
    text = comparison_text(comparison(("a\x1b[2J\nb", "bee", "cat")))
    assert "\x1b" not in text
    assert "a␛[2J␊b" in text


def test_a_class_without_images_has_no_figures() -> None:
    names = ("ant", "bee", "cat")
    given = {"ant": marks(90), "bee": marks(80)}
    a, b = (arm(name, {"test": answers(given, names)}, names) for name in ("one", "two"))
    text = comparison_text(compare_arms(a, b, "test"))
    assert "No setting differs." in text
    assert any(line.split() == ["cat", "–", "–", "–", "0", "no", "images"] for line in text.splitlines())
