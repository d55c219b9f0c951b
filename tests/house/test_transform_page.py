"""The page of transforms is what `make docs` writes, and each says what it teaches and what it destroys."""

from __future__ import annotations

import pytest

from scripts import transform_page
from striate.augment.flips import HorizontalFlip


def test_the_page_is_that_which_would_be_written() -> None:
    assert transform_page.PAGE.read_text(encoding="utf-8") == transform_page.page()


def test_a_docstring_that_does_not_say_what_it_destroys_is_refused() -> None:
    class Silent(HorizontalFlip):
        """Do something.

        Teaches patience.

        Policy: `silent`.
        """

    with pytest.raises(ValueError, match="destroys"):
        transform_page.parts(Silent)
