"""Numbers and names in words: the exact texts, and nothing a name could do to a terminal."""

from __future__ import annotations

import math
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from striate.core.records import Interval
from striate.core.wording import (
    count,
    duration,
    interval_percent,
    percent,
    points,
    printable,
    signed_points,
    significant,
)


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.975, "97.5 %"), (1.0, "100 %"), (0.0, "0 %"), (0.9996, "99.96 %"), (0.99999, ">99.99 %"),
        (0.0004, "0.04 %"), (1e-6, "<0.01 %"), (0.5, "50.0 %"), (math.nan, "–"),
    ],
)  # fmt: skip
def test_percent(share, words):
    assert percent(share) == words


@given(st.floats(0, 1, exclude_min=True, exclude_max=True))
def test_only_certainty_is_called_certain(share):
    assert percent(share) not in ("100 %", "100.0 %", "100.00 %", "0 %", "0.0 %", "0.00 %")


def test_interval_points_count():
    assert interval_percent(Interval(low=0.961, high=0.986)) == "96.1 to 98.6 %"
    assert (points(0.0744), points(-0.003), points(-0.0001)) == ("7.4", "-0.3", "0.0")
    assert [signed_points(d) for d in (0.0744, -0.003, 0.0001, -0.0001, math.nan)] == [
        "+7.4", "-0.3", "0.0", "0.0", "–",
    ]  # fmt: skip
    assert (count(1, "image"), count(12000, "image"), count(2, "class", "classes")) == (
        "1 image", "12,000 images", "2 classes",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (4.56, "4.6 s"),
        (41.2, "41 s"),
        (59.7, "1 min 0 s"),
        (725, "12 min 5 s"),
        (12000, "3 h 20 min"),
        (math.nan, "–"),
    ],
)
def test_duration(seconds, words):
    assert duration(seconds) == words


def test_significant():
    assert [significant(v) for v in (0.0123456, 1234.5, math.nan, -math.inf)] == [
        "0.0123",
        "1.23e+03",
        "NaN",
        "-infinite",
    ]


@given(st.text(st.characters(codec=None), max_size=60))
def test_printable_leaves_nothing_that_acts(name):
    text = printable(name)
    assert len(text) == len(name)
    assert not [c for c in text if unicodedata.category(c) in ("Cc", "Cs")]
    assert not set(text) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    text.encode("utf-8")
    assert len(printable(name, 7)) <= 7
    assert printable(text) == text
