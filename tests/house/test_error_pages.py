"""Every error slug has its page, every page its slug, and the pages are what `make docs` writes."""

from __future__ import annotations

import pytest

from scripts import error_pages
from striate.core.errors import StriateError
from tests.house.verdict import none_breaks


def test_the_pages_are_those_that_would_be_written() -> None:
    wanted = error_pages.pages()
    there = {path.name: path.read_text(encoding="utf-8") for path in error_pages.PAGES.glob("*.md")}
    none_breaks("an error without its page: `make docs`", set(wanted) - set(there))
    none_breaks("a page without its error: `make docs`", set(there) - set(wanted))
    none_breaks("a stale page: `make docs`", (name for name in wanted if wanted[name] != there[name]))


def test_a_docstring_without_a_cure_is_refused() -> None:
    class Nameless(StriateError):
        """It broke.

        Cause: nobody knows.
        """

        slug = "nameless"

    with pytest.raises(ValueError, match="one Cause: and one Cure:"):
        error_pages.page(Nameless)
