"""Which rows of a log count, where its epoch goes back."""

from __future__ import annotations

import numpy as np
import pytest

from striate.diagnosis.logs.restarts import kept_after_restarts, restarts


@pytest.mark.parametrize(
    ("axis", "kept"),
    [
        ([1, 2, 3], [1, 2, 3]),
        ([1, 2, 3, 1, 2], [1, 2]),
        ([1, 2, 3, 2, 3, 4], [1, 2, 3, 4]),
        ([1, 2, 3, 3, 2, 3, 1], [1]),
        ([5, 6, 3, 4], [3, 4]),
        ([1, 1, 2, 2], [1, 1, 2, 2]),
        ([], []),
    ],
)
def test_rows_that_count(axis: list[float], kept: list[float]) -> None:
    values = np.array(axis, dtype=np.float64)
    assert values[kept_after_restarts(values)].tolist() == kept


def test_a_hole_goes_with_the_row_before_it() -> None:
    axis = np.array([np.nan, 1, np.nan, 2, np.nan, 2, 1, np.nan])
    assert kept_after_restarts(axis).tolist() == [True, False, False, False, False, False, True, True]
    assert restarts(axis).tolist() == [1.0]
