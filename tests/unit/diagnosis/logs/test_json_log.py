"""JSON logs: what the Trainer's state tells besides, lines that are none, and JSON of something else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from striate.core.errors import StriateError
from striate.core.observation_records import Observation
from striate.diagnosis.errors import LogEmpty, NotATrainingLog
from striate.diagnosis.logs import read_log


def read(folder: Path, content: Any) -> Observation:
    path = folder / "log.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return read_log(path)


def refused(folder: Path, content: Any, kind: type[StriateError]) -> str:
    with pytest.raises(kind) as error:
        read(folder, content)
    return str(error.value).replace(str(folder), "ROOT")


def evaluation(epoch: float, n: int, seconds: float) -> dict[str, float]:
    rate = round(n / seconds, 3)
    return {
        "epoch": epoch,
        "step": 10 * epoch,
        "eval_loss": 1.0,
        "eval_runtime": round(seconds, 4),
        "eval_samples_per_second": rate,
    }


def test_evaluations_tell_how_many_images_where_one_number_fits(tmp_path: Path) -> None:
    rows = [evaluation(e, 10_000, 7.3 + e / 9) for e in (1, 2, 3)]
    seen = read(tmp_path, {"log_history": [{**row, "eval_accuracy": 0.5} for row in rows]})
    assert [p.val_n for p in seen.epochs] == [10_000] * 3
    short = read(tmp_path, {"log_history": [{**evaluation(1, 10_000, 0.02), "eval_accuracy": 0.5}]})
    assert short.epochs[0].val_n == 0


def test_a_state_without_figures(tmp_path: Path) -> None:
    assert refused(tmp_path, {"log_history": []}, LogEmpty) == (
        "the Trainer's state holds no logged figure [log-empty]\n  where     ROOT/log.json\n  got       an empty log_history\n"
        "  next      log more often, with logging_steps, and evaluate"
    )


def test_epochs_that_are_rounded_are_counted_from_steps(tmp_path: Path) -> None:
    rows = [
        {"epoch": round(s / 40_000, 2), "step": s, "eval_loss": 2 - s / 1e4} for s in range(100, 2100, 100)
    ]
    seen = read(tmp_path, {"log_history": rows})
    assert len(seen.epochs) == 20
    assert seen.epochs[-1].epoch == pytest.approx(0.05)
    assert (
        "Several evaluations bear the same epoch, so epochs were counted from steps." in seen.setting.assumed
    )


def test_a_state_without_evaluation_has_a_point_an_epoch(tmp_path: Path) -> None:
    rows = [{"epoch": s / 10, "step": s, "loss": 3 - s / 10} for s in range(2, 25, 2)]
    seen = read(tmp_path, {"log_history": rows})
    assert [(p.epoch, p.step) for p in seen.epochs] == [(1, 10), (2, 20), (2.4, 24)]
    assert [p.train_loss for p in seen.epochs] == pytest.approx([2.4, 1.4, 0.7])


def test_a_line_that_breaks_off_is_left_out(tmp_path: Path) -> None:
    seen = read(tmp_path, '{"epoch": 1, "loss": 2}\n{"epoch": 2, "loss": NaN}\n{"epoch": 3, "lo')
    assert str([p.train_loss for p in seen.epochs]) == "[2.0, nan]"
    assert "Lines that are no JSON were left out." in seen.setting.assumed


@pytest.mark.parametrize(
    "content",
    [{}, [], [1, 2], {"loss": 3}, "[" * 100_000, "{broken"],
    ids=["{}", "[]", "numbers", "one", "deep", "broken"],
)
def test_json_without_rows(tmp_path: Path, content: Any) -> None:
    assert refused(tmp_path, content, NotATrainingLog) == (
        "the JSON holds no training log [not-a-training-log]\n  where     ROOT/log.json\n  got       no rows of named numbers\n"
        "  expected  the Trainer's trainer_state.json, lists of figures by name, or one object for each epoch\n"
        "  next      give the log of the training run"
    )


def test_json_of_something_else(tmp_path: Path) -> None:
    assert "got       names: name, age" in refused(tmp_path, [{"name": "ann", "age": 3}], NotATrainingLog)
