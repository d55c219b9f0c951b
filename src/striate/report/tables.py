"""results.csv and per_class.csv: figures for spreadsheets and other people's scripts.

Both are written whole from run.json, so a resumed run never has a row twice or not at all. The first columns of
results.csv bear the names that plot scripts for other trainers look for. Knows nothing about drawing.
"""

from __future__ import annotations

import csv
import io
import itertools
import math
from collections.abc import Callable, Iterable, Sequence

from striate.core.records import EpochRecord, RunRecord
from striate.core.run_folder import RunFolder
from striate.training.run_files import read_run

__all__ = ["PER_CLASS_COLUMNS", "RESULT_COLUMNS", "write_tables"]

_Column = Callable[[EpochRecord], float]
_COLUMNS: dict[str, _Column] = {
    "train/loss": lambda e: e.train_loss,
    "metrics/accuracy_top1": lambda e: e.val_accuracy,
    "metrics/accuracy_top5": lambda e: e.val_top5,
    "val/loss": lambda e: e.val_loss,
    "lr/pg0": lambda e: e.lr,
    "train/accuracy": lambda e: e.train_accuracy,
    "train_clean/loss": lambda e: e.clean_loss,
    "train_clean/accuracy": lambda e: e.clean_accuracy,
    "val/balanced_accuracy": lambda e: e.val_balanced_accuracy,
    "val/ece": lambda e: e.val_ece,
    "grad_norm": lambda e: e.grad_norm,
    "grad_norm_max": lambda e: e.grad_norm_max,
    "images_per_second": lambda e: e.images_per_second,
    "data_wait": lambda e: e.data_wait,
    "steps": lambda e: e.steps,
}
RESULT_COLUMNS = ("epoch", "time", *_COLUMNS)
PER_CLASS_COLUMNS = (
    "split", "class", "n", "predicted", "correct", "precision", "recall", "recall_low", "recall_high", "f1",
)  # fmt: skip


def write_tables(folder: RunFolder) -> None:
    """Write results.csv, and per_class.csv once there are scores, from run.json.

    Accuracies are shares in [0, 1]; `time` is the sum of the epochs' seconds so far; `metrics/...` are of the val
    split. Numbers have six significant digits (run.json has every bit); a figure that is not there is empty, one
    that is not finite reads nan, inf or -inf. Raises RunDamaged or NewerVersion.
    """
    run = read_run(folder)
    folder.write_text("results.csv", _table(RESULT_COLUMNS, _epochs(run.history)))
    if run.val or run.test:
        folder.write_text("per_class.csv", _table(PER_CLASS_COLUMNS, _classes(run)))


def _epochs(history: Sequence[EpochRecord]) -> Iterable[list[str]]:
    times = itertools.accumulate(e.seconds for e in history)
    for e, time in zip(history, times, strict=True):
        cells = {name: _number(column(e)) for name, column in _COLUMNS.items()}
        if e.val_n == 0:
            cells |= {name: "" for name in cells if name.startswith(("metrics/", "val/"))}
        yield [str(e.epoch), f"{time:.3f}", *cells.values()]


def _classes(run: RunRecord) -> Iterable[list[str]]:
    for score in filter(None, (run.val, run.test)):
        for c in score.classes:
            low, high = c.recall_interval.low, c.recall_interval.high
            shares = [c.precision, c.recall, low if c.n else math.nan, high if c.n else math.nan, c.f1]
            counts = [str(c.n), str(c.predicted), str(c.correct)]
            yield [score.split, c.name, *counts, *("" if math.isnan(x) else _number(x) for x in shares)]


def _number(value: float) -> str:
    return f"{value:.6g}"


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()
