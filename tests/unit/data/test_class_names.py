"""Class names in the order people expect; file names that every system takes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from striate.data.class_names import LONGEST_NAME, canonical, natural_order, safe_name


@pytest.mark.parametrize(
    "names",
    [
        ["1", "2", "10"], ["class2", "class10", "class010x"], ["a", "B", "c"], ["", "0", "a"], ["x", "x1", "x1y", "x2"],
        ["1a2", "1a10", "2a1"], ["01", "1"], ["A", "a"], ["9" * 5000, "1" + "0" * 5000],
    ],
)  # fmt: skip
def test_order(names: list[str]) -> None:
    assert natural_order(reversed(names)) == names


@given(st.lists(st.text(max_size=8), max_size=8))
def test_total_distinct_and_independent_of_the_order_given(names: list[str]) -> None:
    once = natural_order(names)
    assert sorted(once) == sorted(set(names))
    assert natural_order(reversed(names)) == once


@given(st.text())
def test_safe_names_are_safe(text: str) -> None:
    name = safe_name(text)
    assert re.fullmatch(r"[\w.-]+", name)
    assert name[0] not in ".-"
    assert name[-1] not in ".-"
    assert len(name) <= LONGEST_NAME
    assert safe_name(name) == name


def test_canonical() -> None:
    assert canonical("e\u0301") == canonical("\u00e9") == "\u00e9"
