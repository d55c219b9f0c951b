"""Names and circles as a label map writes them."""

from __future__ import annotations

import pytest

from striate.core.label_text import circle_texts, quoted


@pytest.mark.parametrize("name", ["6", "left-arrow", "a b", "Ölmütz", "x_1", "100%", "(a)"])
def test_plain_names_stand_as_they_are(name: str) -> None:
    assert quoted(name) == name


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a,b", '"a,b"'),
        ("a->b", '"a->b"'),
        ('say "x"', '"say \\"x\\""'),
        ("c\\d", '"c\\\\d"'),
        (" a", '" a"'),
        ("a-", '"a-"'),
        ("", '""'),
    ],
)
def test_names_with_marks_are_quoted(name: str, text: str) -> None:
    assert quoted(name) == text


def test_circles() -> None:
    assert circle_texts([0, 2, 1, 3], "abcd") == ["b<->c"]
    assert circle_texts([1, 2, 3, 0], "abcd") == ["a->b->c->d->a"]
    assert circle_texts([1, 0, 3, 2], "abcd") == ["a<->b", "c<->d"]
    assert circle_texts([0, 1], "ab") == []
