"""Groups of rows as points of curves, and rows by step as a thinned series.

A figure that stands once in a group is taken as it is, figures by step are averaged. Knows nothing about names, units or files.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from striate.core.observation_records import EpochPoint, StepSeries
from striate.diagnosis.logs.column_names import Split
from striate.diagnosis.logs.table import Bools, Column, Floats
from striate.diagnosis.logs.timeline import Timeline

__all__ = ["MOST_POINTS", "MOST_STEPS", "Curves", "points", "step_series"]

# More than a screen has pixels; an observation stays below a megabyte.
MOST_POINTS = 2000
MOST_STEPS = 2000


@dataclass(frozen=True)
class Curves:
    """The figures of a run by row, in the units of an `Observation`."""

    figures: dict[tuple[Split, str, str], Column]
    """By split, quantity (``loss`` or ``accuracy``) and window."""
    lr: Column
    grad_norm: Column
    data_wait: Column
    step: Floats | None


def points(curves: Curves, line: Timeline, val_n: int, assumed: list[str]) -> tuple[EpochPoint, ...]:
    """One `EpochPoint` for each group in which anything was measured, at most `MOST_POINTS`."""
    count = len(line.epoch)
    if not count:
        return ()
    found = {
        f"{split}_{what}": _of_groups(curves, split, what, line.group, count)
        for split in ("train", "clean", "val")
        for what in ("loss", "accuracy")
    }
    _unmeasured(found, assumed)
    there = np.zeros(count, dtype=np.bool_)
    for _, given in found.values():
        there |= given
    lr, lr_given = _last(_carried(curves.lr), line.group, count)
    wait, wait_given = _last(curves.data_wait, line.group, count)
    wait_given &= (wait >= 0) & (wait <= 1)
    steps = _steps(curves.step if line.steps_known else None, line.group, count)
    kept = _thinned(np.flatnonzero(there), found, assumed)

    def point(i: int) -> EpochPoint:
        figures = {name: float(values[i]) for name, (values, given) in found.items() if given[i]}
        if lr_given[i]:
            figures["lr"] = float(lr[i])
        if wait_given[i]:
            figures["data_wait"] = float(wait[i])
        images = val_n if "val_accuracy" in figures else 0
        return EpochPoint(epoch=float(line.epoch[i]), step=int(steps[i]), val_n=images, **figures)

    return tuple(point(i) for i in kept.tolist())


def _of_groups(
    curves: Curves, split: Split, what: str, group: NDArray[np.intp], count: int
) -> tuple[Floats, Bools]:
    """One figure a group: of the epoch where the log has that, else the mean of those by step."""
    values, given = np.full(count, np.nan), np.zeros(count, dtype=np.bool_)
    for window in ("step", "", "epoch"):
        column = curves.figures.get((split, what, window))
        if column is None:
            continue
        seen = column.given & (group >= 0)
        often = np.bincount(group[seen], minlength=count)
        several = window == "step" or (
            window == "" and seen.any() and np.percentile(often[often > 0], 50, method="lower") > 1
        )
        averaged = split != "val" and several
        fresh, there = _mean(column, group, count) if averaged else _last(column, group, count)
        values, given = np.where(there, fresh, values), given | there
    return values, given


def _last(column: Column, group: NDArray[np.intp], count: int) -> tuple[Floats, Bools]:
    """The last figure of each group."""
    values, given = np.full(count, np.nan), np.zeros(count, dtype=np.bool_)
    rows = np.flatnonzero(column.given & (group >= 0))
    values[group[rows]] = column.values[rows]
    given[group[rows]] = True
    return values, given


def _mean(column: Column, group: NDArray[np.intp], count: int) -> tuple[Floats, Bools]:
    """The mean of each group's figures; one NaN makes it NaN."""
    rows = column.given & (group >= 0)
    often = np.bincount(group[rows], minlength=count)
    with np.errstate(invalid="ignore", over="ignore"):
        sums = np.bincount(group[rows], weights=column.values[rows], minlength=count)
        return np.where(often > 0, sums / np.maximum(often, 1), np.nan), often > 0


