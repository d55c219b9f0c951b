"""The logs of each library as its own writer made them, the ways people write tables, and what is refused."""

from __future__ import annotations

import math
import os
import time
from pathlib import Path

import pytest

from striate.core.errors import StriateError
from striate.core.observation_records import EpochPoint, Observation
from striate.data.errors import CannotRead
from striate.diagnosis.errors import LogEmpty, LogTooLarge, NoLogFound, NoSuchLog, NotATrainingLog
from striate.diagnosis.logs import read_log, text

GOLDEN = Path(__file__).resolve().parents[3] / "golden" / "logs"


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


# What the libraries wrote

BY_HAND = [
    ("timm", "train_loss val_loss val_accuracy lr", 0.5, 0.9667),
    ("ultralytics", "train_loss val_loss val_accuracy lr", 0.5, 0.9667),
    ("keras_tensorboard", "train_loss train_accuracy val_loss val_accuracy lr", 0.5, 0.9667),
    ("tensorboard/by_epoch", "train_loss train_accuracy val_loss val_accuracy", 0.5, 0.9667),
    ("tensorboard/grouped", "train_loss train_accuracy val_loss val_accuracy", 0.5, 0.9667),
    ("tensorboard/by_step", "train_loss val_loss val_accuracy lr step", 0.5, 0.9667),
]


@pytest.mark.parametrize(("folder", "fields", "first", "last"), BY_HAND, ids=[row[0] for row in BY_HAND])
def test_the_same_run_comes_out_of_each_writer(folder: str, fields: str, first: float, last: float) -> None:
    seen = read_log(GOLDEN / folder)
    assert [p.epoch for p in seen.epochs] == [1, 2, 3, 4, 5, 6]
    assert set(shown(seen.epochs[0])) == {"epoch", "val_n", *fields.split()}
    assert (seen.epochs[0].val_accuracy, seen.epochs[-1].val_accuracy) == pytest.approx(
        (first, last), abs=1e-4
    )
    assert [p.train_loss for p in seen.epochs[:2]] == pytest.approx([2.23878, 1.16254], abs=1e-4)
    assert [p.val_loss for p in seen.epochs[:2]] == pytest.approx([1.97121, 0.78326], abs=1e-4)
    assert {p.val_n for p in seen.epochs} == {360}
    if "lr" in fields:
        assert [p.lr for p in seen.epochs[:2]] == pytest.approx([0.1, 0.0933], abs=1e-4)
        assert (seen.setting.lr, seen.level) == (pytest.approx(0.1), "config")
    else:
        assert seen.level == "curves"


def test_keras() -> None:
    seen = read_log(GOLDEN / "keras" / "training.csv")
    assert shown(seen.epochs[0]) == {
        "epoch": 1, "train_loss": 1.9616, "train_accuracy": 0.5157, "val_loss": 1.4521, "val_accuracy": 0.875,
        "val_n": 360, "lr": 0.003,
    }  # fmt: skip
    assert seen.setting.assumed == (
        "Read as a table separated by commas, 6 rows.",
        "Taken: train accuracy from 'accuracy'; train loss from 'loss'; val accuracy from 'val_accuracy'; val loss from"
        " 'val_loss'; epoch from 'epoch'; learning rate from 'learning_rate'.",
        "'accuracy' names no split; taken for train, since it stands beside a loss without a split.",
        "Epochs begin at 0 in the log; counted from 1 here.",
        "Val accuracies come in steps of 1/360: taken for 360 validation images, perhaps a multiple.",
        "The number of classes is not in the log.",
        "The first learning rate in the log stands for that of the first step.",
    )


def test_lightning_has_sparse_rows() -> None:
    seen = read_log(GOLDEN / "lightning" / "by_epoch")
    assert [shown(p) for p in seen.epochs[::3]] == [
        {"epoch": 1, "step": 23, "train_loss": 1.9431, "train_accuracy": 0.4273, "val_loss": 1.3186,
         "val_accuracy": 0.6028, "val_n": 360, "lr": 0.01},
        {"epoch": 4, "step": 92, "train_loss": 0.3838, "train_accuracy": 0.8852, "val_loss": 0.2967,
         "val_accuracy": 0.9222, "val_n": 360, "lr": 0.0051},
    ]  # fmt: skip
    assert len(seen.epochs) == 4
    assert seen.steps.step[:3] == (5, 10, 15)
    assert seen.steps.loss[:2] == pytest.approx((2.23937, 2.07274), abs=1e-5)
    assert seen.steps.lr[3:6] == pytest.approx((0.01, 0.008, 0.008))
    assert "The log is version_0/metrics.csv." in seen.setting.assumed
    assert "Left out as figures of a test split: 'test_acc'." in seen.setting.assumed


