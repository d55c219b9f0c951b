"""The chart: round ticks, gaps where there is no number, labels that never cover each other."""

from __future__ import annotations

import itertools
import math
import re
import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from striate.report.chart import LABEL_GAP, Chart, Line, Spot, ticks, whole_ticks

SVG = "{http://www.w3.org/2000/svg}"


def chart(*lines: Line, **more) -> Chart:
    return Chart(title="t", lines=lines, x_range=(1, 9), y_range=(0, 1), y_format=lambda v: f"{v:g}", **more)


def drawn(picture: Chart) -> ET.Element:
    return ET.fromstring(str(picture.draw(400, 200, right=80)))


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_ticks_are_inside_and_evenly_spaced(low, span):
    high = low + span
    found = ticks(low, high)
    # A narrow range far from 0 is cut as finely as numbers there lie apart.
    slack = 1e-6 * span + 2 * math.ulp(max(abs(low), abs(high)))
    assert all(low - slack <= t <= high + slack for t in found)
    assert len(found) <= 8


def test_ticks_are_round():
    assert ticks(0, 1) == [0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert ticks(0.9, 1.0) == [0.9, 0.92, 0.94, 0.96, 0.98, 1.0]
    assert ticks(3, 3) == [3]


@given(st.integers(1, 10**6), st.integers(0, 10**6), st.integers(2, 12))
def test_whole_ticks_are_both_ends_and_round_numbers_that_keep_apart(low, span, most):
    found = whole_ticks(low, low + span, most)
    assert (found[0], found[-1]) == (low, low + span)
    assert found == sorted(set(found))
    assert len(found) <= most + 1
    gaps = [b - a for a, b in itertools.pairwise(found)]
    assert not gaps or min(gaps) >= 0.6 * max(gaps) / 1.6 - 1


def test_whole_ticks_read_well():
    assert whole_ticks(1, 20, most=4) == [1, 10, 20]
    assert whole_ticks(1, 15, most=4) == [1, 5, 10, 15]
    assert whole_ticks(1, 100, most=8) == [1, 20, 40, 60, 80, 100]
    assert whole_ticks(1, 2, most=4) == [1, 2]
    assert whole_ticks(1, 1, most=4) == [1]


def test_one_point_has_a_band_that_can_be_seen():
    line = Line("val", "val", [5], [0.5], [0.25], [0.75])
    bands = [e.get("d") for e in drawn(chart(line)).iter("path") if e.get("class") == "band val"]
    assert bands == ["M177 55 L187 55 L187 129 L177 129Z"]


def test_a_line_goes_where_its_values_are():
    line = Line("val", "val", [1, 5, 9], [0.0, 0.5, 1.0])
    paths = [e.get("d") for e in drawn(chart(line)).iter("path") if e.get("class") == "line val"]
    # left 44, right 400 - 80, top 18, bottom 200 - 34
    assert paths == ["M44 166 L182 92 L320 18"]


def test_a_value_that_is_no_number_breaks_the_line():
    line = Line("loss", "val", list(range(1, 8)), [0.1, 0.2, math.nan, 0.4, math.inf, 0.6, 0.7])
    root = drawn(chart(line))
    assert len([e for e in root.iter("path") if e.get("class") == "line val"]) == 2
    assert len([e for e in root.iter("circle") if e.get("class") == "dot val"]) == 1


def test_nothing_but_nan_draws_axes_only():
    root = drawn(chart(Line("loss", "val", [1, 2], [math.nan, math.nan])))
    assert not list(root.iter("path"))
    assert not [e for e in root.iter("text") if e.text == "loss"]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_labels_keep_apart_and_inside(ends):
    lines = [Line(f"line {i}", "val", [1, 9], [0.5, y]) for i, y in enumerate(ends)]
    labels = [e for e in drawn(chart(*lines)).iter("text") if "label" in (e.get("class") or "")]
    places = sorted(float(e.get("y")) for e in labels)
    assert len(places) == len(ends)
    assert all(b - a >= LABEL_GAP - 0.11 for a, b in itertools.pairwise(places))
    assert places[0] >= 18 + 4 - 0.11
    assert places[-1] <= 166 + 4 + 0.11


def test_spot_has_its_interval():
    root = drawn(chart(Line("", "val", [1, 9], [0, 1]), spots=[Spot("test", "test", 5, 0.5, 0.25, 0.75)]))
    whisker = next(e for e in root.iter("line") if "whisker" in (e.get("class") or ""))
    assert (whisker.get("y1"), whisker.get("y2")) == ("129", "55")


def test_labels_are_escaped():
    svg = str(
        chart(Line("</text><script>", "val", [1, 9], [0, 1]), mark=3, mark_label="a & b").draw(400, 200)
    )
    assert "<script" not in svg
    assert "a &amp; b" in svg
    assert not re.search(r'class="[^"]*[<>]', svg)
