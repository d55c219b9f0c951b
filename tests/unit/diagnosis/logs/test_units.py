"""Percent, shares and errors become shares that are right."""

from __future__ import annotations

import numpy as np
import pytest

from striate.diagnosis.logs.table import Column
from striate.diagnosis.logs.units import to_share


def column(*values: float, percent: bool = False) -> Column:
    figures = np.array(values, dtype=np.float64)
    return Column(figures, np.ones(len(figures), dtype=np.bool_), 0.005, percent)


def share(
    values: tuple[float, ...], error: bool = False, strict: bool = False, named: bool = False
) -> list[float] | str:
    made, said = to_share(column(*values), error, strict, named)
    return said if made is None else [round(x, 6) for x in made.values.tolist()]


def test_shares_and_percent() -> None:
    assert share((0.1, 1.0)) == [0.1, 1.0]
    assert share((0.1, 1.0000001)) == [0.1, 1.0]
    assert share((10, 99)) == [0.1, 0.99]
    assert share((0.4, 1.0), named=True) == [0.004, 0.01]
    assert share((0.9, 0.1), error=True) == [0.1, 0.9]
    assert share((90, 10), error=True) == [0.1, 0.9]
    assert share((2, 1.5), error=True, strict=True) == [0.98, 0.985]


def test_a_percent_sign_in_the_cells_says_percent() -> None:
    made, said = to_share(column(0.4, 0.9, percent=True), False, False, False)
    assert made is not None
    assert made.values.tolist() == pytest.approx([0.004, 0.009])
    assert (made.resolution, said) == (pytest.approx(5e-5), "is in percent")


def test_what_is_no_accuracy() -> None:
    assert share((3, 450)) == "goes from 3 to 450, so it is no share and no percentage"
    assert share((-0.2, 0.5)) == "goes from -0.2 to 0.5, so it is no share and no percentage"
    assert (
        share((2.3, 1.1), error=True)
        == "goes up to 2.3: too much for a share and little for percent, perhaps a loss"
    )
    assert share((np.nan, np.inf)) == "has no finite figure"


def test_what_is_not_finite_is_a_hole() -> None:
    made, _ = to_share(column(0.5, np.nan, np.inf), False, False, False)
    assert made is not None
    assert made.given.tolist() == [True, False, False]
