"""Classes as dumbbells: recall in A and in B on one line, and beside it the difference.

A is a ring, B a disc, so that both are seen where they meet; the interval of the difference is red where it lies below 0
and green above. Drawn twice, for a wide page and for a phone. Knows nothing about how a class was judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from striate.core.comparison_records import ClassComparison, Difference
from striate.core.wording import percent, printable, signed_points
from striate.report.chart import ticks
from striate.report.curves import accuracy_floor
from striate.report.svg import drawing, element, text

__all__ = ["dumbbells"]

_STYLE = {"hurt": "hurt", "helped": "helped", "not shown": "unshown"}


@dataclass(frozen=True)
class _Layout:
    """Where things stand, in pixels: two scales from left to right, a row's height, where its name and words begin."""

    width: float
    recall: tuple[float, float]
    difference: tuple[float, float]
    row: float
    head: float
    middle: float
    """From the top of a row to its marks."""
    words_y: float
    """From the top of a row to the baseline of its name and words."""
    name_chars: int
    ticks: tuple[int, int]
    """About so many numbers above each scale."""
    class_: str


_WIDE = _Layout(960, (196, 516), (572, 832), 28, 44, 14, 18, 24, (5, 5), "wide")
_NARROW = _Layout(340, (16, 146), (192, 324), 48, 44, 33, 16, 22, (2, 4), "narrow")


def dumbbells(classes: Sequence[ClassComparison], gap_after: int = 0) -> Markup:
    """The chart, wide and narrow; the style sheet shows one of them. A class without images has a line of words.

    After so many rows as `gap_after` says a dotted line marks that classes are left out.
    """
    return Markup("").join(_Chart(classes, layout).picture(gap_after) for layout in (_WIDE, _NARROW))


class _Chart:
    def __init__(self, classes: Sequence[ClassComparison], layout: _Layout) -> None:
        self.classes, self.at = classes, layout
        seen = [c for c in classes if c.n_a and c.n_b]
        self.floor = accuracy_floor(min((min(c.recall_a, c.recall_b) for c in seen), default=0.0))
        self.reach = _reach([c.difference for c in seen])
        self.height = layout.head + layout.row * len(classes) + 6

    def recall_x(self, share: float) -> float:
        left, right = self.at.recall
        return left + (share - self.floor) / (1 - self.floor) * (right - left)

    def difference_x(self, difference: float) -> float:
        (left, right), (low, high) = self.at.difference, self.reach
        return left + (difference - low) / (high - low) * (right - left)

    def picture(self, gap_after: int) -> Markup:
        rows = [self._row(c, self.at.head + i * self.at.row) for i, c in enumerate(self.classes)]
        if gap_after:
            y = self.at.head + gap_after * self.at.row
            rows.append(element("line", class_="mark", x1=0, x2=self.at.width, y1=y, y2=y))
        label = "Recall of each class in A and in B, and the difference with its interval"
        return drawing(
            self.at.width, self.height, label, self._scales(), *rows, class_=f"dumbbells {self.at.class_}"
        )

    def _scales(self) -> Markup:
        at, bottom = self.at, self.height - 4
        parts = [
            text(at.recall[0], 12, "Recall", class_="tick"),
            text(at.difference[0], 12, "B − A, points", class_="tick"),
        ]
        for share in ticks(self.floor, 1.0, at.ticks[0]):
            x = self.recall_x(share)
            parts.append(element("line", class_="grid", x1=x, x2=x, y1=at.head - 4, y2=bottom))
            parts.append(text(x, at.head - 10, f"{100 * share:.4g} %", class_="tick middle"))
        for step in ticks(*self.reach, at.ticks[1]):
            x = self.difference_x(step)
            style = "zero" if step == 0 else "grid"
            parts.append(element("line", class_=style, x1=x, x2=x, y1=at.head - 4, y2=bottom))
            parts.append(text(x, at.head - 10, _round_points(step), class_="tick middle"))
        return Markup("").join(parts)

    def _row(self, c: ClassComparison, top: float) -> Markup:
        at, style = self.at, _STYLE[c.verdict]
        seen = bool(c.n_a and c.n_b)
        name = text(
            0,
            top + at.words_y,
            printable(c.name, at.name_chars),
            title=printable(c.name),
            class_=f"class {style}",
        )
        words = "no images" if not seen else _words(c)
        said = text(at.width, top + at.words_y, words, class_=f"end verdict {style}")
        rule = (
            element("line", class_="grid", x1=0, x2=at.width, y1=top, y2=top) if at is _NARROW else Markup("")
        )
        return rule + name + said + (self._marks(c, top + at.middle, style) if seen else Markup(""))

    def _marks(self, c: ClassComparison, y: float, style: str) -> Markup:
        a, b = self.recall_x(c.recall_a), self.recall_x(c.recall_b)
        d = c.difference
        low, high = self.difference_x(d.low), self.difference_x(d.high)
        hover = element("title", f"{printable(c.name)}: A {percent(c.recall_a)}, B {percent(c.recall_b)}")
        parts = [
            element("line", class_=f"bar {style}", x1=a, x2=b, y1=y, y2=y),
            element("circle", class_="ring a", cx=a, cy=y, r=5.5),
            element("circle", class_="disc b", cx=b, cy=y, r=3.5),
            element("line", class_=f"reach {style}", x1=low, x2=high, y1=y, y2=y),
            element("circle", class_=f"estimate {style}", cx=self.difference_x(d.estimate), cy=y, r=3.5),
        ]
        return element("g", hover, *parts)


def _words(c: ClassComparison) -> str:
    change = signed_points(c.difference.estimate)
    return change if c.verdict == "not shown" else f"{c.verdict} {change}"


def _reach(differences: Sequence[Difference]) -> tuple[float, float]:
    """Ends of a scale that holds all intervals and 0, with a little room."""
    low = min((d.low for d in differences), default=-1.0)
    high = max((d.high for d in differences), default=1.0)
    low, high = min(low, 0.0), max(high, 0.0)
    room = 0.04 * (high - low)
    return low - room, high + room


def _round_points(difference: float) -> str:
    return f"{100 * difference:+.4g}" if difference else "0"