def _steps(step: Floats | None, group: NDArray[np.intp], count: int) -> Floats:
    """The last step of each group, counted from 1; 0 where unknown."""
    last = np.zeros(count)
    if step is not None:
        shift = float(step.min() == 0)
        rows = group >= 0
        np.maximum.at(last, group[rows], step[rows] + shift)
    return last


def _unmeasured(found: dict[str, tuple[Floats, Bools]], assumed: list[str]) -> None:
    """A NaN of the val loss that figures follow, without an accuracy beside it, is an epoch without validation.

    NaN at the end is one too where the log had as long a gap before; else it is a loss that has become NaN.
    """
    values, given = found["val_loss"]
    measured = given & np.isfinite(values)
    if not measured.any():
        return
    gaps = given & np.isnan(values) & ~found["val_accuracy"][1]
    last = int(np.flatnonzero(measured)[-1])
    longest = int(np.diff(np.flatnonzero(measured)).max(initial=1)) - 1
    if len(values) - 1 - last > longest:
        gaps[last:] = False
    if gaps.any():
        found["val_loss"] = values, given & ~gaps
        n = int(gaps.sum())
        assumed.append(f"Val loss is NaN between numbers: {n} point{'s' * (n > 1)} taken for not validated.")


def _thinned(
    there: NDArray[np.intp], found: dict[str, tuple[Floats, Bools]], assumed: list[str]
) -> NDArray[np.intp]:
    """At most `MOST_POINTS`, evenly, with the first, the last and the best of val among them."""
    if len(there) <= MOST_POINTS:
        return there
    kept = set(there[np.linspace(0, len(there) - 1, MOST_POINTS - 2).round().astype(int)].tolist())
    for name, best in (("val_loss", np.argmin), ("val_accuracy", np.argmax)):
        values, given = found[name]
        rows = np.flatnonzero(given & np.isfinite(values))
        if len(rows):
            kept.add(int(rows[best(values[rows])]))
    assumed.append(f"Of {len(there)} points {len(kept)} were kept, evenly, and the best.")
    return np.array(sorted(kept))


def step_series(curves: Curves, count: int, assumed: list[str]) -> StepSeries:
    """Train figures by step, where the log has more of them than points; thinned by halving."""
    loss, accuracy = (_by_step(curves, what) for what in ("loss", "accuracy"))
    # An accuracy once an epoch beside losses by step is no figure of a step.
    rows = np.flatnonzero(loss.given if loss.given.any() else accuracy.given)
    # A row or two more than points are no series by step.
    if len(rows) < max(1.5 * count, 4):
        return StepSeries()
    step = np.arange(len(loss.given), dtype=np.float64) if curves.step is None else curves.step
    if curves.step is None:
        assumed.append("The log has no steps: rows were counted instead.")
    stride = 1
    while len(rows) > MOST_STEPS * stride:
        stride *= 2
    bad = np.flatnonzero(loss.given[rows] & ~np.isfinite(loss.values[rows]))
    # The first loss that is not finite is what matters most; it must not fall through.
    kept = np.unique(np.concatenate([rows[::stride], rows[bad[:1]]]))
    if stride > 1:
        assumed.append(f"Of {len(rows)} figures by step every {stride}th is kept.")
    ordinal = step[kept] + float(step.min() == 0)
    unread = (np.nan,) * len(kept)
    return StepSeries(
        step=tuple(int(x) for x in ordinal),
        loss=_floats(loss.values[kept]),
        accuracy=_floats(accuracy.values[kept]),
        lr=_floats(_carried(curves.lr).values[kept]),
        grad_norm=_floats(curves.grad_norm.values[kept]),
        seconds=unread,
        wait=unread,
        memory=unread,
    )


def _by_step(curves: Curves, what: str) -> Column:
    """The train column of the finest window."""
    for window in ("step", ""):
        if (column := curves.figures.get(("train", what, window))) is not None:
            return column
    rows = len(curves.lr.given)
    return Column(np.full(rows, np.nan), np.zeros(rows, dtype=np.bool_))


def _carried(column: Column) -> Column:
    """Holes take the last figure before them."""
    last = np.maximum.accumulate(np.where(column.given, np.arange(len(column.given)), -1))
    return Column(np.where(last >= 0, column.values[np.maximum(last, 0)], np.nan), last >= 0)


def _floats(values: Floats) -> tuple[float, ...]:
    return tuple(values.tolist())
