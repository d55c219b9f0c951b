"""What was seen of a run as charts: accuracy, gap, loss, the profile of layers.

Shares have their intervals. Each is drawn twice, for a wide page and for a phone; the style sheet shows one. Knows nothing about conditions or files.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import median

from markupsafe import Markup

from striate.core.differences import independent_difference
from striate.core.inside_records import LayerSeries
from striate.core.metrics import wilson
from striate.core.observation_records import EpochPoint, Observation
from striate.core.wording import percent, points, significant
from striate.report.chart import Chart, Line, ticks
from striate.report.curves import accuracy_floor

__all__ = ["accuracy_picture", "gap_picture", "loss_picture", "profile_picture"]

LOG_SPAN = 40.0
"""A loss that spans more than this factor is drawn on a log scale, as in the report's curves."""


def accuracy_picture(seen: Observation) -> Markup:
    """Train and val after each evaluation, clean train and val with their 95 % Wilson bands; empty without any accuracy."""
    lines = [
        _shares(seen, "train as trained", "trained", lambda p: p.train_accuracy, lambda _: 0),
        _shares(seen, "train clean", "clean", lambda p: p.clean_accuracy, lambda p: p.clean_n),
        _shares(seen, "val", "val", lambda p: p.val_accuracy, lambda p: p.val_n or seen.setting.val_n),
    ]
    shown = [line for line in lines if line is not None]
    lowest = [v for line in shown for v in line.y if math.isfinite(v)]
    if not lowest:
        return Markup("")
    chart = Chart(
        title="Accuracy after each evaluation, with 95 % intervals where the number of images is known",
        lines=shown,
        x_range=_x_range(seen),
        y_range=(accuracy_floor(min(lowest)), 1.0),
        y_format=lambda v: f"{100 * v:.4g} %",
    )
    return _both(chart, 260)


def _shares(
    seen: Observation,
    name: str,
    style: str,
    value: Callable[[EpochPoint], float | None],
    number: Callable[[EpochPoint], int],
) -> Line | None:
    """One line with its band; None where nothing of it was measured."""
    y = [_plain(value(p)) for p in seen.epochs]
    if not any(map(math.isfinite, y)):
        return None
    n = [number(p) for p in seen.epochs]
    bands = [wilson(_correct(v, k), k) for v, k in zip(y, n, strict=True)] if all(n) else []
    last = next(v for v in reversed(y) if math.isfinite(v))
    return Line(
        f"{name} {percent(last)}",
        style,
        [p.epoch for p in seen.epochs],
        y,
        [b.low for b in bands],
        [b.high for b in bands],
    )


def gap_picture(seen: Observation) -> Markup:
    """Train minus val accuracy after each evaluation with Newcombe's 95 % interval; empty where either was not measured.

    Train is clean train where that was measured, else as trained.
    """
    clean = any(p.clean_accuracy is not None for p in seen.epochs)
    rows = []
    for p in seen.epochs:
        train, n = (p.clean_accuracy, p.clean_n) if clean else (p.train_accuracy, p.train_n)
        val_n = p.val_n or seen.setting.val_n
        if train is None or p.val_accuracy is None or not math.isfinite(train + p.val_accuracy):
            continue
        between = independent_difference(_correct(p.val_accuracy, val_n), val_n, _correct(train, n), n)
        rows.append((p.epoch, train - p.val_accuracy, between.low, between.high, bool(n and val_n)))
    if not rows:
        return Markup("")
    x, y, low, high, known = zip(*rows, strict=True)
    banded = all(known)
    reach = [*y, *(low if banded else ()), *(high if banded else ()), 0.0]
    name = "train clean" if clean else "train as trained"
    chart = Chart(
        title=f"The gap, {name} minus val, after each evaluation"
        + (", with its 95 % interval" if banded else ""),
        lines=[
            Line(f"gap {points(y[-1])} points", "clean", x, y, low if banded else (), high if banded else ())
        ],
        x_range=_x_range(seen),
        y_range=_padded(min(reach), max(reach)),
        y_format=lambda v: points(v).removesuffix(".0"),
    )
    return _both(chart, 200)


