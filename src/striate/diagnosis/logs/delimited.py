"""Tables as text: CSV, TSV, semicolons or bars, with what stands between the rows.

The line of column names is the first that names a loss or an accuracy; what stands before it is left out, and where it comes
again the rows of another run begin. Knows nothing about what the figures mean.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from striate.diagnosis.errors import LogEmpty, NotATrainingLog
from striate.diagnosis.logs.cells import number, to_column
from striate.diagnosis.logs.column_names import TEST, TRAIN, VAL, role_of, words
from striate.diagnosis.logs.plain_table import plain_columns
from striate.diagnosis.logs.table import Column, Table

__all__ = ["read_delimited"]

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
# A title, a comment and some settings may come first.
_HEAD_LINES = 40
_MEASURED = {"loss", "accuracy", "error"}

Cells = list[str]


def read_delimited(text: str, path: Path) -> Table:
    """The table in a text; raises NotATrainingLog where no line names a loss or an accuracy, LogEmpty without rows."""
    lines = text.splitlines()
    separator, at, names = _header(lines, path)
    if '"' not in text and (plain := plain_columns(lines[at + 1 :], separator, names)) is not None:
        said = _read_as(separator, len(next(iter(plain.values())).values))
        return Table(plain, assumed=(said,))
    body = _body(lines[at + 1 :], separator, names)
    if not body.rows:
        raise LogEmpty(
            "the log has column names and no rows",
            where=path,
            got=", ".join(names),
            next_step="wait until the first row is written",
        )
    if body.too_long > len(body.rows) / 2:
        raise NotATrainingLog(
            "most rows have more cells than there are column names",
            where=path,
            got=f"{len(body.names)} names, {body.too_long} of {len(body.rows)} rows with more cells",
            expected="a name for each column; decimal commas only where semicolons or tabs separate",
            next_step="write the table again with decimal points",
        )
    assumed = [_read_as(separator, len(body.rows))]
    if body.above:
        assumed.append(f"Rows above a line of other column names were left out: {body.above}.")
    if body.odd:
        assumed.append(
            f"Rows with more or fewer cells than there are names were filled up or cut: {body.odd}."
        )
    columns, split = _columns(body.names, body.rows)
    if split:
        columns = _by_split(columns, split)
        assumed.append("Rows of the splits were brought together by a column that names the split.")
    return Table(columns, tuple(body.breaks), assumed=tuple(assumed))


def _read_as(separator: str, rows: int) -> str:
    return f"Read as a table separated by {SEPARATORS[separator]}, {rows} row{'s' * (rows > 1)}."


def _header(lines: Sequence[str], path: Path) -> tuple[str, int, Cells]:
    """The separator, the line that names columns, and the names."""
    best: tuple[int, str, int, Cells] | None = None
    for at, line in enumerate(lines[:_HEAD_LINES]):
        for separator in SEPARATORS:
            names = [name.strip() for name in _cells(line, separator)]
            roles = [role for name in names if (role := role_of(name.lstrip("# "))) is not None]
            if any(role.quantity in _MEASURED for role in roles) and (best is None or len(roles) > best[0]):
                best = (len(roles), separator, at, [name.lstrip("# ") for name in names])
        if best is not None and best[2] == at:
            return best[1:]
    first = next((line for line in lines if line.strip()), "")
    raise NotATrainingLog(
        "no line of the file names a loss or an accuracy",
        where=path,
        got=f"first line: {first[:100]}",
        expected="column names such as epoch,train_loss,train_acc,val_loss,val_acc",
        next_step="rename the columns, or give another file",
    )


def _cells(line: str, separator: str) -> Cells:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return []


def _reader(lines: Sequence[str], separator: str) -> Iterator[Cells]:
    """Cells of each line; a line that the csv module refuses is none."""
    reader = csv.reader(lines, delimiter=separator)
    while True:
        try:
            yield from reader
            return
        except csv.Error:
            yield []


@dataclass
class _Body:
    """Rows of one width under the names that count."""

    names: Cells
    rows: list[Cells] = field(default_factory=list)
    breaks: list[int] = field(default_factory=list)
    """Rows before which the names stand again."""
    odd: int = 0
    """Rows of another width, of which `too_long` have more cells."""
    too_long: int = 0
    above: int = 0
    """Rows under other names, which are left out."""


def _body(lines: Sequence[str], separator: str, names: Cells) -> _Body:
    """All rows below the first line of names; below the last one, where their names differ."""
    body = before = _Body(names)
    for row in _reader(lines, separator):
        width = len(body.names)
        if len(row) == width and row[0][:1] in "0123456789":
            body.rows.append(row)
            continue
        if not any(cell.strip() for cell in row) or row[0].lstrip().startswith("#"):
            continue
        if _is_header(row):
            fresh = [cell.strip() for cell in row]
            if fresh == body.names:
                body.breaks.append(len(body.rows))
            else:
                before, body = body, _Body(fresh, above=body.above + len(body.rows))
            continue
        if len(row) != width:
            # Trailing separators are no cells.
            while len(row) > width and not row[-1].strip():
                row.pop()
            body.odd += len(row) != width
            body.too_long += len(row) > width
            row = (row + [""] * width)[:width]
        body.rows.append(row)
    return body if body.rows else before


def _is_header(row: Cells) -> bool:
    """Whether a row names columns again."""
    if any(cell[:1].isdigit() for cell in row):
        return False
    roles = [role for cell in row if (role := role_of(cell.strip())) is not None]
    return any(role.quantity in _MEASURED for role in roles) and all(
        number(cell) is None for cell in row if role_of(cell)
    )


def _columns(names: Cells, rows: list[Cells]) -> tuple[dict[str, Column], list[str]]:
    """The columns whose names mean something, and the words of a column that names the split of each row."""
    columns: dict[str, Column] = {}
    split: list[str] = []
    for i, name in enumerate(names):
        if role_of(name) is None:
            if not split and len(rows) > 1 and _names_splits(rows, i):
                split = [_split_word(row[i]) for row in rows]
            continue
        key = name
        for n in itertools.count(2):
            if key not in columns:
                break
            key = f"{name} ({n})"
        columns[key] = to_column([row[i] for row in rows])
    return columns, split


def _split_word(cell: str) -> str:
    """train, val or test, or nothing."""
    said = set(words(cell))
    return "train" if said & TRAIN else "val" if said & VAL else "test" if said & TEST else ""


def _names_splits(rows: list[Cells], i: int) -> bool:
    """Whether a column says train in some rows and val in others, and nothing else."""
    seen = {row[i] for row in itertools.islice(rows, 200)}
    return (
        len(seen) <= 4
        and len({_split_word(cell) for cell in seen}) > 1
        and all(_split_word(cell) for cell in seen)
    )


def _by_split(columns: dict[str, Column], split: list[str]) -> dict[str, Column]:
    """One column for each split and quantity; the axes as they are."""
    of = np.array(split)
    wide: dict[str, Column] = {}
    for name, column in columns.items():
        role = role_of(name)
        if role is None or role.quantity not in _MEASURED or role.split:
            wide[name] = column
            continue
        for word in dict.fromkeys(split):
            here = column.given & (of == word)
            wide[f"{word}/{name}"] = Column(
                np.where(here, column.values, np.nan), here, column.resolution, column.percent
            )
    return wide
