"""Columns that line up in any script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from striate.cli.columns import shortened, table


def test_wide_characters_take_two_cells() -> None:
    assert table(["a", "b"], [["猫", "1"], ["dog", "22"]], right={1}) == ["a     b", "猫    1", "dog  22"]


def test_no_rows_are_a_head() -> None:
    assert table(["a", "b"], []) == ["a  b"]


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])), st.integers(1, 30))
def test_a_path_is_cut_at_its_beginning(text: str, width: int) -> None:
    out = shortened(text, width)
    assert cell_len(out) <= width
    assert out == text or (out.startswith("…") and text.endswith(out[1:]))


@pytest.mark.parametrize(
    ("text", "width", "out"), [("abc", 3, "abc"), ("abcd", 3, "…cd"), ("猫猫", 3, "…猫")]
)
def test_cuts(text: str, width: int, out: str) -> None:
    assert shortened(text, width) == out
