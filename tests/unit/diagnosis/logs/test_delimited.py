"""Tables as people write them, and tables of something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from striate.core.errors import StriateError
from striate.core.observation_records import EpochPoint, Observation
from striate.diagnosis.errors import LogEmpty, NotATrainingLog
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
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "utf-16-le"])
def test_the_ways_people_write_them(tmp_path: Path, content: str, encoding: str) -> None:
    seen = read(tmp_path, content.encode(encoding))
    got = [(p.epoch, p.train_loss, p.train_accuracy, p.val_loss, p.val_accuracy) for p in seen.epochs]
    assert [pytest.approx(row) for row in CURVES] == got


def test_one_row(tmp_path: Path) -> None:
    seen = read(tmp_path, "epoch,train_loss,val_acc\n0,2.3,0.11\n")
    assert [shown(p) for p in seen.epochs] == [{"epoch": 1, "train_loss": 2.3, "val_accuracy": 0.11}]
    assert seen.setting.assumed[0] == "Read as a table separated by commas, 1 row."


def test_a_second_header_with_other_columns_begins_the_run_that_is_read(tmp_path: Path) -> None:
    seen = read(tmp_path, "epoch,loss\n1,2\n2,1\nepoch,val_acc,loss\n1,0.3,1.9\n")
    assert [shown(p) for p in seen.epochs] == [{"epoch": 1, "train_loss": 1.9, "val_accuracy": 0.3}]
    assert "Rows above a line of other column names were left out: 2." in seen.setting.assumed


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


def test_decimal_commas_between_commas(tmp_path: Path) -> None:
    assert refused(tmp_path, "epoch,loss\n1,2,31\n2,1,50\n", NotATrainingLog) == (
        "most rows have more cells than there are column names [not-a-training-log]\n  where     ROOT/log.csv\n"
        "  got       2 names, 2 of 2 rows with more cells\n"
        "  expected  a name for each column; decimal commas only where semicolons or tabs separate\n"
        "  next      write the table again with decimal points"
    )


def test_names_at_the_end_without_rows_leave_the_run_above_them(tmp_path: Path) -> None:
    seen = read(tmp_path, "epoch,loss\n1,2\nepoch,val_acc,loss\n")
    assert [shown(p) for p in seen.epochs] == [{"epoch": 1, "train_loss": 2}]
