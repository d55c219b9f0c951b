"""Which of several files in a folder is the log."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from striate.diagnosis.errors import NoLogFound
from striate.diagnosis.logs import read_log


def test_a_folder_without_a_log(tmp_path: Path) -> None:
    with pytest.raises(NoLogFound) as error:
        read_log(tmp_path)
    assert str(error.value).replace(str(tmp_path), "ROOT") == (
        "no training log in the folder [no-log-found]\n  where     ROOT\n"
        "  got       no CSV, TSV, JSON or event file\n"
        "  expected  results.csv, metrics.csv, history.csv, summary.csv, trainer_state.json or events.out.tfevents.*\n"
        "  next      give the folder of the run, or the file itself"
    )


def test_a_folder_of_other_tables(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("path,label\na.png,cat\n")
    (tmp_path / "predictions.csv").write_text("path,loss\na.png,0.3\n")
    with pytest.raises(NoLogFound) as error:
        read_log(tmp_path)
    assert error.value.got == (
        "labels.csv: no line of the file names a loss or an accuracy\npredictions.csv: a table without an epoch or a step"
    )


def test_the_newest_of_several_is_read_and_the_others_are_counted(tmp_path: Path) -> None:
    now = int(time.time())
    for n, age in ((0, 30), (1, 10), (2, 20)):
        path = tmp_path / f"version_{n}" / "metrics.csv"
        path.parent.mkdir()
        path.write_text(f"epoch,loss\n0,{n}\n")
        os.utime(path, (now - age, now - age))
    seen = read_log(tmp_path)
    assert seen.epochs[0].train_loss == 1
    assert (
        seen.setting.assumed[0]
        == "The log is version_1/metrics.csv, of 3 that may be logs, since it is the newest."
    )


def test_a_known_name_is_surer_than_any_table(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("epoch,loss\n0,1\n")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "results.csv").write_text("epoch,loss\n0,2\n")
    assert read_log(tmp_path).epochs[0].train_loss == 2


def test_a_log_that_cannot_be_read_gives_way_to_the_next(tmp_path: Path) -> None:
    (tmp_path / "results.csv").write_text("")
    (tmp_path / "mine.csv").write_text("epoch,loss\n0,1\n")
    seen = read_log(tmp_path)
    assert seen.epochs[0].train_loss == 1
    assert seen.setting.assumed[0] == "The log is mine.csv; 1 before it could not be read."
