"""A thinned series is bounded, evenly spaced, and ends with the newest sample."""

from __future__ import annotations

import pytest

from striate.observe.thinning import Thinned


@pytest.mark.parametrize("most", [2, 5, 8, 512])
@pytest.mark.parametrize("offered", [0, 1, 7, 8, 9, 100, 1500])
def test_what_is_kept(most: int, offered: int) -> None:
    series: Thinned[int] = Thinned(most)
    for sample in range(offered):
        series.add(sample)
        assert len(series) <= most
    kept = list(series)
    assert len(kept) == len(series)
    stride = kept[1] - kept[0] if len(kept) > 2 else 1
    assert stride & (stride - 1) == 0
    assert kept[:-1] == list(range(0, offered, stride))[: max(0, len(kept) - 1)]
    assert kept[-1:] == ([offered - 1] if offered else [])
    if offered <= most:
        assert kept == list(range(offered))
    else:
        assert len(kept) >= most // 2


def test_a_limit_that_falls_is_kept_to() -> None:
    series: Thinned[int] = Thinned(100)
    for sample in range(60):
        series.add(sample)
    series.most = 10
    series.add(60)
    assert list(series) == [0, 8, 16, 24, 32, 40, 48, 56, 60]
