"""What the small clinic lets pass."""

from __future__ import annotations

import pytest

from benchmarks.clinic.__main__ import broken, smoke


def scored(recall: float, alarms: float, n: int = 20):
    shares = {"share": recall, "n": n}
    own = {"recall": shares, "healthy runs with an alarm": {"n": n}, "false alarms per healthy run": alarms}
    return {"striate": {"data": own}}


def test_bars():
    assert broken(scored(0.9, 0.05)) == []
    assert broken(scored(0.5, 0.05)) == ["recall 0.50 is under 0.75"]
    assert broken(scored(0.9, 1.0)) == ["1.00 alarms a healthy run are over 0.2"]


@pytest.mark.parametrize(
    "found", [{}, {"striate": {}}, scored(1.0, 0.0, n=0)], ids=["none", "no level", "no runs"]
)
def test_nothing_scored_is_not_all_well(found):
    assert broken(found) == ["nothing was scored"]


def test_the_small_set_is_small_and_mixed():
    kinds = [case.kind for case in smoke()]
    assert 20 <= len(kinds) <= 40
    assert kinds.count("fault") >= 12
    assert len(kinds) - kinds.count("fault") >= 0.3 * len(kinds)
