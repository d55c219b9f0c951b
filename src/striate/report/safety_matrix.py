"""Transforms down, classes across: how much of each class is still recognised.

A cell is a bar, and each state has a sign as well as a colour. Of many classes those that are hit most have a column, the rest are counted. Knows nothing
about how a class was judged.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from striate.core.augment_records import AugmentationFinding, ClassSafety, TransformSafety
from striate.core.wording import percent, printable, signed_points
from striate.report.safety_words import GROUPS, change_interval, grouped
from striate.report.svg import drawing, element

__all__ = ["SIGNS", "Cell", "Column", "Matrix", "MatrixRow", "RowGroup", "class_state", "safety_matrix"]

# Up to so many classes have a column each; of more, so many.
ALL_CLASSES, COLUMNS = 16, 12
# Characters of a column's name; names longer than the second stand upright.
NAME, LEVEL_NAME = 18, 7
BAR = (48.0, 7.0)
NOTHING = "–"
SIGNS = {"kept": "✓", "hurt": "✕", "swapped": "→", "unfamiliar": "≈", "not shown": "?", "no effect": ""}
"""State of a class -> its sign. Unfamiliar: hurt in a network that never saw the transform, not in one that did."""


@dataclass(frozen=True)
class Column:
    """A class: its name, shortened, and in full."""

    name: str
    title: str


@dataclass(frozen=True)
class Cell:
    """A class under a transform."""

    state: str
    sign: str
    figure: str
    bar: Markup
    title: str


@dataclass(frozen=True)
class MatrixRow:
    """A transform. `rest` counts the classes without a column, by sign."""

    key: str
    transform: str
    change: str
    interval: str
    cells: tuple[Cell, ...]
    rest: str


@dataclass(frozen=True)
class RowGroup:
    """The transforms of one verdict."""

    verdict: str
    heading: str
    meaning: str
    rows: tuple[MatrixRow, ...]


@dataclass(frozen=True)
class Matrix:
    """The table. `upright`: names stand on end; `left_out`: classes without a column."""

    columns: tuple[Column, ...]
    groups: tuple[RowGroup, ...]
    upright: bool
    left_out: int


def safety_matrix(finding: AugmentationFinding) -> Matrix:
    """The matrix of a finding; a row's key is that of its card."""
    chosen = _chosen(finding)
    names = [_short(finding.classes[c]) for c in chosen]
    places = {t.transform: i for i, t in enumerate(finding.transforms)}
    groups = [
        RowGroup(
            verdict.replace(" ", "-"),
            *GROUPS[verdict],
            tuple(_row(t, f"t{places[t.transform]}", chosen) for t in some),
        )
        for verdict, some in grouped(finding)
    ]
    return Matrix(
        columns=tuple(
            Column(name, printable(finding.classes[c])) for c, name in zip(chosen, names, strict=True)
        ),
        groups=tuple(groups),
        upright=max(map(len, names), default=0) > LEVEL_NAME,
        left_out=len(finding.classes) - len(chosen),
    )


def class_state(safety: TransformSafety, c: ClassSafety) -> str:
    """The verdict on a class, or what the verdict on its transform makes of it."""
    if safety.verdict in ("no effect", "not shown"):
        return safety.verdict
    if c.verdict == "hurt" and safety.verdict == "keep":
        return "unfamiliar"
    return c.verdict


def _chosen(finding: AugmentationFinding) -> list[int]:
    """The classes with a column, in their order: all, or the worst of each transform in turn.

    Transforms that touch few classes come first, so that none of them is hidden behind one that hurts every class.
    """
    k = len(finding.classes)
    if k <= ALL_CLASSES:
        return list(range(k))
    lists = sorted((_worst(t) for t in finding.transforms), key=len)
    turns = itertools.chain.from_iterable(itertools.zip_longest(*lists))
    ranked = dict.fromkeys([*(c for c in turns if c is not None), *range(k)])
    return sorted(itertools.islice(ranked, COLUMNS))


def _worst(safety: TransformSafety) -> list[int]:
    """The classes that a transform hurts or swaps, worst first."""
    touched = [
        i for i, c in enumerate(safety.classes) if class_state(safety, c) in ("hurt", "swapped", "unfamiliar")
    ]
    return sorted(touched, key=lambda i: safety.classes[i].change.estimate)


def _short(name: str) -> str:
    """Both ends of a long name: classes that begin alike are told apart by their ends."""
    shown = printable(name)
    return shown if len(shown) <= NAME else f"{shown[: NAME // 2]}…{shown[1 - NAME // 2 :]}"


def _row(safety: TransformSafety, key: str, chosen: Sequence[int]) -> MatrixRow:
    change, shown = safety.change, set(chosen)
    rest = [class_state(safety, c) for i, c in enumerate(safety.classes) if i not in shown]
    counts = [(state, rest.count(state)) for state in ("hurt", "swapped", "unfamiliar", "not shown", "kept")]
    idle = safety.verdict == "no effect"
    return MatrixRow(
        key=key,
        transform=safety.transform,
        change=NOTHING if idle else signed_points(change.estimate),
        interval="" if idle else change_interval(change),
        cells=tuple(_cell(safety, safety.classes[i]) for i in chosen),
        rest="  ".join(f"{n} {SIGNS[state]}" for state, n in counts if n),
    )


def _cell(safety: TransformSafety, c: ClassSafety) -> Cell:
    state = class_state(safety, c)
    name = printable(c.name)
    if c.n == 0:
        return Cell("no-effect", "", NOTHING, Markup(""), f"{name}: no image was held out")
    words = f"{name}: {percent(c.recall_before)} recognised before, {percent(c.recall_after)} after"
    words += f" ({change_interval(c.change)} points)" if state != "no effect" else ""
    if c.flows and state in ("hurt", "swapped", "unfamiliar"):
        words += f"; taken for {printable(c.flows[0].to)} {percent(c.flows[0].after)}"
    swapped = state == "swapped"
    return Cell(
        state=state.replace(" ", "-"),
        sign=SIGNS[state],
        figure=printable(c.becomes, 10) if swapped else _whole(c.recall_after),
        bar=_bar(c),
        title=words + ("" if state == "no effect" else f" - {state}"),
    )


def _bar(c: ClassSafety) -> Markup:
    """Filled as far as the class is recognised after; the stroke is before."""
    width, height = BAR
    before, after = width * c.recall_before, width * c.recall_after
    label = f"{percent(c.recall_before)} before, {percent(c.recall_after)} after"
    return drawing(
        width,
        height,
        label,
        element("rect", class_="track", x=0, y=1, width=width, height=height - 2, rx=1),
        element("rect", class_="fill", x=0, y=1, width=after, height=height - 2, rx=1),
        element("line", class_="was", x1=before, x2=before, y1=0, y2=height),
        class_="bar",
    )


def _whole(share: float) -> str:
    """A share in whole per cent; only 1.0 itself is 100, only 0.0 is 0."""
    return f"{min(max(round(100 * share), 1 if share > 0 else 0), 99 if share < 1 else 100)}"
