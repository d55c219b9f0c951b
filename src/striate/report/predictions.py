"""predictions.csv read back: what a finished run answered on each image that it held out.

A damaged file is refused with the line: a comparison of the rows that are left would look like any other. Knows nothing
about what the answers are good for.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from striate.core.answers import Answers
from striate.core.records import RunRecord
from striate.core.run_folder import RunFolder
from striate.training.errors import RunDamaged

__all__ = ["read_predictions"]

_COLUMNS = ("path", "split", "label", "predicted")


def read_predictions(folder: RunFolder, run: RunRecord, classes: Sequence[str]) -> dict[str, Answers]:
    """The answers on each held-out split that has images, in the order of the file.

    Raises RunDamaged where the file is missing, cannot be read, names a class that the run does not have, or holds
    another number of images than `run` was scored on.
    """
    path = folder / "predictions.csv"
    rows: dict[str, list[tuple[str, str, str]]] = {}
    known = set(classes)
    try:
        for line, (image, split, label, predicted) in _rows(path):
            if label not in known or predicted not in known:
                raise ValueError(f"line {line}: a class that data.json does not have")
            rows.setdefault(split, []).append((image, label, predicted))
        for score in (run.val, run.test):
            if score and len(rows.get(score.split, ())) != score.n:
                have = len(rows.get(score.split, ()))
                raise ValueError(f"{have:,} rows of {score.split} where run.json has {score.n:,}")
    except FileNotFoundError as error:
        raise _damaged("predictions.csv is missing", path, None) from error
    except (OSError, ValueError, csv.Error) as error:
        raise _damaged("predictions.csv cannot be read", path, str(error)) from error
    return {split: _answers(found) for split, found in rows.items()}


def _answers(rows: Sequence[tuple[str, str, str]]) -> Answers:
    paths, labels, predicted = zip(*rows, strict=True)
    return Answers(paths, labels, predicted)


def _rows(path: Path) -> Iterator[tuple[int, tuple[str, str, str, str]]]:
    """Number of the line and its cells of `_COLUMNS`; a ValueError names what is wrong, and where."""
    with path.open(encoding="utf-8", newline="") as file:
        table = csv.reader(file)
        head = next(table, [])
        missing = [name for name in _COLUMNS if name not in head]
        if missing:
            raise ValueError(f"no column {', '.join(missing)}")
        at = [head.index(name) for name in _COLUMNS]
        for row in table:
            if len(row) != len(head):
                raise ValueError(f"line {table.line_num}: {len(row)} of {len(head)} columns")
            image, split, label, predicted = (row[i] for i in at)
            yield table.line_num, (image, split, label, predicted)


def _damaged(what: str, path: Path, got: str | None) -> RunDamaged:
    return RunDamaged(
        what,
        where=path,
        got=got,
        next_step="put it back from a copy, or train again: the command is in run.json",
    )
