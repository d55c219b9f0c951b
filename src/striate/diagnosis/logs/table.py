"""What every reader of a log makes of its file: named columns of numbers, with holes.

A hole (the log has no figure there) is kept apart from a NaN that the log states. Knows nothing about file formats or about
what the columns mean.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Bools", "Column", "Floats", "Table"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Column:
    """One named series, a number or a hole for each row."""

    values: Floats
    """(rows,); NaN in a hole too."""
    given: Bools
    """(rows,); True where the log has a figure, be it NaN."""
    resolution: float = 0.0
    """Half of one unit in the last digit that is written; 0 where all digits are."""
    percent: bool = False
    """Cells bear a percent sign."""

    def only(self, rows: Bools | NDArray[np.intp]) -> Column:
        """The same of some rows."""
        return Column(self.values[rows], self.given[rows], self.resolution, self.percent)


@dataclass(frozen=True)
class Table:
    """The figures of one log, in the order in which they were written."""

    columns: dict[str, Column]
    breaks: tuple[int, ...] = ()
    """Rows before which a new line of column names stands."""
    by_tag: bool = False
    """Rows are steps of tags, which each writer counts as it likes: steps may be epochs."""
    setting: dict[str, Any] = field(default_factory=dict)
    """Fields of `Setting` that the file states."""
    val_n: int = 0
    """Images that were validated on, where the file tells; 0 otherwise."""
    assumed: tuple[str, ...] = ()
    """What the reader did, in sentences."""

    @property
    def rows(self) -> int:
        """Rows, holes and all."""
        return len(next(iter(self.columns.values())).values) if self.columns else 0