def loss_picture(seen: Observation) -> Markup:
    """Every loss that was measured, after each evaluation; empty without any."""
    series = (
        ("train as trained", "trained", [_plain(p.train_loss) for p in seen.epochs]),
        ("train clean", "clean", [_plain(p.clean_loss) for p in seen.epochs]),
        ("val", "val", [_plain(p.val_loss) for p in seen.epochs]),
    )
    finite = [v for _, _, y in series for v in y if math.isfinite(v)]
    if not finite:
        return Markup("")
    low, high = min(finite), max(finite)
    log = low > 0 and high / low > LOG_SPAN
    x = [p.epoch for p in seen.epochs]
    lines = [
        Line(f"{name} {significant(next(v for v in reversed(y) if math.isfinite(v)))}", style, x, y)
        for name, style, y in series
        if any(map(math.isfinite, y))
    ]
    chart = Chart(
        title="Loss after each evaluation" + (", on a logarithmic scale" if log else ""),
        lines=lines,
        x_range=_x_range(seen),
        y_range=(low / 1.2, high * 1.2) if log else _padded(min(0.0, low), high),
        y_format=lambda v: f"{v:.4g}",
        y_ticks=_decades(low / 1.2, high * 1.2) if log else (),
        log=log,
    )
    return _both(chart, 220)


def profile_picture(seen: Observation) -> Markup:
    """For each layer by depth, over the sampled steps: the median of gradient over weight, and of update over weight; empty
    where fewer than two layers were seen.
    """
    layers = sorted(seen.inside.layers, key=lambda s: s.depth) if seen.inside else []
    pulls = [_ratio(s, s.grad) for s in layers]
    steps = [_ratio(s, s.update) for s in layers]
    positive = [v for v in (*pulls, *steps) if v > 0 and math.isfinite(v)]
    if len(layers) < 2 or not positive:
        return Markup("")
    low, high = min(positive) / 2, max(positive) * 2
    x = [float(i) for i in range(1, len(layers) + 1)]
    # A ratio of exactly 0 has no place on a log scale: it lies on the axis.
    lines = [
        Line("gradient", "val", x, [max(v, low) for v in pulls]),
        Line("update", "clean", x, [max(v, low) for v in steps]),
    ]
    chart = Chart(
        title="Norm of the gradient and of one update over the norm of the weight, by depth of the layer, medians over steps",
        lines=lines,
        x_range=(1.0, float(len(layers))),
        y_range=(low, high),
        y_format=lambda v: f"{v:.0e}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e"),
        y_ticks=_decades(low, high),
        log=True,
        x_label="layer",
    )
    return _both(chart, 220)


def _ratio(series: LayerSeries, part: Sequence[float]) -> float:
    """Median over steps of a norm over that of the weight; NaN where none was read."""
    found = [
        a / w for a, w in zip(part, series.weight, strict=True) if math.isfinite(a / w if w else math.nan)
    ]
    return median(found) if found else math.nan


def _both(chart: Chart, height: float) -> Markup:
    return chart.draw(960, height, right=190, class_="wide") + chart.draw(
        340, height, right=112, class_="narrow"
    )


def _x_range(seen: Observation) -> tuple[float, float]:
    first, last = seen.epochs[0].epoch, seen.epochs[-1].epoch
    return (first if first >= 1 else 0.0), max(first, last)


def _plain(value: float | None) -> float:
    return math.nan if value is None else value


def _correct(share: float, n: int) -> int:
    return min(n, max(0, round(share * n))) if math.isfinite(share) else 0


def _padded(low: float, high: float) -> tuple[float, float]:
    room = 0.06 * (high - low) or 0.01
    return (low - room if low else low), high + room


def _decades(low: float, high: float) -> list[float]:
    """Powers of ten, thinned where they would crowd the axis."""
    exponents = range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)
    every = max(1, math.ceil(len(exponents) / 8))
    return [10.0**k for k in exponents if k % every == 0] or ticks(low, high, 3)
