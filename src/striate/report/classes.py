"""One row a class, worst first: recall with its interval, and what it was taken for.

Up to 30 classes all are shown; of more, the worst 15 and the best 5. Knows nothing about files.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from striate.core.records import ClassScore, Interval, Score
from striate.core.wording import interval_percent, percent, printable
from striate.report.confusion import ALL_CLASSES
from striate.report.svg import drawing, element

__all__ = ["ClassRow", "ClassesSection", "classes_section", "interval_bar"]

WORST, BEST = 15, 5
# Characters of a name in the table; the whole name is in the title.
NAME = 32
SHORT_NAME = 20


@dataclass(frozen=True)
class ClassRow:
    """One class as the table shows it."""

    name: str
    title: str
    recall: str
    interval: str
    bar: Markup
    right: str
    precision: str
    f1: str
    taken_for: str
    taken_times: int


@dataclass(frozen=True)
class ClassesSection:
    """The rows, worst first; `gap_after` rows a line says how many are left out. Bars begin at `axis`."""

    split: str
    axis: str
    rows: tuple[ClassRow, ...]
    gap_after: int
    left_out: int


def classes_section(score: Score) -> ClassesSection:
    """Classes by recall, lowest first; ties by more images, then by the order of classes; unseen ones last."""
    order = sorted(range(len(score.classes)), key=lambda c: _badness(score.classes[c]))
    left_out = 0
    if len(order) > ALL_CLASSES:
        left_out = len(order) - WORST - BEST
        order = order[:WORST] + order[-BEST:]
    low = _axis(min((score.classes[c].recall_interval.low for c in order if score.classes[c].n), default=0.0))
    return ClassesSection(
        split=score.split,
        axis=f"{100 * low:.0f} to 100 %",
        rows=tuple(_row(score, c, low) for c in order),
        gap_after=WORST if left_out else 0,
        left_out=left_out,
    )


def _badness(c: ClassScore) -> tuple[float, int]:
    return (math.inf if math.isnan(c.recall) else c.recall, -c.n)


def _axis(lowest: float) -> float:
    """Where the bars' scale begins: a round share at or under the lowest bound."""
    return max((start for start in (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95) if start <= lowest), default=0.0)


def _row(score: Score, index: int, low: float) -> ClassRow:
    c = score.classes[index]
    times, other = _most_taken_for(score.confusion[index], index)
    return ClassRow(
        name=printable(c.name, NAME),
        title=printable(c.name),
        recall=percent(c.recall),
        interval=interval_percent(c.recall_interval) if c.n else "no images",
        bar=interval_bar(c.recall, c.recall_interval, low) if c.n else Markup(""),
        right=f"{c.correct:,} / {c.n:,}",
        precision=percent(c.precision),
        f1=percent(c.f1),
        taken_for=printable(score.classes[other].name, SHORT_NAME) if times else "",
        taken_times=times,
    )


def _most_taken_for(row: Sequence[int], own: int) -> tuple[int, int]:
    """(times, class) of the commonest wrong answer; (0, ...) without one."""
    others = ((times, c) for c, times in enumerate(row) if c != own)
    return max(others, key=lambda found: (found[0], -found[1]), default=(0, 0))


def interval_bar(share: float, interval: Interval, low: float = 0.0, width: float = 140) -> Markup:
    """A scale from `low` to 100 % with the interval as a bar and the share as a dot."""

    def x(value: float) -> float:
        return 4 + (value - low) / (1 - low) * (width - 8)

    return drawing(
        width,
        14,
        f"{percent(share)}, 95 % interval {interval_percent(interval)}",
        element("line", class_="grid", x1=x(low), x2=x(1.0), y1=7.0, y2=7.0),
        element(
            "rect",
            class_="interval",
            x=x(interval.low),
            y=4.0,
            rx=3.0,
            width=max(x(interval.high) - x(interval.low), 1.0),
            height=6.0,
        ),
        element("circle", class_="dot val", cx=x(share), cy=7.0, r=3.5),
        class_="bar",
    )
