"""Logs in JSON: the Trainer's state, a history of lists, rows listed or one a line.

The Trainer is Hugging Face's. Knows nothing about what the figures mean, but for the fields of the Trainer's state.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from striate.diagnosis.errors import LogEmpty, NotATrainingLog
from striate.diagnosis.logs.column_names import role_of
from striate.diagnosis.logs.table import Column, Table

__all__ = ["looks_like_json", "read_json"]

Row = dict[str, Any]


def looks_like_json(text: str) -> bool:
    """Whether the first sign that is no space opens an object or a list."""
    return text.lstrip("\ufeff \t\r\n")[:1] in {"{", "["}


def read_json(text: str, path: Path) -> Table:
    """The table in a JSON text; raises NotATrainingLog where there are no rows of named numbers."""
    try:
        content, cut = json.loads(text), False
    except (ValueError, RecursionError):
        content, cut = _lines(text)
    if isinstance(content, dict) and isinstance(content.get("log_history"), list):
        return _trainer_state(content, path)
    medium = "a history in JSON"
    if isinstance(content, dict):
        rows = _from_lists(content)
    elif isinstance(content, list):
        rows, medium = [_flat(row) for row in content if isinstance(row, dict)], "rows of JSON"
    else:
        rows = []
    if not rows:
        raise _refused(path, "no rows of named numbers")
    assumed = [f"Read as {medium}, {len(rows)} rows."]
    if cut:
        assumed.append("Lines that are no JSON were left out.")
    return Table(_columns(rows, path), assumed=tuple(assumed))


def _refused(path: Path, got: str) -> NotATrainingLog:
    return NotATrainingLog(
        "the JSON holds no training log",
        where=path,
        got=got,
        expected="the Trainer's trainer_state.json, lists of figures by name, or one object for each epoch",
        next_step="give the log of the training run",
    )


def _lines(text: str) -> tuple[Any, bool]:
    """One object a line, and whether a line was none."""
    rows, cut = [], False
    for line in text.splitlines():
        if not line.strip():
            continue
        try:
            rows.append(json.loads(line))
        except (ValueError, RecursionError):
            cut = True
    return rows, cut


def _flat(row: Row) -> Row:
    """Figures of one level of nesting get the outer name in front: ``{"val": {"loss": 1}}`` is ``val/loss``."""
    flat: Row = {}
    for name, value in row.items():
        if isinstance(value, dict):
            flat |= {f"{name}/{inner}": figure for inner, figure in value.items()}
        else:
            flat[name] = value
    return flat


def _from_lists(content: Row) -> list[Row]:
    """Rows of a dict of lists, such as the history that Keras' fit returns; figures that stand alone are left out."""
    lists = {name: value for name, value in _flat(content).items() if isinstance(value, list)}
    measured = {name: value for name, value in lists.items() if role_of(name) is not None}
    length = max((len(value) for value in measured.values()), default=0)
    return [{name: value[i] for name, value in measured.items() if i < len(value)} for i in range(length)]


def _columns(rows: Sequence[Row], path: Path) -> dict[str, Column]:
    """A column for each name that means something."""
    names = dict.fromkeys(name for row in rows for name in row if role_of(name) is not None)
    columns = {name: _column([row.get(name) for row in rows]) for name in names}
    if not columns:
        shown = ", ".join(dict.fromkeys(str(name)[:30] for row in rows[:5] for name in row))
        raise _refused(path, f"names: {shown[:200]}")
    return columns


def _column(cells: list[Any]) -> Column:
    numbers = [_number(cell) for cell in cells]
    values = np.array([np.nan if x is None else x for x in numbers], dtype=np.float64)
    return Column(values, np.array([x is not None for x in numbers], dtype=np.bool_))


def _number(cell: Any) -> float | None:
    """A number, also one written as text; None for all else. True is no number."""
    if isinstance(cell, bool) or not isinstance(cell, (int, float, str)):
        return None
    try:
        return float(cell)
    except (ValueError, OverflowError):
        return None


def _trainer_state(state: Row, path: Path) -> Table:
    """The log_history of the Trainer's state, and what else the state tells of the run."""
    rows = [row for row in state["log_history"] if isinstance(row, dict)]
    # The last row of a finished run gives the mean loss of all of it under the name train_loss.
    rows = [row for row in rows if "train_runtime" not in row]
    if not rows:
        raise LogEmpty(
            "the Trainer's state holds no logged figure",
            where=path,
            got="an empty log_history",
            next_step="log more often, with logging_steps, and evaluate",
        )
    assumed = [
        f"Read as the Trainer's state, {len(rows)} entries; its loss is a mean over the steps since the entry before.",
        "Unless it was told otherwise, the Trainer leaves losses that are not finite out of its log.",
    ]
    setting: dict[str, Any] = {
        "batch_size": _count(state.get("train_batch_size")),
        "planned_steps": _count(state.get("max_steps")),
        "planned_epochs": _count(state.get("num_train_epochs")),
    }
    done = _count(state.get("global_step"))
    if path.parent.name.startswith("checkpoint-") and done < setting["planned_steps"]:
        setting["finished"] = False
        assumed.append(
            f"This is the state at step {done} of {setting['planned_steps']}; what came later is not in it."
        )
    val_n = _evaluated(rows)
    if val_n:
        assumed.append(f"Images per second times seconds of evaluation make {val_n} validation images.")
    return Table(_columns(rows, path), setting=setting, val_n=val_n, assumed=tuple(assumed))


def _count(value: Any) -> int:
    """A count of a setting; 0 where there is none."""
    number = None if isinstance(value, str) else _number(value)
    return int(number) if number is not None and math.isfinite(number) and 0 < number < 1e15 else 0


def _evaluated(rows: Sequence[Row]) -> int:
    """Images of an evaluation: runtime (four decimals) times images per second (three); 0 unless one number fits all."""
    low, high = 0.0, math.inf
    for row in rows:
        seconds, rate = _number(row.get("eval_runtime")), _number(row.get("eval_samples_per_second"))
        if seconds is not None and rate is not None:
            low = max(low, (seconds - 5e-5) * (rate - 5e-4))
            high = min(high, (seconds + 5e-5) * (rate + 5e-4))
    if not math.isfinite(high) or math.ceil(low) != math.floor(high):
        return 0
    return max(math.ceil(low), 0)
