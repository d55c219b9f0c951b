"""From a table to an `Observation`: runs told apart, units settled, rows together.

Whatever is assumed on the way stands in `Setting.assumed`. Knows nothing about file formats, or about what is good or bad.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from striate.core.observation_records import Observation, Setting
from striate.core.wording import printable
from striate.diagnosis.errors import LogEmpty, NotATrainingLog
from striate.diagnosis.logs.column_names import Split, role_of
from striate.diagnosis.logs.columns import Choice, choose
from striate.diagnosis.logs.curve_points import Curves, points, step_series
from striate.diagnosis.logs.granularity import classes_at_chance, images_counted
from striate.diagnosis.logs.restarts import kept_after_restarts, restarts
from striate.diagnosis.logs.table import Column, Floats, Table
from striate.diagnosis.logs.timeline import filled, timeline
from striate.diagnosis.logs.units import to_share

__all__ = ["observe"]


@dataclass
class _Axes:
    """Epoch and step of each row, None where the log lacks them."""

    epoch: Floats | None
    step: Floats | None


def observe(table: Table, path: Path, said: Sequence[str] = ()) -> Observation:
    """What a table shows of a run; raises NotATrainingLog or LogEmpty. `said` comes before all other sentences."""
    choice = choose(name for name, column in table.columns.items() if column.given.any())
    if not choice.measured:
        raise _nothing(table, path)
    assumed = [*said, *table.assumed]
    columns, axes = _last_run(table, choice, assumed)
    axes = _running_steps(axes, assumed)
    curves = _curves(columns, choice, axes, assumed)
    if not curves.figures:
        raise NotATrainingLog(
            "no column of the log can be a loss or an accuracy",
            where=path,
            got=assumed[-1],
            expected="losses, and accuracies as shares or in percent",
            next_step="rename the columns, or give another file",
        )
    vals = [column.given for (split, _, _), column in curves.figures.items() if split == "val"]
    trains = [column.given for (split, _, _), column in curves.figures.items() if split != "val"]
    no_rows = np.zeros(len(curves.lr.given), dtype=np.bool_)
    line = timeline(axes.epoch, axes.step, vals, np.logical_or.reduce([no_rows, *trains]), table.by_tag)
    assumed += line.assumed
    images = _images(table, curves, assumed)
    seen = points(curves, line, images, assumed)
    losses = np.array([np.nan if p.val_loss is None else p.val_loss for p in seen])
    accuracies = np.array([np.nan if p.val_accuracy is None else p.val_accuracy for p in seen])
    setting = _setting(table.setting, classes_at_chance(losses, accuracies), curves, assumed)
    steps = step_series(curves, len(seen), assumed)
    return Observation(
        setting=setting.model_copy(update={"assumed": tuple(assumed)}), epochs=seen, steps=steps
    )


def _nothing(table: Table, path: Path) -> NotATrainingLog | LogEmpty:
    """Why nothing can be read: no such column, or none with a figure in it."""
    names = ", ".join(printable(name) for name in table.columns)
    measured = {"loss", "accuracy", "error"}
    if any((role := role_of(name)) is not None and role.quantity in measured for name in table.columns):
        return LogEmpty(
            "the log has no figure of a loss or an accuracy",
            where=path,
            got=printable(names, limit=200),
            next_step="wait until the first row is written",
        )
    return NotATrainingLog(
        "the log names no loss and no accuracy",
        where=path,
        got=printable(names, limit=200) or "no names",
        expected="names such as train/loss, val_loss, accuracy",
        next_step="give the log of the training run",
    )


def _axis(columns: dict[str, Column], name: str, rows: int) -> Floats | None:
    """An axis with its holes filled; None where it has no finite figure."""
    if not name:
        return None
    values = columns[name].values
    values = np.where(np.isfinite(values) & (np.abs(values) < 2**53), values, np.nan)
    return None if np.isnan(values).all() or len(values) != rows else filled(values)


def _last_run(table: Table, choice: Choice, assumed: list[str]) -> tuple[dict[str, Column], _Axes]:
    """The rows that count: of the last run, and of a resumed one what was not done again."""
    assumed += choice.assumed
    columns, rows = table.columns, table.rows
    epoch, step = _axis(columns, choice.epoch, rows), _axis(columns, choice.step, rows)
    leading = epoch if epoch is not None else step
    if leading is None:
        if table.breaks:
            keep = np.arange(rows) >= table.breaks[-1]
            if keep.any():
                assumed.append(_left_out(rows - int(keep.sum())))
                return {name: column.only(keep) for name, column in columns.items()}, _Axes(None, None)
        return columns, _Axes(None, None)
    if len(leading) > 2 and (np.diff(leading) < 0).all():
        assumed.append("Rows stand newest first, and were turned round.")
        turned = np.arange(rows)[::-1]
        return {n: c.only(turned) for n, c in columns.items()}, _turned(epoch, step, turned)
    back = restarts(leading)
    if (
        not len(back)
        or (epoch is None and _counts_within_epochs(leading))
        or _blocks_of_columns(table, leading)
    ):
        return columns, _Axes(epoch, step)
    keep = kept_after_restarts(leading)
    last_start = int(np.flatnonzero(np.diff(leading) < 0)[-1]) + 1
    dropped = int((~keep).sum())
    if not keep[:last_start].any():
        assumed.append(_left_out(dropped))
    else:
        assumed.append(
            f"The {'epoch' if epoch is not None else 'step'} goes back to {back[-1]:g}: the run was resumed there;"
            f" of what was done twice the later row counts, {dropped} row{'s were' if dropped != 1 else ' was'} left out."
        )
    return {n: c.only(keep) for n, c in columns.items()}, _turned(epoch, step, keep)


def _turned(epoch: Floats | None, step: Floats | None, rows: Any) -> _Axes:
    return _Axes(None if epoch is None else epoch[rows], None if step is None else step[rows])


def _left_out(rows: int) -> str:
    return f"The log holds more than one run: the last is read, {rows} rows of runs before it were left out."


def _blocks_of_columns(table: Table, axis: Floats) -> bool:
    """Whether the axis goes back because other columns begin: all rows of one, then all rows of the next."""
    cuts = np.flatnonzero(np.diff(axis) < 0) + 1
    if len(cuts) >= len(table.columns):
        return False
    filled_by = []
    for a, b in zip([0, *cuts], [*cuts, len(axis)], strict=True):
        measured = {"loss", "accuracy", "error"}
        filled_by.append(
            {
                n
                for n, c in table.columns.items()
                if (r := role_of(n)) and r.quantity in measured and c.given[a:b].any()
            }
        )
    return sum(map(len, filled_by)) == len(set.union(*filled_by))


def _counts_within_epochs(step: Floats) -> bool:
    """Whether steps begin again at least twice, from the same number and up to the same: the log counts within epochs."""
    cuts = np.flatnonzero(np.diff(step) < 0)
    return len(cuts) >= 2 and len(set(step[cuts])) == 1 and len(set(step[cuts + 1])) == 1


def _running_steps(axes: _Axes, assumed: list[str]) -> _Axes:
    """Steps that begin again in each epoch, counted over the run; the epoch from them, where there is none."""
    epoch, step = axes.epoch, axes.step
    if step is None:
        return axes
    back = np.diff(step) < 0
    if epoch is None:
        if not back.any():
            return axes
        assumed.append("Steps begin again at each pass over the data: epochs are counted from that.")
        epoch = np.concatenate([[1.0], 1.0 + np.cumsum(back)])
    else:
        on = np.diff(epoch) > 0
        if not on.any() or (back & on).sum() * 2 <= on.sum():
            return _Axes(epoch, np.maximum.accumulate(step))
        assumed.append("Steps begin again in each epoch, and are counted over the whole run here.")
    an_epoch = step.max() + float(step.min() == 0)
    return _Axes(epoch, (np.floor(epoch) - np.floor(epoch.min())) * an_epoch + step)


def _curves(columns: dict[str, Column], choice: Choice, axes: _Axes, assumed: list[str]) -> Curves:
    """The figures in the units of an Observation."""
    rows = len(next(iter(columns.values())).values)
    figures: dict[tuple[Split, str, str], Column] = {}
    for (split, quantity, window), name in choice.measured.items():
        column = columns[name]
        if quantity in ("accuracy", "error"):
            role = role_of(name)
            strict, percent = (role.strict, role.percent) if role is not None else (False, False)
            share, did = to_share(column, quantity == "error", strict, percent)
            if did:
                assumed.append(f"'{printable(name)}' {did}{'' if share is not None else ': left out'}.")
            if share is None:
                continue
            column = share
        if column.given.any():
            figures[(split, "loss" if quantity == "loss" else "accuracy", window)] = column
    lr = Column(np.full(rows, np.nan), np.zeros(rows, dtype=np.bool_))
    for name in choice.lr:
        given = columns[name].given & np.isfinite(columns[name].values)
        values = np.where(given, columns[name].values, -np.inf)
        lr = Column(np.where(lr.given, np.maximum(lr.values, values), values), lr.given | given)
    lr = replace(lr, values=np.where(lr.given, lr.values, np.nan))
    holes = Column(np.full(rows, np.nan), np.zeros(rows, dtype=np.bool_))
    return Curves(
        figures,
        lr,
        columns.get(choice.grad_norm, holes),
        columns.get(choice.data_wait, holes),
        axes.step,
    )


def _images(table: Table, curves: Curves, assumed: list[str]) -> int:
    """How many images were validated on, as far as the log tells."""
    if table.val_n:
        return table.val_n
    column = next(
        (c for (split, what, _), c in curves.figures.items() if (split, what) == ("val", "accuracy")), None
    )
    counted = 0 if column is None else images_counted(column.values[column.given], column.resolution)
    if counted:
        assumed.append(
            f"Val accuracies come in steps of 1/{counted}: taken for {counted} validation images, perhaps a multiple."
        )
    elif column is not None:
        assumed.append("The number of validation images is not in the log.")
    return counted


def _setting(stated: dict[str, Any], classes: int, curves: Curves, assumed: list[str]) -> Setting:
    """What the log tells of the setting."""
    if classes:
        assumed.append(
            f"Evaluations have a loss of ln {classes} and an accuracy of 1/{classes}: taken for {classes} classes."
        )
    else:
        assumed.append("The number of classes is not in the log.")
    rates = curves.lr.values[curves.lr.given]
    if len(rates):
        assumed.append("The first learning rate in the log stands for that of the first step.")
    return Setting(source="log", classes=classes, lr=float(rates[0]) if len(rates) else None, **stated)
