"""Images that come again are counted bit by bit."""

from __future__ import annotations

import numpy as np
import pytest

from striate.observe.repeats import same_images

P = np.array([5, 6, 7, 8])

CASES = {
    "all, in another order": (P, P[::-1], (4, 4)),
    "none": (P, P + 10, (4, 0)),
    "twins count once each": (np.array([5, 5, 6]), np.array([5, 5, 5]), (3, 2)),
    "part of the second looked at": (P, np.array([5, 0, 7, 0]), (2, 2)),
    "part of the first, by place": (np.array([5, 0, 7, 8]), P, (3, 3)),
    "part of the first, shuffled": (np.array([5, 0, 7, 8]), P[[1, 2, 3, 0]], (0, 0)),
}


@pytest.mark.parametrize("case", CASES)
def test_same_images(case: str) -> None:
    first, second, wanted = CASES[case]
    assert same_images(first, second) == wanted
