"""Long tables of plain numbers, read a block at a time: a million rows in seconds.

All or nothing: where a row has another width or a cell is no number, there is no answer, and the careful reader of
`src/striate/diagnosis/logs/delimited.py` has its turn. Knows nothing about headers, quotes or what columns mean.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from striate.diagnosis.logs.cells import resolution
from striate.diagnosis.logs.column_names import role_of
from striate.diagnosis.logs.table import Bools, Column, Floats

__all__ = ["plain_columns"]

# Cells of so many rows at a time are held as text.
_BLOCK = 20_000


def plain_columns(lines: Sequence[str], separator: str, names: Sequence[str]) -> dict[str, Column] | None:
    """The columns whose names mean something; None unless all their cells are numbers or empty, and no two share a name.

    Columns without a meaning may hold text, but then they may say to which split a row belongs: with few rows the careful reader
    decides that.
    """
    wanted = [i for i, name in enumerate(names) if role_of(name) is not None]
    if len(lines) < _BLOCK or not wanted or len(set(names)) < len(names):
        return None
    pieces: list[list[tuple[Floats, Bools]]] = [[] for _ in wanted]
    first: list[list[str]] = []
    for at in range(0, len(lines), _BLOCK):
        cells = _cells(lines[at : at + _BLOCK], separator, len(names))
        if cells is None:
            return None
        for piece, i in zip(pieces, wanted, strict=True):
            column = cells[i :: len(names)]
            full = all(column)
            try:
                figures = np.array(column if full else [cell or "nan" for cell in column], dtype=np.float64)
            except ValueError:
                return None
            given = np.ones(len(column)) if full else np.array([cell != "" for cell in column])
            piece.append((figures, given.astype(np.bool_)))
            if not at:
                first.append([cell for cell in column if cell])
        if not at and not all(_is_number(cells[i]) for i in range(len(names)) if i not in wanted):
            return None
    return {
        names[i]: Column(
            np.concatenate([figures for figures, _ in piece]),
            np.concatenate([given for _, given in piece]),
            resolution(written),
        )
        for i, piece, written in zip(wanted, pieces, first, strict=True)
    }


def _cells(lines: Sequence[str], separator: str, width: int) -> list[str] | None:
    """All cells of a block, row by row; None where a row has another width."""
    if {line.count(separator) for line in lines} != {width - 1}:
        return None
    block = separator.join(lines)
    if separator != "," and "," in block:
        if "." in block:
            return None
        block = block.replace(",", ".")
    return block.split(separator)


def _is_number(cell: str) -> bool:
    try:
        float(cell or "0")
    except ValueError:
        return False
    return True
