"""A line chart in SVG: bands, labels at the ends of lines, a mark, a point with interval.

Hand-made, because a report must be one small offline file that reads well at 340 pixels and on paper. Knows
nothing about training.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from striate.report.svg import drawing, element, path, text

__all__ = ["Chart", "Line", "Spot", "ticks", "whole_ticks"]

LABEL_GAP = 15.0  # pixels between the baselines of two labels in 12-pixel type
TICK_GAP = 45.0  # pixels between the middles of two numbers of up to four digits in the same type
MOST_X = 8  # numbers below a chart: more say nothing more


@dataclass(frozen=True)
class Line:
    """One curve. A y that is not finite breaks it."""

    label: str
    style: str
    """CSS class: ``val``, ``clean``, ``trained``, ..."""
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()


@dataclass(frozen=True)
class Spot:
    """One measured point with an interval."""

    label: str
    style: str
    x: float
    y: float
    low: float
    high: float


@dataclass(frozen=True)
class Chart:
    """What to draw, independent of its size. `y_range` must not be empty; `log` needs it positive."""

    title: str
    lines: Sequence[Line]
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    y_format: Callable[[float], str]
    spots: Sequence[Spot] = ()
    mark: float | None = None
    mark_label: str = ""
    log: bool = False
    x_label: str = "epoch"
    y_ticks: Sequence[float] = field(default=())

    def draw(self, width: float, height: float, *, right: float = 120, class_: str = "") -> Markup:
        """The chart as an SVG of `width` x `height` pixels, `right` of them for labels at the ends of lines."""
        return _Canvas(self, width, height, right).picture(class_)


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers within [low, high], about so many, at steps of 1, 2 or 5 times a power of ten."""
    if not high > low:
        return [low]
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]


