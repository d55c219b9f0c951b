"""Numbers behind names: bounds in words, refusals in exact words."""

from __future__ import annotations

import pytest

from striate.augment.errors import TransformOutOfRange
from striate.augment.number import LARGEST, Number


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (Number("x", 0, 180), "above 0, up to 180"),
        (Number("x", 0, LARGEST), "above 0"),
        (Number("x", 1, 30, whole=True), "a whole number, 1 to 30"),
        (Number("x", 1, LARGEST, whole=True), "a whole number, 1 or more"),
    ],
)
def test_the_range_in_words(number: Number, words: str) -> None:
    assert number.range == words


@pytest.mark.parametrize(
    ("value", "whole"), [(0.0, False), (30.5, False), (0.0, True), (2.5, True), (31.0, True)]
)
def test_outside(value: float, whole: bool) -> None:
    number = Number("the angle", 1.0 if whole else 0.0, 30, usual=15, whole=whole)
    with pytest.raises(TransformOutOfRange) as refusal:
        number.check("turn", value)
    assert refusal.value.got == f"turn{value:g}"
    assert refusal.value.next_step == "turn alone means turn15"


def test_the_bounds_themselves() -> None:
    assert Number("x", 0, 30).check("turn", 30.0) == 30.0
    assert Number("x", 1, 30, whole=True).check("turn", 1.0) == 1.0
