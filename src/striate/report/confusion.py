"""What was taken for what: a heat map with counts, and the commonest confusions.

Up to 30 classes are drawn whole; of more, the classes of the commonest confusions. Knows nothing about files.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from striate.core.records import Score
from striate.core.wording import count, percent, printable
from striate.report.svg import drawing, element, text

__all__ = ["ALL_CLASSES", "Confusion", "ConfusionSection", "confused_pairs", "confusion_section"]

# Beyond this many rows a heat map cannot carry counts on a page.
ALL_CLASSES = 30
# Classes shown when there are more; sentences shown in any case.
SOME_CLASSES, PAIRS = 16, 8
# Characters of a name beside the map; the whole name is in the title.
NAME = 14
# A cell this dark needs light type.
DARK = 0.55


@dataclass(frozen=True)
class Confusion:
    """`true` was taken for `predicted` in `times` of `n` images."""

    true: str
    predicted: str
    times: int
    n: int

    @property
    def share(self) -> str:
        return percent(self.times / self.n)


@dataclass(frozen=True)
class ConfusionSection:
    """The heat map, the sentences, and what the map leaves out."""

    split: str
    picture: Markup
    pairs: tuple[Confusion, ...]
    mistakes: str
    left_out: str


def confused_pairs(score: Score, most: int) -> list[tuple[int, int, int]]:
    """(true, predicted, times) of the commonest confusions, most frequent first, ties in class order."""
    counts = np.array(score.confusion, dtype=np.int64)
    np.fill_diagonal(counts, 0)
    order = np.argsort(-counts, axis=None, kind="stable")[:most]
    rows, columns = np.unravel_index(order, counts.shape)
    found = [(int(i), int(j), int(counts[i, j])) for i, j in zip(rows, columns, strict=True)]
    return [pair for pair in found if pair[2] > 0]


def confusion_section(score: Score) -> ConfusionSection:
    """The section for one scored split."""
    names = [c.name for c in score.classes]
    pairs = [
        Confusion(printable(names[i]), printable(names[j]), times, score.classes[i].n)
        for i, j, times in confused_pairs(score, PAIRS)
    ]
    shown = _shown_classes(score)
    left_out = ""
    if len(shown) < len(names):
        left_out = (
            f"The map shows the {len(shown)} classes of the commonest confusions, of {len(names)}; "
            "confusion_matrix.png shows all."
        )
    return ConfusionSection(
        split=score.split,
        picture=_heat_maps(np.array(score.confusion, dtype=np.int64), names, shown),
        pairs=tuple(pairs),
        mistakes=count(score.n - score.correct, "mistake"),
        left_out=left_out,
    )


def _shown_classes(score: Score) -> list[int]:
    if len(score.classes) <= ALL_CLASSES:
        return list(range(len(score.classes)))
    shown: list[int] = []
    for i, j, _ in confused_pairs(score, 4 * SOME_CLASSES):
        shown += [c for c in (i, j) if c not in shown]
    # A run without mistakes still shows some classes.
    shown += [c for c in range(len(score.classes)) if c not in shown]
    return sorted(shown[:SOME_CLASSES])


def _heat_maps(counts: NDArray[np.int64], names: Sequence[str], shown: Sequence[int]) -> Markup:
    """One for a wide page, and one with small cells for a phone where the classes are few."""
    if len(shown) > 10:
        return _heat_map(counts, names, shown, max(24.0, 480.0 / len(shown)), NAME, "")
    # 10 cells of 24 pixels and a short name fill a phone of 360.
    return _heat_map(counts, names, shown, 46.0, NAME, "wide") + _heat_map(
        counts, names, shown, 24.0, 10, "narrow"
    )


def _heat_map(
    counts: NDArray[np.int64], names: Sequence[str], shown: Sequence[int], cell: float, name: int, style: str
) -> Markup:
    """Rows are true classes, columns predicted ones; a cell's shade is its share of its row."""
    k = len(shown)
    labels = [printable(names[c], name) for c in shown]
    # 7.4 pixels: the mean advance of 12-pixel type in the widest of the usual system fonts.
    margin = max(84.0, 16 + 7.4 * max(len(label) for label in labels))
    parts = []
    for row, c in enumerate(shown):
        y = margin + row * cell
        parts.append(_name(margin - 8, y + cell / 2 + 4, labels[row], names[c], "tick end"))
        parts.append(_column_name(margin + row * cell + cell / 2, margin - 8, labels[row], names[c], cell))
        total = int(counts[c].sum())
        for column, other in enumerate(shown):
            parts.append(_cell(margin + column * cell, y, cell, int(counts[c, other]), total, c == other))
    size = margin + k * cell + 4
    parts.append(text(margin - 8, margin - 24, "predicted →", class_="note end"))
    parts.append(text(margin - 8, margin - 8, "true ↓", class_="note end"))
    return drawing(
        size, size, "Confusion matrix: rows true, columns predicted", *parts, class_=f"heat {style}".strip()
    )


def _name(x: float, y: float, label: str, name: str, style: str) -> Markup:
    return text(x, y, label, title=printable(name), class_=style)


def _column_name(x: float, y: float, label: str, name: str, cell: float) -> Markup:
    """Upright where it fits over its column, such as a digit; else turned."""
    if 7.4 * len(label) < cell:
        return _name(x, y, label, name, "tick middle")
    return element("g", _name(0, 4, label, name, "tick"), transform=f"translate({x:.1f} {y:.1f}) rotate(-90)")


def _cell(x: float, y: float, side: float, times: int, total: int, right: bool) -> Markup:
    share = times / total if total else 0.0
    # The square root keeps a confusion of two in a hundred visible beside a diagonal of ninety.
    shade = math.sqrt(share)
    style = "right" if right else "wrong"
    box = element(
        "rect",
        class_=f"cell {style}" if times else "cell none",
        x=x + 0.5,
        y=y + 0.5,
        width=side - 1,
        height=side - 1,
        rx=2.0,
        fill_opacity=f"{shade:.2f}" if times else None,
    )
    if not times:
        return box
    dark = " on-dark" if shade > DARK else ""
    # Long counts in small cells are set smaller, so that they stay inside.
    small = " small" if len(str(times)) * 7.5 > side - 4 else ""
    return box + text(x + side / 2, y + side / 2 + 4, str(times), class_=f"count middle{dark}{small}")
