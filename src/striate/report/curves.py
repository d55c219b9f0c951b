"""The curves of a run as charts: accuracy with its interval, loss, learning rate.

Each is drawn twice, for a wide page and for a phone; the style sheet shows one. Knows nothing about files.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from striate.core.metrics import wilson
from striate.core.records import EpochRecord, RunRecord
from striate.core.wording import percent, significant
from striate.report.chart import Chart, Line, Spot, ticks

__all__ = ["CurvesSection", "accuracy_chart", "accuracy_floor", "curves_section"]

# A loss that spans more than this factor is drawn on a log scale: a linear one would flatten its end.
LOG_SPAN = 40.0


@dataclass(frozen=True)
class CurvesSection:
    """Three charts, each as (wide, narrow)."""

    accuracy: Markup
    loss: Markup
    lr: Markup
    notes: tuple[str, ...]


def curves_section(run: RunRecord) -> CurvesSection | None:
    """The section, or None before the first epoch has ended."""
    if not run.history:
        return None
    notes = []
    if any(not math.isfinite(x) for e in run.history for x in (e.train_loss, e.clean_loss)):
        notes.append("Lines break where a figure was NaN or infinite.")
    return CurvesSection(
        accuracy=_both(accuracy_chart(run, long=True), accuracy_chart(run, long=False), 280),
        loss=_both(_loss_chart(run, long=True), _loss_chart(run, long=False), 240),
        lr=_both(_lr_chart(run), _lr_chart(run), 130),
        notes=tuple(notes),
    )


def _both(wide: Chart, narrow: Chart, height: float) -> Markup:
    return wide.draw(960, height + 20, right=172, class_="wide") + narrow.draw(
        340, height, right=106, class_="narrow"
    )


def accuracy_chart(run: RunRecord, *, long: bool) -> Chart:
    """Train as trained, train clean, val with its 95 % Wilson band, test as a point with its interval.

    `long` says the names in full; otherwise they fit a phone.
    """
    h = run.history
    x = [float(e.epoch) for e in h]
    val = [e.val_accuracy for e in h]
    bands = [wilson(_correct(e.val_accuracy, e.val_n), e.val_n) for e in h]
    names = ("train as trained", "train clean", "val") if long else ("trained", "clean", "val")
    lines = [
        Line(_ended(names[0], [e.train_accuracy for e in h]), "trained", x, [e.train_accuracy for e in h]),
        Line(_ended(names[1], [e.clean_accuracy for e in h]), "clean", x, [e.clean_accuracy for e in h]),
        Line(_ended(names[2], val), "val", x, val, [b.low for b in bands], [b.high for b in bands]),
    ]
    spots = []
    if run.test and run.test.n:
        i = run.test.interval
        at = float(run.best_epoch or h[-1].epoch)
        spots.append(Spot(f"test {percent(run.test.accuracy)}", "test", at, run.test.accuracy, i.low, i.high))
    shares = [v for line in lines for v in line.y if math.isfinite(v)] + [s.low for s in spots]
    low = accuracy_floor(min(shares, default=0.0))
    return Chart(
        title="Accuracy after each epoch: train as trained, train clean, val with its 95 % interval",
        lines=lines,
        spots=spots,
        x_range=_epochs(run),
        y_range=(low, 1.0),
        y_format=lambda v: f"{100 * v:.4g} %",
        mark=float(run.best_epoch) if run.best_epoch else None,
        mark_label=f"best epoch {run.best_epoch}",
    )


def _epochs(run: RunRecord) -> tuple[float, float]:
    """The first epoch and the last; of a run that goes on, the last one planned."""
    return 1.0, float(run.epochs_planned if run.status == "running" else run.history[-1].epoch)


def accuracy_floor(lowest: float) -> float:
    """A round share under the lowest: the axis need not begin at 0, but it must end at 100 %."""
    for floor in (0.98, 0.95, 0.9, 0.8, 0.6, 0.4, 0.2):
        # A little room under the lowest point keeps the line off the axis.
        if lowest >= floor + 0.1 * (1 - floor):
            return floor
    return 0.0


def _correct(share: float, n: int) -> int:
    return min(n, max(0, round(share * n))) if math.isfinite(share) else 0


def _ended(name: str, values: Sequence[float]) -> str:
    finite = [v for v in values if math.isfinite(v)]
    return f"{name} {percent(finite[-1])}" if finite else name


def _loss_chart(run: RunRecord, *, long: bool) -> Chart:
    h = run.history
    x = [float(e.epoch) for e in h]
    names = ("train as trained", "train clean", "val") if long else ("trained", "clean", "val")
    series = ([e.train_loss for e in h], [e.clean_loss for e in h], [e.val_loss for e in h])
    finite = [v for values in series for v in values if math.isfinite(v)]
    low, high = min(finite, default=0.0), max(finite, default=1.0)
    log = low > 0 and high / low > LOG_SPAN
    lines = [
        Line(_loss_ended(name, values), style, x, values)
        for name, style, values in zip(names, ("trained", "clean", "val"), series, strict=True)
    ]
    return Chart(
        title="Loss after each epoch" + (", on a logarithmic scale" if log else ""),
        lines=lines,
        x_range=_epochs(run),
        y_range=(low / 1.2, high * 1.2) if log else (0.0, max(high * 1.05, 1e-3)),
        y_format=lambda v: f"{v:.4g}",
        y_ticks=_decades(low / 1.2, high * 1.2) if log else (),
        mark=float(run.best_epoch) if run.best_epoch else None,
        log=log,
    )


def _loss_ended(name: str, values: Sequence[float]) -> str:
    finite = [v for v in values if math.isfinite(v)]
    return f"{name} {significant(finite[-1])}" if finite else name


def _decades(low: float, high: float) -> list[float]:
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [10.0**k for k in exponents if low <= 10.0**k <= high] or ticks(low, high, 3)


def _lr_chart(run: RunRecord) -> Chart:
    h: Sequence[EpochRecord] = run.history
    values = [e.lr for e in h]
    return Chart(
        title="Learning rate at the end of each epoch",
        lines=[Line("", "lr", [float(e.epoch) for e in h], values)],
        x_range=_epochs(run),
        y_range=(0.0, max(values) * 1.1 if max(values) > 0 else 1.0),
        y_format=lambda v: f"{v:.3g}",
        y_ticks=ticks(0.0, max(values) * 1.1 if max(values) > 0 else 1.0, 2),
        mark=float(run.best_epoch) if run.best_epoch else None,
    )
