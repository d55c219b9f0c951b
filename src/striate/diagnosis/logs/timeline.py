"""From rows to evaluations: which rows make one point, at which epoch and step.

A log may have a row for each epoch, rows by step between rows of evaluations, or tags that count as they like. Knows nothing about
losses and accuracies but in which rows each stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from striate.diagnosis.logs.table import Bools, Floats

__all__ = ["Timeline", "filled", "timeline"]

# Rows without an epoch, a step or an evaluation: so many may still be epochs. Own starting value.
_MOST_BARE_EPOCHS = 5000
# Figures of train at each of so few steps, validation at each twentieth of them or more often: epochs. Own starting values.
_MOST_RARE = 1000
_RAREST = 20


@dataclass(frozen=True)
class Timeline:
    """One group of rows for each point."""

    group: NDArray[np.intp]
    """(rows,): the point that a row belongs to; -1 for none."""
    epoch: Floats
    """(points,), rising."""
    assumed: tuple[str, ...] = ()
    steps_known: bool = True
    """False where what the log calls steps are epochs."""


def filled(axis: Floats) -> Floats:
    """Holes take the next known value, those at the end the last: rows of a step come before the row of their epoch."""
    known = np.flatnonzero(~np.isnan(axis))
    if not len(known):
        return axis
    following = np.searchsorted(known, np.arange(len(axis)))
    return axis[known[np.minimum(following, len(known) - 1)]]


def timeline(
    epoch: Floats | None, step: Floats | None, vals: Sequence[Bools], train: Bools, by_tag: bool
) -> Timeline:
    """The points of a log.

    `epoch` and `step`: (rows,), without holes, or None. `vals`: for each column of val where it has a figure; `train`: where any
    column of train has one. `by_tag`: steps are counted as the writer liked, perhaps in epochs.
    """
    evaluated = np.logical_or.reduce(vals) if vals else np.zeros(len(train), dtype=np.bool_)
    if epoch is not None:
        return _with_epochs(epoch, step, vals, evaluated, train)
    if step is not None and _counts_epochs(step, evaluated, train):
        shift = float(step.min() == 0)
        whose = "The tags' steps" if by_tag else "Steps"
        said = f"{whose} go up by one from {step.min():.0f}, an evaluation at each: taken for epochs."
        return Timeline(np.arange(len(step)), step + shift, (said,), steps_known=False)
    if evaluated.any():
        group = _between(evaluated, step)
        count = int(evaluated.sum()) if step is None else len(np.unique(step[evaluated]))
        group[group >= count] = -1
        said = "The log has no epochs: each evaluation counts as one."
        return Timeline(group, np.arange(1.0, count + 1), (said,))
    if step is None and len(train) <= _MOST_BARE_EPOCHS:
        return Timeline(
            np.arange(len(train)),
            np.arange(1.0, len(train) + 1),
            ("The log has no epochs: each row counts as one.",),
        )
    return Timeline(
        np.full(len(train), -1), np.zeros(0), ("The log has steps alone: no epochs and no evaluation.",)
    )


def _counts_epochs(step: Floats, evaluated: Bools, train: Bools) -> bool:
    """Whether steps are 0, 1, 2, ... or 1, 2, 3, ... with an evaluation at each, or at each of a rarer rhythm."""
    if not evaluated.any() or step.min() not in (0, 1) or not (np.diff(step) == 1).all():
        return False
    rare = len(step) <= _MOST_RARE and evaluated.sum() * _RAREST >= len(step) and train.all()
    return bool(evaluated.all() or rare)


def _between(evaluated: Bools, step: Floats | None) -> NDArray[np.intp]:
    """For each row the evaluation at or after it, counted from 0."""
    if step is not None and (np.diff(step) >= 0).all():
        return np.searchsorted(np.unique(step[evaluated]), step)
    return np.concatenate([[0], np.cumsum(evaluated)[:-1]]).astype(np.intp)


def _with_epochs(
    epoch: Floats, step: Floats | None, vals: Sequence[Bools], evaluated: Bools, train: Bools
) -> Timeline:
    """Points where the log says the epoch of each row."""
    whole = bool((epoch == np.round(epoch)).all())
    if not whole:
        return _at_fractions(epoch, step, evaluated)
    rows_at_0 = epoch == 0
    before_training = (
        rows_at_0.any() and train.any() and not (train & rows_at_0).any() and (evaluated & rows_at_0).any()
    )
    from_0 = epoch.min() == 0 and not before_training
    said = ["Epochs begin at 0 in the log; counted from 1 here."] if from_0 else []
    if before_training:
        said.append("The evaluation at epoch 0 has no train figure: taken for one before training.")
    if epoch.min() > 1:
        said.append(f"The log begins at epoch {epoch.min():.0f}: what came before is not in it.")
    counted = epoch + float(from_0)
    often = _evaluations_an_epoch(epoch, step, vals)
    if often > 1:
        return _several_an_epoch(counted, step, evaluated, often, said)
    points, group = np.unique(counted, return_inverse=True)
    return Timeline(group.astype(np.intp).reshape(-1), points, tuple(said))


def _evaluations_an_epoch(epoch: Floats, step: Floats | None, vals: Sequence[Bools]) -> int:
    """How many evaluations an epoch has: 1 unless every epoch but the last, which may be cut short, has several."""
    most = 1
    for given in vals:
        if given.any():
            at = epoch[given] if step is None else np.unique(np.stack([epoch[given], step[given]]), axis=1)[0]
            counts = np.unique(at, return_counts=True)[1]
            # One epoch done again has two rows too, but the others do not.
            if counts[:-1].min(initial=counts.max()) > 1:
                most = max(most, int(np.median(counts)))
    return most


def _several_an_epoch(
    counted: Floats, step: Floats | None, evaluated: Bools, often: int, said: list[str]
) -> Timeline:
    """A point for each evaluation, at its share of the epoch; rows after an epoch's last evaluation belong to that one."""
    group = _between(evaluated, step)
    points = int(group[evaluated].max()) + 1
    of_point = np.zeros(points)
    of_point[group[evaluated]] = counted[evaluated]
    last = np.searchsorted(of_point, counted, side="right") - 1
    has_any = (last >= 0) & (of_point[np.maximum(last, 0)] == counted)
    group = np.where(has_any, np.minimum(group, last), group)
    group[group >= points] = -1
    first = np.searchsorted(of_point, of_point, side="left")
    count = np.searchsorted(of_point, of_point, side="right") - first
    share = (np.arange(points) - first + 1) / np.maximum(often, count)
    said.append(f"The log has {often} evaluations an epoch: each is a point, at its share of the epoch.")
    return Timeline(group, of_point - 1 + share, tuple(said))


