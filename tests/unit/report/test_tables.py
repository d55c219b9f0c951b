"""The tables: the columns other people's scripts read, every epoch once, whatever happened in between."""

from __future__ import annotations

import csv
import math

import pytest

from striate.report.tables import PER_CLASS_COLUMNS, RESULT_COLUMNS, write_tables
from striate.training.errors import RunDamaged
from tests.histories import history
from tests.unit.report.fabricate import HOSTILE, fabricate, write


def rows(path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_first_columns_are_those_that_plot_scripts_know():
    assert RESULT_COLUMNS == (
        "epoch", "time", "train/loss", "metrics/accuracy_top1", "metrics/accuracy_top5", "val/loss", "lr/pg0",
        "train/accuracy", "train_clean/loss", "train_clean/accuracy", "val/balanced_accuracy", "val/ece",
        "grad_norm", "grad_norm_max", "images_per_second", "data_wait", "steps",
    )  # fmt: skip


def test_results_come_back_as_they_were(tmp_path):
    run, data = fabricate()
    folder = write(tmp_path / "run", run, data)
    write_tables(folder)
    table = rows(folder / "results.csv")
    assert [int(r["epoch"]) for r in table] == list(range(1, 21))
    for i, (row, e) in enumerate(zip(table, run.history, strict=True), start=1):
        assert float(row["time"]) == pytest.approx(3.25 * i)
        assert float(row["metrics/accuracy_top1"]) == pytest.approx(e.val_accuracy, rel=1e-5)
        assert float(row["train_clean/loss"]) == pytest.approx(e.clean_loss, rel=1e-5)
        assert float(row["lr/pg0"]) == pytest.approx(e.lr, rel=1e-5)
        assert int(row["steps"]) == 32


def test_rewriting_never_doubles_or_loses_a_row(tmp_path):
    run, data = fabricate()
    folder = write(tmp_path / "run", run, data)
    for n in (5, 3, 20, 20):  # on, killed and back, on, again
        folder.write_text("run.json", run.model_copy(update={"history": run.history[:n]}).to_json())
        write_tables(folder)
        assert [int(r["epoch"]) for r in rows(folder / "results.csv")] == list(range(1, n + 1))


def test_non_finite_and_absent_figures(tmp_path):
    run, data = fabricate()
    h = history([0.5] * 2, [0.5] * 2, train_loss=[math.nan, math.inf], val_n=0)
    run = run.model_copy(update={"history": h, "val": None, "test": None})
    folder = write(tmp_path / "run", run, data)
    write_tables(folder)
    table = rows(folder / "results.csv")
    assert [r["train/loss"] for r in table] == ["nan", "inf"]
    assert {r["val/loss"] + r["metrics/accuracy_top1"] + r["val/ece"] for r in table} == {""}
    assert not (folder / "per_class.csv").exists()


def test_per_class_holds_both_splits_and_hostile_names(tmp_path):
    run, data = fabricate(HOSTILE)
    folder = write(tmp_path / "run", run, data)
    write_tables(folder)
    table = rows(folder / "per_class.csv")
    assert tuple(table[0]) == PER_CLASS_COLUMNS
    assert [r["split"] for r in table] == ["val"] * 10 + ["test"] * 10
    assert tuple(r["class"] for r in table[:10]) == HOSTILE
    assert run.test
    assert sum(int(r["correct"]) for r in table[10:]) == run.test.correct


def test_a_run_that_has_not_begun(tmp_path):
    folder = write(tmp_path / "run", *fabricate())
    (folder / "run.json").unlink()
    with pytest.raises(RunDamaged):
        write_tables(folder)
