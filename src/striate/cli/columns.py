"""Text in aligned columns, whatever script it is in: some characters are two cells wide.

Knows nothing about what is in the table.
"""

from __future__ import annotations

from collections.abc import Sequence, Set

__all__ = ["Cell", "shortened", "table"]

Cell = str


def table(head: Sequence[Cell], rows: Sequence[Sequence[Cell]], right: Set[int] = frozenset()) -> list[str]:
    """Lines of the head and the rows; columns in `right` are aligned to the right, the last is never padded."""
    from rich.cells import cell_len

    widths = [max(cell_len(line[i]) for line in (head, *rows)) for i in range(len(head))]

    def padded(line: Sequence[Cell]) -> str:
        cells = []
        for i, text in enumerate(line):
            space = " " * (widths[i] - cell_len(text))
            cells.append(space + text if i in right else text + space)
        return "  ".join(cells).rstrip()

    return [padded(line) for line in (head, *rows)]


def shortened(text: str, width: int) -> str:
    """`text` in at most `width` cells; what is left out is at its beginning, where paths say least."""
    from rich.cells import cell_len

    if cell_len(text) <= width:
        return text
    kept = text
    while kept and cell_len(kept) > width - 1:
        kept = kept[1:]
    return "…" + kept
