"""The logs of each library as its own writer made them; paths that lead nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from striate.core.errors import StriateError
from striate.core.observation_records import EpochPoint, Observation
from striate.diagnosis.errors import NoSuchLog
from striate.diagnosis.logs import read_log

GOLDEN = Path(__file__).resolve().parents[3] / "golden" / "logs"


def read(folder: Path, content: str | bytes, name: str = "log.csv") -> Observation:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_log(path)


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
        # The state tells the images, too few different accuracies do not.
        assert shown(other) == pytest.approx({k: v for k, v in shown(one).items() if k != "val_n"}, abs=1e-4)
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


# Paths that lead nowhere


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