def _at_fractions(epoch: Floats, step: Floats | None, evaluated: Bools) -> Timeline:
    """A point for each evaluation and one for what came after the last; without any, one for each epoch."""
    if not evaluated.any():
        # A hair above a whole number is that number.
        points, group = np.unique(np.ceil(epoch - 1e-6), return_inverse=True)
        ends = np.minimum(points, epoch.max())
        together = "Rows at fractions of an epoch were put together by epoch."
        return Timeline(group.reshape(-1).astype(np.intp), ends, (together,))
    group = _between(evaluated, step)
    count = int(group.max()) + 1
    at = np.full(count, -np.inf)
    np.maximum.at(at, group, epoch)
    at[group[evaluated]] = epoch[evaluated]
    at = np.maximum.accumulate(at)
    said = ["Rows at fractions of an epoch were put together between one evaluation and the next."]
    if step is not None and (np.diff(at) == 0).any() and step.max() > 0:
        # Epochs that are rounded to two digits are too coarse for many evaluations an epoch; steps are not.
        reached = np.zeros(count)
        np.maximum.at(reached, group, step)
        at = np.maximum.accumulate(reached) / step.max() * epoch.max()
        said.append("Several evaluations bear the same epoch, so epochs were counted from steps.")
    rising, point = np.unique(at, return_inverse=True)
    return Timeline(point.reshape(-1)[group].astype(np.intp), rising, tuple(said))