def whole_ticks(low: int, high: int, most: int) -> list[int]:
    """Both ends and round numbers between, at most about `most`: where a run began and ended must be readable.

    >>> whole_ticks(1, 20, most=4)
    [1, 10, 20]
    """
    if high <= low:
        return [low]
    rough = (high - low) / max(1, most - 1)
    step = next(m * 10**k for k in range(20) for m in (1, 2, 5) if m * 10**k >= rough)
    # A round number nearer to an end than this share of a step would run into its label.
    near = 0.6 * step
    between = range(step * (low // step), high, step)
    return [low, *(n for n in between if low + near <= n <= high - near), high]


class _Canvas:
    """A chart at one size: where a value lies in pixels, and the pieces drawn there."""

    def __init__(self, chart: Chart, width: float, height: float, right: float) -> None:
        self.chart, self.width, self.height = chart, width, height
        self.left, self.right, self.top, self.bottom = 44.0, width - right, 18.0, height - 34.0

    def x(self, value: float) -> float:
        low, high = self.chart.x_range
        share = (value - low) / (high - low) if high > low else 0.5
        return self.left + share * (self.right - self.left)

    def y(self, value: float) -> float:
        low, high = self.chart.y_range
        if self.chart.log:
            low, high, value = math.log(low), math.log(high), math.log(max(value, low))
        share = (value - low) / (high - low) if high > low else 0.5
        return self.bottom - min(max(share, 0.0), 1.0) * (self.bottom - self.top)

    def picture(self, class_: str) -> Markup:
        chart = self.chart
        pieces = [self._grid(), self._mark()]
        pieces += [self._band(line) for line in chart.lines]
        pieces += [self._line(line) for line in chart.lines]
        pieces += [self._spot(spot) for spot in chart.spots]
        pieces.append(self._end_labels())
        return drawing(self.width, self.height, chart.title, *pieces, class_=f"chart {class_}".strip())

    def _grid(self) -> Markup:
        chart, parts = self.chart, []
        for value in chart.y_ticks or ticks(*chart.y_range):
            y = self.y(value)
            line = element("line", class_="grid", x1=self.left, x2=self.right, y1=y, y2=y)
            parts += [line, text(self.left - 8, y + 4, chart.y_format(value), class_="tick end")]
        most = min(MOST_X, int((self.right - self.left) // TICK_GAP))
        first, last = chart.x_range
        for count in whole_ticks(round(first), round(last), most):
            parts += [text(self.x(count), self.bottom + 17, str(count), class_="tick middle")]
        parts.append(text(self.right + 18, self.bottom + 17, chart.x_label, class_="tick"))
        return Markup("").join(parts)

    def _mark(self) -> Markup:
        if self.chart.mark is None:
            return Markup("")
        x = self.x(self.chart.mark)
        anchor = "end" if x > (self.left + self.right) / 2 else "start"
        label = text(
            x + (-4 if anchor == "end" else 4), self.top - 7, self.chart.mark_label, class_=f"note {anchor}"
        )
        return element("line", class_="mark", x1=x, x2=x, y1=self.top - 4, y2=self.bottom) + label

    def _runs(self, line: Line) -> list[list[int]]:
        """Indices of unbroken stretches of finite values."""
        runs: list[list[int]] = [[]]
        for i, value in enumerate(line.y):
            if math.isfinite(value):
                runs[-1].append(i)
            elif runs[-1]:
                runs.append([])
        return [run for run in runs if run]

    def _band(self, line: Line) -> Markup:
        if not line.low:
            return Markup("")
        outlines = []
        for run in self._runs(line):
            at = [(self.x(line.x[i]), i) for i in run]
            # One point alone has an interval, too: a band of some width.
            at = at if len(at) > 1 else [(at[0][0] - 5.0, run[0]), (at[0][0] + 5.0, run[0])]
            upper = [(x, self.y(line.high[i])) for x, i in at]
            lower = [(x, self.y(line.low[i])) for x, i in reversed(at)]
            outlines.append(path(upper + lower, closed=True))
        return element("path", class_=f"band {line.style}", d=" ".join(outlines))

    def _line(self, line: Line) -> Markup:
        parts = []
        for run in self._runs(line):
            at = [(self.x(line.x[i]), self.y(line.y[i])) for i in run]
            if len(at) > 1:
                parts.append(element("path", class_=f"line {line.style}", d=path(at)))
            else:
                parts.append(element("circle", class_=f"dot {line.style}", cx=at[0][0], cy=at[0][1], r=3.0))
        return Markup("").join(parts)

    def _spot(self, spot: Spot) -> Markup:
        x, y = self.x(spot.x), self.y(spot.y)
        whisker = element(
            "line", class_=f"whisker {spot.style}", x1=x, x2=x, y1=self.y(spot.low), y2=self.y(spot.high)
        )
        diamond = path([(x, y - 6), (x + 6, y), (x, y + 6), (x - 6, y)], closed=True)
        return whisker + element("path", class_=f"spot {spot.style}", d=diamond)

    def _end_labels(self) -> Markup:
        """A label beside each line's end, pushed apart so that none covers another."""
        wanted: list[tuple[float, str, str]] = []
        for line in self.chart.lines:
            runs = self._runs(line)
            if runs and line.label:
                wanted.append((self.y(line.y[runs[-1][-1]]), line.label, line.style))
        wanted += [(self.y(s.y), s.label, s.style) for s in self.chart.spots]
        wanted.sort()
        places = _apart([y for y, _, _ in wanted], self.top, self.bottom)
        labels = [
            text(self.right + 8, y + 4, label, class_=f"label {style}")
            for y, (_, label, style) in zip(places, wanted, strict=True)
        ]
        return Markup("").join(labels)


def _apart(wanted: list[float], top: float, bottom: float) -> list[float]:
    """Sorted places at least LABEL_GAP apart, near those wanted; the lowest stays above `bottom`."""
    places: list[float] = []
    for y in wanted:
        places.append(max(y, places[-1] + LABEL_GAP) if places else max(y, top))
    limit = bottom
    for i in reversed(range(len(places))):
        places[i] = min(places[i], limit)
        limit = places[i] - LABEL_GAP
    return places