def test_lightning_evaluates_twice_an_epoch() -> None:
    seen = read_log(GOLDEN / "lightning" / "by_half_epoch")
    assert [p.epoch for p in seen.epochs] == [0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4]
    assert [p.step for p in seen.epochs[:4]] == [11, 23, 34, 46]
    # The mean of the whole epoch belongs to its end, the first half has the mean of its steps.
    assert [p.train_loss for p in seen.epochs[:2]] == pytest.approx([2.15605, 1.94312], abs=1e-5)
    assert [p.train_accuracy for p in seen.epochs[:2]] == [None, pytest.approx(0.42728, abs=1e-5)]
    assert (
        "The log has 2 evaluations an epoch: each is a point, at its share of the epoch."
        in seen.setting.assumed
    )


def test_the_trainers_state() -> None:
    seen = read_log(GOLDEN / "transformers")
    assert [shown(p) for p in seen.epochs[::3]] == [
        {"epoch": 1, "step": 45, "train_loss": 2.0339, "val_loss": 1.3745, "val_accuracy": 0.7556, "val_n": 360,
         "lr": 0.0039},
        {"epoch": 4, "step": 180, "train_loss": 0.4613, "val_loss": 0.4155, "val_accuracy": 0.9139, "val_n": 360,
         "lr": 0.0},
    ]  # fmt: skip
    assert (seen.setting.batch_size, seen.setting.planned_steps, seen.setting.planned_epochs) == (32, 180, 4)
    assert seen.setting.finished
    assert seen.steps.step == tuple(range(10, 181, 10))
    assert seen.steps.grad_norm[0] == pytest.approx(0.35707, abs=1e-5)
    assert (
        seen.setting.assumed[0]
        == "The log is trainer_state.json, of 3 that may be logs, since it is the nearest."
    )
    assert "Images per second times seconds of evaluation make 360 validation images." in seen.setting.assumed


def test_the_trainers_events_say_the_same_as_its_state() -> None:
    state, events = read_log(GOLDEN / "transformers"), read_log(GOLDEN / "transformers" / "runs")
    for one, other in zip(state.epochs, events.epochs, strict=True):
        assert shown(other) == pytest.approx(shown(one), abs=1e-4)
    assert events.steps.step == state.steps.step


def test_a_checkpoints_state_is_not_finished() -> None:
    setting = read_log(GOLDEN / "transformers" / "checkpoint-90").setting
    assert not setting.finished
    assert "This is the state at step 90 of 180; what came later is not in it." in setting.assumed


def test_fastai_by_accuracy_and_by_error_rate() -> None:
    accuracy, error = (read_log(GOLDEN / "fastai" / name) for name in ("history.csv", "error_rate.csv"))
    for seen in (accuracy, error):
        assert [p.epoch for p in seen.epochs] == [1, 2, 3, 4, 5, 6]
        assert [p.val_accuracy for p in seen.epochs[:2]] == pytest.approx([0.58611, 0.84167], abs=1e-5)
        assert seen.epochs[0].train_accuracy is None
        assert seen.epochs[0].val_n == 360
    assert "'error_rate' is an error, so the accuracy is 1 less it." in error.setting.assumed


def test_steps_of_tags_that_are_epochs_are_no_steps() -> None:
    seen = read_log(GOLDEN / "keras_tensorboard")
    assert {p.step for p in seen.epochs} == {0}
    assert (
        "The tags' steps go up by one from 0, an evaluation at each: taken for epochs."
        in seen.setting.assumed
    )


def test_one_file_of_a_run_in_parts_says_that_there_is_more() -> None:
    seen = read_log(next((GOLDEN / "keras_tensorboard" / "train").iterdir()))
    assert seen.setting.assumed[0] == (
        "Only one file of train/ was read; the folder above it may hold more of the run."
    )
    assert all(p.val_loss is None for p in seen.epochs)


def test_a_striate_run_folder_is_read_as_a_table(tmp_path: Path) -> None:
    seen = read(
        tmp_path,
        "epoch,time,train/loss,metrics/accuracy_top1,metrics/accuracy_top5,val/loss,lr/pg0,train/accuracy,train_clean/loss,"
        "train_clean/accuracy,val/balanced_accuracy,val/ece,grad_norm,grad_norm_max,images_per_second,data_wait,steps\n"
        "1,3.2,2.1,0.3,0.8,2,0.1,0.25,1.9,0.35,0.3,0.1,1.5,3,900,0.12,40\n"
        "2,6.4,1.1,,,,0.1,0.65,0.9,0.75,,,1.4,3,900,0.1,80\n",
        "results.csv",
    )
    assert [shown(p) for p in seen.epochs] == [
        {"epoch": 1, "step": 40, "train_loss": 2.1, "train_accuracy": 0.25, "clean_loss": 1.9, "clean_accuracy": 0.35,
         "val_loss": 2, "val_accuracy": 0.3, "lr": 0.1, "data_wait": 0.12},
        {"epoch": 2, "step": 80, "train_loss": 1.1, "train_accuracy": 0.65, "clean_loss": 0.9, "clean_accuracy": 0.75,
         "lr": 0.1, "data_wait": 0.1},
    ]  # fmt: skip


