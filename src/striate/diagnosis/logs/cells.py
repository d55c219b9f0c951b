"""Cells of a table as numbers: decimal points or commas, percent signs, holes and NaN.

They also show how finely figures are written. Knows nothing about columns' names or what the numbers measure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from striate.diagnosis.logs.table import Bools, Column, Floats

__all__ = ["number", "resolution", "to_column"]

HOLES = frozenset({"", "none", "null", "na", "n/a", "<na>", "-", "--", "–", "?"})
_NON_FINITE = {"1.#inf": np.inf, "-1.#inf": -np.inf, "1.#qnan": np.nan, "-1.#ind": np.nan, "∞": np.inf}
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+(?:e[+-]?\d+)?")
# What printing a tensor instead of its number leaves in a log.
_TENSOR = re.compile(r"(?:tensor|array|np\.float\d+|tf\.tensor)\(\[*([^\],()]+)[^)]*\)?")
_COUNTED = re.compile(r"(?:epoch|step|iter|iteration)?\s*\[?(\d+)\]?(?:\s*/\s*\d+)?")
# Enough to see the widest number of digits in a column of one format.
_LOOKED_AT = 400


def number(cell: str) -> float | None:
    """One cell; None for a hole and for what is no number. Percent signs are dropped.

    >>> number(" 12,5 % "), number("nan"), number("tensor(0.25)"), number("3/50"), number("red")
    (12.5, nan, 0.25, 3.0, None)
    """
    text = cell.strip().strip("'\"").strip().lower()
    if text in HOLES:
        return None
    text = text.removesuffix("%").rstrip()
    if text in _NON_FINITE:
        return _NON_FINITE[text]
    if _DECIMAL_COMMA.fullmatch(text):
        text = text.replace(",", ".")
    elif (match := _TENSOR.fullmatch(text)) or (match := _COUNTED.fullmatch(text)):
        text = match[1]
    try:
        return float(text)
    except ValueError:
        return None


def resolution(cells: Sequence[str]) -> float:
    """Half a unit in the last digit of the most finely written cell; 0 where exponents hide it.

    >>> resolution(["0.5", "0.125"])
    0.0005
    """
    places = 0
    for cell in cells[:_LOOKED_AT]:
        text = cell.strip().strip("'\"% ").lower().replace(",", ".")
        if "e" in text:
            return 0.0
        whole, _, digits = text.partition(".")
        if whole.lstrip("+-").isdigit() or not whole:
            places = max(places, len(digits))
    return float(0.5 * 10.0**-places)


def to_column(cells: Sequence[str]) -> Column:
    """A column of cells; NaN stands in a hole and where the cell says NaN."""
    values: Floats
    given: Bools
    try:
        # NumPy parses a whole column of plain numbers an order faster than a loop does.
        values = np.array(cells, dtype=np.float64)
        given = np.ones(len(cells), dtype=np.bool_)
    except ValueError:
        try:
            values = np.array([cell or "nan" for cell in cells], dtype=np.float64)
            given = np.array([cell != "" for cell in cells], dtype=np.bool_)
        except ValueError:
            numbers = [number(cell) for cell in cells]
            values = np.array([np.nan if x is None else x for x in numbers], dtype=np.float64)
            given = np.array([x is not None for x in numbers], dtype=np.bool_)
    written = [cell for cell in cells[: 20 * _LOOKED_AT] if cell][:_LOOKED_AT]
    return Column(values, given, resolution(written), any("%" in cell for cell in written))
