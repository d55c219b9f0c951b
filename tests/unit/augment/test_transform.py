"""Keys: where draws come from."""

from __future__ import annotations

import numpy as np

from striate.augment.transform import Key


def test_integers_cover_their_range_and_no_more() -> None:
    drawn = Key(0, 0).integers(np.arange(2000), -2, 3, 2)
    assert drawn.shape == (2000, 2)
    assert set(np.unique(drawn)) == {-2, -1, 0, 1, 2, 3}


def test_each_part_of_a_key_matters() -> None:
    rows = np.arange(50)
    drawn = [key.uniform(rows).tobytes() for key in (Key(0, 0), Key(1, 0), Key(0, 1), Key(0, 0, "other"))]
    assert len(set(drawn)) == 4
