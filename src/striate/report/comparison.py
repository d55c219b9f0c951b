"""The page of `striate compare`: the finding, both curves, each class as a dumbbell.

`Comparison` -> page -> template, as for a run's report: one offline file without scripts. Knows nothing about how a class
was judged.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from striate.core.comparison_records import ClassComparison, ComparedRun, Comparison
from striate.core.metrics import wilson
from striate.core.wording import interval_percent, percent, printable, signed_points
from striate.report.chart import Chart, Line
from striate.report.curves import accuracy_floor
from striate.report.dumbbells import dumbbells
from striate.report.templates import filled

__all__ = ["ComparisonPage", "build_comparison", "render_comparison"]

# Of more classes than this the first and the last are shown: 30 from the side of the hurt ones, 10 of the helped.
ALL_CLASSES, FIRST, LAST = 40, 30, 10


@dataclass(frozen=True)
class Side:
    """One run on the page."""

    letter: str
    name: str
    path: str
    accuracy: str
    interval: str
    remark: str


@dataclass(frozen=True)
class ClassLine:
    """One class of the table."""

    name: str
    title: str
    a: str
    interval_a: str
    b: str
    interval_b: str
    change: str
    interval: str
    images: str
    verdict: str
    style: str


@dataclass(frozen=True)
class ComparisonPage:
    """Everything the template shows."""

    title: str
    severity: str
    headline: str
    sentences: tuple[str, ...]
    sides: tuple[Side, Side]
    change: str
    change_interval: str
    split: str
    level: str
    settings: tuple[tuple[str, str, str], ...]
    curves: Markup
    chart: Markup
    rows: tuple[ClassLine, ...]
    gap_after: int
    left_out: int


def render_comparison(found: Comparison) -> str:
    """The page as HTML; names from outside are escaped."""
    return filled("comparison.html.jinja", page=build_comparison(found))


def build_comparison(found: Comparison) -> ComparisonPage:
    """Decide what is shown, and say it in words."""
    classes, left_out = _shown(found.classes)
    d = found.difference
    level = next((c.difference.level for c in classes), found.level)
    return ComparisonPage(
        title=f"{printable(found.b.name, 60)} beside {printable(found.a.name, 60)}",
        severity="warning" if found.hurt else "ok" if found.helped or d.low > 0 else "info",
        headline=found.headline,
        sentences=found.sentences,
        sides=(_side("A", found.a, found.split), _side("B", found.b, found.split)),
        change=f"{signed_points(d.estimate)} points",
        change_interval=f"{signed_points(d.low)} to {signed_points(d.high)}",
        split=found.split,
        level=f"{100 * level:.4g} %",
        settings=tuple(
            (f"--{s.name.replace('_', '-')}", printable(s.a), printable(s.b)) for s in found.settings
        ),
        curves=_curves(found.a, found.b),
        chart=dumbbells(classes, FIRST if left_out else 0),
        rows=tuple(_line(c) for c in classes),
        gap_after=FIRST if left_out else 0,
        left_out=left_out,
    )


def _shown(classes: Sequence[ClassComparison]) -> tuple[Sequence[ClassComparison], int]:
    """The classes to draw, and how many are left out between."""
    if len(classes) <= ALL_CLASSES:
        return classes, 0
    return (*classes[:FIRST], *classes[-LAST:]), len(classes) - FIRST - LAST


def _side(letter: str, run: ComparedRun, split: str) -> Side:
    return Side(
        letter=letter,
        name=printable(run.name, 60),
        path=printable(run.path),
        accuracy=percent(run.accuracy),
        interval=interval_percent(run.interval),
        remark=f"{run.correct:,} of {run.n:,} {split} images; {printable(run.model, 40)} on {printable(run.data, 40)}",
    )


def _line(c: ClassComparison) -> ClassLine:
    seen = bool(c.n_a and c.n_b)
    d = c.difference
    return ClassLine(
        name=printable(c.name, 32),
        title=printable(c.name),
        a=percent(c.recall_a),
        interval_a=interval_percent(c.interval_a) if c.n_a else "",
        b=percent(c.recall_b),
        interval_b=interval_percent(c.interval_b) if c.n_b else "",
        change=signed_points(d.estimate),
        interval=f"{signed_points(d.low)} to {signed_points(d.high)}" if seen else "",
        images=f"{c.n_a:,}" if c.n_a == c.n_b else f"{c.n_a:,} and {c.n_b:,}",
        verdict=c.verdict if seen else "no images",
        style=c.verdict.replace(" ", "-"),
    )


def _curves(a: ComparedRun, b: ComparedRun) -> Markup:
    """Val accuracy of both after each epoch, wide and narrow; empty where nothing was measured on val."""
    shares = [v for run in (a, b) for v in run.val_accuracy if math.isfinite(v)]
    if not shares:
        return Markup("")
    chart = Chart(
        title="Val accuracy after each epoch of both runs, with 95 % intervals",
        lines=[_curve("A", "clean", a), _curve("B", "val", b)],
        x_range=(1.0, float(max(len(a.val_accuracy), len(b.val_accuracy)))),
        y_range=(accuracy_floor(min(shares)), 1.0),
        y_format=lambda v: f"{100 * v:.4g} %",
    )
    return chart.draw(960, 280, right=110, class_="wide") + chart.draw(340, 240, right=80, class_="narrow")


def _curve(letter: str, style: str, run: ComparedRun) -> Line:
    y = run.val_accuracy
    bands = [wilson(round(v * run.val_n), run.val_n) if math.isfinite(v) else wilson(0, 0) for v in y]
    finite = [v for v in y if math.isfinite(v)]
    return Line(
        f"{letter} {percent(finite[-1])}" if finite else letter,
        style,
        [float(i) for i in range(1, len(y) + 1)],
        y,
        [band.low for band in bands],
        [band.high for band in bands],
    )
