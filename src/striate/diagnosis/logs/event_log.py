"""TensorBoard event files of one run as a table: a column a tag, a row a step.

Files of sub-folders such as `validation/` or `Loss_train/` give their tags that name in front. Where a tag's step goes back, the
run was begun again there, and what it had written from that step on is dropped, as TensorBoard does. Knows nothing about
what tags mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from striate.core.wording import printable
from striate.data.errors import CannotRead
from striate.diagnosis.errors import LogEmpty, NotATrainingLog
from striate.diagnosis.logs.column_names import is_part_of_a_run, role_of
from striate.diagnosis.logs.event_scalars import scalars
from striate.diagnosis.logs.record_file import damaged, split_records
from striate.diagnosis.logs.restarts import kept_after_restarts
from striate.diagnosis.logs.table import Column, Table

__all__ = ["STEP_COLUMN", "read_events"]

STEP_COLUMN = "step"

Series = dict[str, tuple[list[int], list[float]]]


def read_events(paths: Sequence[Path]) -> Table:
    """One table of all files of a run; raises CannotRead, LogEmpty, or NotATrainingLog where no record is whole."""
    series: Series = {}
    said: list[str] = []
    whole = 0
    for path in paths:
        records, sentence = _read_file(path, series)
        whole += records
        said += [sentence] if sentence else []
    if not series:
        kind = LogEmpty if whole else NotATrainingLog
        raise kind(
            "the event file holds no scalar" if whole else "the file holds no whole record of events",
            where=paths[0],
            got=f"{whole} whole records",
            expected="scalars such as loss and accuracy",
            next_step="close the writer, or give another file",
        )
    assumed = [
        f"Read as TensorBoard events, {len(paths)} file{'s' * (len(paths) > 1)}, {len(series)} tags.",
        *said,
    ]
    return _table(series, assumed)


def _read_file(path: Path, series: Series) -> tuple[int, str]:
    """Add the scalars of a file to the series; how many records are whole, and what is wrong with the file."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CannotRead(
            "the log cannot be read", where=path, got=error.strerror, next_step="change its permissions"
        ) from error
    records = split_records(data)
    found = [(span, here) for span in records.spans if (here := scalars(data, *span))]
    wrong = damaged(data, [span for span, _ in found])
    front = f"{path.parent.name}/" if is_part_of_a_run(path.parent.name) else ""
    for (start, _), here in found:
        if start in wrong:
            continue
        for tag, step, value in here:
            steps, values = series.setdefault(front + tag, ([], []))
            steps.append(step)
            values.append(value)
    said = [records.ended] if records.ended else []
    if wrong:
        said.append(f"{len(wrong)} of its records fail their checksum and were left out")
    return len(records.spans), f"{printable(path.name)}: {'; '.join(said)}." if said else ""


def _table(series: Series, assumed: list[str]) -> Table:
    """Columns of one length: all steps that any tag that means something has."""
    of_use = {tag: both for tag, both in series.items() if role_of(tag) is not None}
    if not of_use:
        return Table({tag: _empty() for tag in series}, by_tag=True, assumed=tuple(assumed))
    whole: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    begun_again = 0
    for tag, (steps, values) in of_use.items():
        at, figures = np.array(steps, dtype=np.float64), np.array(values, dtype=np.float64)
        keep = kept_after_restarts(at)
        begun_again += int(not keep.all())
        whole[tag] = at[keep], figures[keep]
    if begun_again:
        assumed.append("Steps go back, so the run was begun again or resumed there: what came later counts.")
    axis = np.unique(np.concatenate([at for at, _ in whole.values()]))
    columns = {STEP_COLUMN: Column(axis, np.ones(len(axis), dtype=np.bool_))}
    for tag, (at, figures) in whole.items():
        rows = np.searchsorted(axis, at)
        column = Column(np.full(len(axis), np.nan), np.zeros(len(axis), dtype=np.bool_))
        column.values[rows], column.given[rows] = figures, True
        columns[f"{tag} (tag)" if tag == STEP_COLUMN else tag] = column
    return Table(columns, by_tag=True, assumed=tuple(assumed))


def _empty() -> Column:
    return Column(np.zeros(0), np.zeros(0, dtype=np.bool_))
