"""SVG elements: short coordinates, everything escaped."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from striate.core.wording import printable
from striate.report.svg import drawing, element, number, path, text


def test_numbers_are_short():
    assert [number(v) for v in (1.0, 1.25, -0.04, 12.349, 0)] == ["1", "1.2", "0", "12.3", "0"]


def test_element_and_path():
    assert (
        str(element("line", x1=1.0, stroke_width=2.0, class_="a", id=None))
        == '<line x1="1" stroke-width="2" class="a"/>'
    )
    assert path([(0, 0), (1.5, 2)], closed=True) == "M0 0 L1.5 2Z"


@given(st.text(max_size=30))
def test_any_text_survives_as_text(name):
    shown = printable(name)
    root = ET.fromstring(str(drawing(10, 10, shown, text(0, 0, shown, title=shown + "!", class_=shown))))
    words = root[1]
    assert words[0].text == shown + "!"
    assert (words[0].tail or "") == shown
    assert root[0].text == (shown or None)


def test_a_title_that_says_nothing_new_is_left_out():
    assert "<title>" not in text(0, 0, "cat", title="cat")
