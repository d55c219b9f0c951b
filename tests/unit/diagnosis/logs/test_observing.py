"""Runs that were appended or resumed, figures that are not finite, steps of all kinds."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from striate.core.errors import StriateError
from striate.core.observation_records import EpochPoint, Observation
from striate.diagnosis.errors import NotATrainingLog
from striate.diagnosis.logs import read_log


def read(folder: Path, content: str | bytes, name: str = "log.csv") -> Observation:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_log(path)


def refused(folder: Path, content: str | bytes, kind: type[StriateError], name: str = "log.csv") -> str:
    with pytest.raises(kind) as error:
        read(folder, content, name)
    return str(error.value).replace(str(folder), "ROOT")


def shown(point: EpochPoint) -> dict[str, float]:
    return {k: round(v, 4) for k, v in point.model_dump(exclude_defaults=True).items()}


def test_a_loss_that_is_not_finite_is_kept_and_an_accuracy_is_not(tmp_path: Path) -> None:
    seen = read(
        tmp_path, "epoch,loss,acc,val_loss,val_acc\n1,2,0.2,2,0.2\n2,nan,nan,inf,0.1\n3,NaN,,nan,0.1\n"
    )
    losses = [(p.train_loss, p.val_loss) for p in seen.epochs[1:]]
    assert str(losses) == "[(nan, inf), (nan, nan)]"
    assert [p.train_accuracy for p in seen.epochs] == [0.2, None, None]


def test_a_val_loss_that_is_nan_between_numbers_was_not_measured(tmp_path: Path) -> None:
    rows = "1,2,2\n2,1.5,nan\n3,1.2,1.4\n4,1,nan\n"
    seen = read(tmp_path, "epoch,train_loss,val_loss\n" + rows)
    assert [p.val_loss for p in seen.epochs] == [2, None, 1.4, None]
    assert "Val loss is NaN between numbers: 2 points taken for not validated." in seen.setting.assumed
    seen = read(tmp_path, "epoch,train_loss,val_loss\n" + rows + "5,1,nan\n")
    assert [p.val_loss is not None and math.isnan(p.val_loss) for p in seen.epochs] == [False] * 3 + [
        True
    ] * 2


def test_a_second_run_below_a_second_header(tmp_path: Path) -> None:
    header = "epoch,loss,val_loss\n"
    seen = read(tmp_path, f"{header}1,2,2\n2,1,1\n{header}1,1.9,1.8\n2,.9,.8\n3,.5,.6\n")
    assert [p.train_loss for p in seen.epochs] == [1.9, 0.9, 0.5]
    assert (
        "The log holds more than one run: the last is read, 2 rows of runs before it were left out."
        in seen.setting.assumed
    )


def test_a_second_run_without_epochs(tmp_path: Path) -> None:
    seen = read(tmp_path, "loss,val_loss\n2,2\n1,1\nloss,val_loss\n1.9,1.8\n")
    assert [(p.epoch, p.train_loss) for p in seen.epochs] == [(1, 1.9)]


def test_epochs_done_again_after_a_resume(tmp_path: Path) -> None:
    seen = read(tmp_path, "epoch,loss,val_loss\n1,2,2\n2,1,1\n3,.9,.9\n2,1.1,1.1\n3,.8,.8\n4,.7,.7\n")
    assert [(p.epoch, p.train_loss) for p in seen.epochs] == [(1, 2), (2, 1.1), (3, 0.8), (4, 0.7)]
    assert (
        "The epoch goes back to 2: the run was resumed there; of what was done twice the later row counts, 2 rows were left out."
        in seen.setting.assumed
    )


def test_rows_that_stand_newest_first(tmp_path: Path) -> None:
    seen = read(tmp_path, "epoch,loss,val_loss\n3,1,1\n2,2,2\n1,3,3\n")
    assert [(p.epoch, p.train_loss) for p in seen.epochs] == [(1, 3), (2, 2), (3, 1)]
    assert "Rows stand newest first, and were turned round." in seen.setting.assumed


def test_the_evaluation_before_training(tmp_path: Path) -> None:
    seen = read(tmp_path, "epoch,train_loss,val_loss\n0,,2.3\n1,2,1.9\n2,1,1\n")
    assert [(p.epoch, p.train_loss) for p in seen.epochs] == [(0, None), (1, 2), (2, 1)]


def test_steps_that_begin_again_in_each_epoch(tmp_path: Path) -> None:
    seen = read(tmp_path, "epoch,iter,loss\n1,0,2\n1,1,1.9\n1,2,1.8\n2,0,1.7\n2,1,1.6\n2,2,1.5\n")
    assert [(p.epoch, p.step, p.train_loss) for p in seen.epochs] == [
        (1, 3, pytest.approx(1.9)),
        (2, 6, pytest.approx(1.6)),
    ]
    assert seen.steps.step == (1, 2, 3, 4, 5, 6)
    without = read(tmp_path, "iter,loss\n0,2\n1,1.9\n2,1.8\n0,1.7\n1,1.6\n2,1.5\n0,1.4\n1,1.3\n2,1.2\n")
    assert [(p.epoch, p.step) for p in without.epochs] == [(1, 3), (2, 6), (3, 9)]


def test_steps_alone_make_a_series_and_no_epochs(tmp_path: Path) -> None:
    seen = read(tmp_path, "step,loss\n" + "".join(f"{10 * i},{3 - i / 10}\n" for i in range(1, 9)))
    assert seen.epochs == ()
    assert seen.steps.step == (10, 20, 30, 40, 50, 60, 70, 80)
    assert "The log has steps alone: no epochs and no evaluation." in seen.setting.assumed


def test_a_dead_network_tells_its_classes(tmp_path: Path) -> None:
    seen = read(
        tmp_path, "epoch,loss,val_loss,val_acc\n1,2.31,2.3026,0.1\n2,2.303,2.3027,0.1\n3,2.303,2.3026,0.1\n"
    )
    assert seen.setting.classes == 10


def test_errors_that_may_be_losses(tmp_path: Path) -> None:
    assert refused(tmp_path, "epoch,val_error\n1,2.3\n2,1.2\n", NotATrainingLog) == (
        "no column of the log can be a loss or an accuracy [not-a-training-log]\n  where     ROOT/log.csv\n"
        "  got       'val_error' goes up to 2.3: too much for a share and little for percent, perhaps a loss: left out.\n"
        "  expected  losses, and accuracies as shares or in percent\n"
        "  next      rename the columns, or give another file"
    )