# What people write

CURVES = [(1, 2.0, 0.2, 2.1, 0.25), (2, 1.0, 0.6, 1.2, 0.55)]


@pytest.mark.parametrize(
    "content",
    [
        "epoch,train_loss,train_acc,val_loss,val_acc\n1,2.0,0.2,2.1,0.25\n2,1.0,0.6,1.2,0.55\n",
        "epoch,loss,acc,val_loss,val_acc\n1,2.0,0.2,2.1,0.25\n2,1.0,0.6,1.2,0.55\n",
        "\ufeffepoch;train loss;train acc;val loss;val acc\r\n1;2,0;0,2;2,1;0,25\r\n2;1,0;0,6;1,2;0,55\r\n",
        "epoch\tTrain Loss\tTrain Prec@1\tVal Loss\tVal Prec@1\n1\t2\t20\t2.1\t25\n2\t1\t60\t1.2\t55\n",
        "Epoch,Train Acc (%),Valid Acc (%),Loss/train,Loss/valid\n1/2,20%,25%,tensor(2.),tensor(2.1)\n2/2,60%,55%,1,1.2\n",
        'epoch,"tloss","vloss","train_acc","val_acc"\n"1","2","2.1","0.2","0.25"\n"2","1","1.2","0.6","0.55"\n',
        "# of today\nmy run\n\nepoch,loss,acc,test_loss,test_acc\n1,2,.2,2.1,.25\n\n2,1,.6,1.2,.55\n",
        "epoch,phase,loss,acc\n1,train,2,0.2\n1,val,2.1,0.25\n2,train,1,0.6\n2,val,1.2,0.55\n",
        "epoch,train_loss,train_acc,val_loss,val_acc\n1,2,.2,,\n2,1,.6,,\n1,,,2.1,.25\n2,,,1.2,.55\n",
        "train_error_rate,val_error_rate,loss,val_loss\n0.8,0.75,2,2.1\n0.4,0.45,1,1.2\n",
        "train_acc,val_acc,loss,val_loss\n20,0.25,2,2.1\n60,0.55,1,1.2\n",
        '[{"epoch": 0, "train": {"loss": 2, "acc": 0.2}, "val": {"loss": 2.1, "acc": 0.25}},'
        ' {"epoch": 1, "train": {"loss": 1, "acc": 0.6}, "val": {"loss": 1.2, "acc": 0.55}}]',
        '{"epoch": 0, "train_loss": 2, "train_acc1": 20, "test_loss": 2.1, "test_acc1": 25, "test_acc5": 60}\n'
        '{"epoch": 1, "train_loss": 1, "train_acc1": 60, "test_loss": 1.2, "test_acc1": 55, "test_acc5": 90}\n',
        '{"loss": [2, 1], "accuracy": [0.2, 0.6], "val_loss": [2.1, 1.2], "val_accuracy": [0.25, 0.55]}',
    ],
    ids=lambda content: content.strip("\ufeff# ")[:24].replace("\n", " "),
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
def test_the_ways_people_write_them(tmp_path: Path, content: str, encoding: str) -> None:
    seen = read(tmp_path, content.encode(encoding))
    got = [(p.epoch, p.train_loss, p.train_accuracy, p.val_loss, p.val_accuracy) for p in seen.epochs]
    assert [pytest.approx(row) for row in CURVES] == got


def test_one_row(tmp_path: Path) -> None:
    seen = read(tmp_path, "epoch,train_loss,val_acc\n0,2.3,0.11\n")
    assert [shown(p) for p in seen.epochs] == [{"epoch": 1, "train_loss": 2.3, "val_accuracy": 0.11}]
    assert seen.setting.assumed[0] == "Read as a table separated by commas, 1 row."


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


def test_a_second_header_with_other_columns_begins_the_run_that_is_read(tmp_path: Path) -> None:
    seen = read(tmp_path, "epoch,loss\n1,2\n2,1\nepoch,val_acc,loss\n1,0.3,1.9\n")
    assert [shown(p) for p in seen.epochs] == [{"epoch": 1, "train_loss": 1.9, "val_accuracy": 0.3}]
    assert "Rows above a line of other column names were left out: 2." in seen.setting.assumed


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


# What is refused


def test_nothing_there(tmp_path: Path) -> None:
    (tmp_path / "results.csv").touch()
    with pytest.raises(NoSuchLog) as error:
        read_log(tmp_path / "result.csv")
    assert str(error.value).replace(str(tmp_path), "ROOT") == (
        "there is no such log [no-such-log]\n  where     ROOT/result.csv\n  next      perhaps results.csv"
    )
    with pytest.raises(NoSuchLog, match="next      give the path of a log, or of the folder that holds it"):
        read_log(tmp_path / "gone" / "log.csv")


def test_a_name_that_no_file_can_have() -> None:
    with pytest.raises(StriateError):
        read_log("a\0b")
    with pytest.raises(StriateError):
        read_log("x" * 5000)


@pytest.mark.parametrize(
    "content", [b"", b" \r\n\n", b"\xff\xfe", b"\x00\x00\x00\x00"], ids=["none", "blank", "mark", "zeros"]
)
def test_an_empty_file(tmp_path: Path, content: bytes) -> None:
    assert refused(tmp_path, content, LogEmpty) == (
        "the log is empty [log-empty]\n  where     ROOT/log.csv\n"
        f"  got       {len(content)} bytes\n  next      wait until the first row is written"
    )


def test_names_without_rows(tmp_path: Path) -> None:
    assert refused(tmp_path, "epoch,loss\n", LogEmpty) == (
        "the log has column names and no rows [log-empty]\n  where     ROOT/log.csv\n"
        "  got       epoch, loss\n  next      wait until the first row is written"
    )
    assert refused(tmp_path, "epoch,loss\n1,\n", LogEmpty) == (
        "the log has no figure of a loss or an accuracy [log-empty]\n  where     ROOT/log.csv\n"
        "  got       epoch, loss\n  next      wait until the first row is written"
    )


def test_a_table_of_something_else(tmp_path: Path) -> None:
    assert refused(tmp_path, "name,age,fare\nann,3,4\n", NotATrainingLog) == (
        "no line of the file names a loss or an accuracy [not-a-training-log]\n  where     ROOT/log.csv\n"
        "  got       first line: name,age,fare\n"
        "  expected  column names such as epoch,train_loss,train_acc,val_loss,val_acc\n"
        "  next      rename the columns, or give another file"
    )


def test_binary_junk(tmp_path: Path) -> None:
    assert refused(tmp_path, bytes(range(256)) * 20, NotATrainingLog) == (
        "the file is not text [not-a-training-log]\n  where     ROOT/log.csv\n  got       binary data\n"
        "  expected  a CSV, TSV, JSON or TensorBoard event file\n  next      give the log of the training run"
    )


def test_decimal_commas_between_commas(tmp_path: Path) -> None:
    assert refused(tmp_path, "epoch,loss\n1,2,31\n2,1,50\n", NotATrainingLog) == (
        "most rows have more cells than there are column names [not-a-training-log]\n  where     ROOT/log.csv\n"
        "  got       2 names, 2 of 2 rows with more cells\n"
        "  expected  a name for each column; decimal commas only where semicolons or tabs separate\n"
        "  next      write the table again with decimal points"
    )


def test_errors_that_may_be_losses(tmp_path: Path) -> None:
    assert refused(tmp_path, "epoch,val_error\n1,2.3\n2,1.2\n", NotATrainingLog) == (
        "no column of the log can be a loss or an accuracy [not-a-training-log]\n  where     ROOT/log.csv\n"
        "  got       'val_error' goes up to 2.3: too much for a share and little for percent, perhaps a loss: left out.\n"
        "  expected  losses, and accuracies as shares or in percent\n"
        "  next      rename the columns, or give another file"
    )


def test_text_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "LARGEST_TEXT", 2_000_000)
    assert refused(tmp_path, b"x" * 3_000_000, LogTooLarge) == (
        "the log is too large to be read as text [log-too-large]\n  where     ROOT/log.csv\n  got       3 MB\n"
        "  expected  at most 2 MB\n  next      keep one row for each step or epoch"
    )


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", forbidden)
    for name in ("log.csv", "events.out.tfevents.1"):
        (tmp_path / name).write_text("epoch,loss\n1,2\n")
        with pytest.raises(CannotRead) as error:
            read_log(tmp_path / name)
        assert str(error.value).replace(str(tmp_path), "ROOT") == (
            f"the log cannot be read [cannot-read]\n  where     ROOT/{name}\n  got       Permission denied\n"
            "  next      change its permissions"
        )
    with pytest.raises(CannotRead):
        read_log(tmp_path)


# Folders


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
