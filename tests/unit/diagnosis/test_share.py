"""Intervals and differences of shares, against published examples."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from striate.diagnosis.share import Share, difference, images_needed


def test_difference_is_newcombes_method_10():
    # Newcombe 1998, Statistics in Medicine 17:873, table II: 56/70 - 48/80 gives 0.0524 to 0.3339.
    between = difference(Share(56 / 70, 70), Share(48 / 80, 80))
    assert between.low == pytest.approx(0.0524, abs=5e-5)
    assert between.high == pytest.approx(0.3339, abs=5e-5)
    # ... and 10/10 - 0/10 gives 0.6075 to 1.
    ends = difference(Share(1.0, 10), Share(0.0, 10))
    assert ends.low == pytest.approx(0.6075, abs=5e-5)
    assert ends.high == 1.0


@given(st.integers(1, 500), st.integers(1, 500), st.data())
def test_difference_holds_the_difference_and_turns_with_it(n, m, data):
    a = Share(data.draw(st.integers(0, n)) / n, n)
    b = Share(data.draw(st.integers(0, m)) / m, m)
    one, other = difference(a, b), difference(b, a)
    assert -1 <= one.low <= a.value - b.value + 1e-12
    assert a.value - b.value - 1e-12 <= one.high <= 1
    assert one.low == pytest.approx(-other.high)


def test_images_needed_is_the_textbook_385_at_a_half():
    assert images_needed(0.5, 0.05) == 390  # 384.1 rounded up to tens
    assert images_needed(0.999, 0.05) == images_needed(0.9, 0.05)
