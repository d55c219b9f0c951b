"""Cells as numbers, and how finely they are written."""

from __future__ import annotations

import math

import pytest

from striate.diagnosis.logs.cells import number, resolution, to_column


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1.5", 1.5), (" 2 ", 2), ("1e-3", 0.001), ("0,25", 0.25), ("12,5 %", 12.5), ("'3'", 3), ("inf", math.inf),
        ("-1.#INF", -math.inf), ("tensor(0.25)", 0.25), ("tensor(0.25, device='cuda:0')", 0.25), ("np.float32(0.5)", 0.5),
        ("3/50", 3), ("Epoch 7", 7), ("", None), ("None", None), ("N/A", None), ("-", None), ("red", None), ("00:12", None),
    ],
)  # fmt: skip
def test_cells(cell: str, value: float | None) -> None:
    assert number(cell) == value


def test_nan_is_a_figure_and_a_hole_is_none() -> None:
    column = to_column(["1", "", "nan", "-"])
    assert column.given.tolist() == [True, False, True, False]
    assert [math.isnan(x) for x in column.values.tolist()] == [False, True, True, True]
    assert not column.percent


def test_percent_signs_are_seen() -> None:
    column = to_column(["", "0.5 %", "0.9 %"])
    assert column.percent
    assert column.values[1:].tolist() == [0.5, 0.9]


def test_resolution_is_half_of_the_last_digit() -> None:
    assert resolution(["0.5", "12,25"]) == pytest.approx(0.005)
    assert resolution(["5", "12"]) == 0.5
    assert resolution(["0.5", "1e-5"]) == 0.0
