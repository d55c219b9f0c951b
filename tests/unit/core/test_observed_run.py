"""A run's records as an observation: every number where it belongs, and nothing made up."""

from __future__ import annotations

import math

import pytest

from striate.core.inside_records import LoopSeen
from striate.core.observation_records import Observation, Setting
from striate.core.observed_run import observation_of
from striate.core.records import Notice
from tests.unit.report.fabricate import fabricate

SETTINGS = {
    "opt": "adamw",
    "lr": 0.003,
    "momentum": 0.9,
    "weight_decay": 0.05,
    "clip_grad": 1.0,
    "smoothing": 0.1,
    "batch_size": 128,
    "augment": "flip+crop4@0.5",
}


def seen(**more):
    run, data = fabricate(epochs=5)
    return observation_of(run, data, SETTINGS, **more)


def same(path: str, first: str, split: str, other: str) -> Notice:
    return Notice(
        kind="duplicate-across-splits",
        path=path,
        detail=f"the same bytes as {first} in {other}",
        action="used",
        split=split,
    )


def test_the_setting_is_that_of_the_recipe_and_the_data():
    s = seen().setting
    assert (s.source, s.classes, s.train_n, s.val_n, s.batch_size) == ("run", 10, 4000, 500, 128)
    assert (s.optimizer, s.lr, s.weight_decay, s.clip_grad, s.label_smoothing) == (
        *("AdamW", 0.003),
        *(0.05, 1.0, 0.1),
    )
    assert (s.planned_epochs, s.planned_steps, s.finished) == (5, 160, True)
    assert s.augmentation == ("flip", "crop4@0.5")


@pytest.mark.parametrize("policy", ["none", "auto", ""])
def test_no_augmentation_has_no_names(policy):
    run, data = fabricate(epochs=1)
    assert observation_of(run, data, {"augment": policy}).setting.augmentation == ()


def test_epochs_count_steps_and_keep_each_figure():
    run, _ = fabricate(epochs=5)
    points = seen().epochs
    assert [p.step for p in points] == [32, 64, 96, 128, 160]
    assert [p.val_accuracy for p in points] == [e.val_accuracy for e in run.history]
    assert (points[0].train_n, points[0].clean_n, points[0].val_n) == (4000, 2000, 500)


def test_what_was_not_measured_is_none_and_what_broke_is_nan():
    run, data = fabricate(epochs=2)
    first = run.history[0].model_copy(
        update={"val_n": 0, "val_loss": math.nan, "val_accuracy": math.nan, "train_loss": math.nan}
    )
    point = observation_of(run.model_copy(update={"history": (first,)}), data, {}).epochs[0]
    assert (point.val_loss, point.val_accuracy) == (None, None)
    assert math.isnan(point.train_loss)


def test_the_network_gets_normalised_images():
    run, data = fabricate(epochs=1)
    train = observation_of(run, data, {}).data.train
    assert train.mean == pytest.approx((0, 0, 0))
    assert train.std == pytest.approx((1, 1, 1))
    assert train.counts == (400,) * 10
    other = data.model_copy(update={"preprocess": {"mean": [0.0] * 3, "std": [0.5] * 3}})
    train = observation_of(run, other, {}).data.train
    assert train.mean == pytest.approx((0.982, 0.964, 0.894))
    assert (train.low, train.high) == (0.0, 2.0)


def test_equal_files_across_train_and_val_whichever_was_found_first():
    notices = (
        same("val/a.png", "train/a.png", "val", "train"),
        same("train/b.png", "val/b in c.png", "train", "val"),
        same("train/b2.png", "val/b in c.png", "train", "val"),
        same("val/d.png", "test/d.png", "val", "test"),
        Notice(kind="duplicate", path="train/e.png", detail="the same bytes as train/f.png", action="used"),
    )
    overlap = seen(notices=notices).data.overlap
    assert (overlap.checked, overlap.exact) == (500, 2)
    assert overlap.pairs == (("train/a.png", "val/a.png"), ("train/b.png", "val/b in c.png"))
    assert seen(notices=()).data.overlap.exact == 0
    assert seen().data.overlap is None


def test_an_interrupted_and_a_failed_run_say_so():
    run, data = fabricate(epochs=5, finished=False)
    assert observation_of(run, data, {}).setting.finished is False
    failed = run.model_copy(update={"status": "failed", "failure": "out of memory"})
    assert observation_of(failed, data, {}).setting.failure == "out of memory"


def test_watched_parts_join_and_the_records_have_the_last_word():
    watched = Observation(
        setting=Setting(source="run", epsilon=1e-3, lr=9.0, finished=True, failure="stale"),
        loop=LoopSeen(optimizer_steps=160, backwards=160, train_forwards=160),
    )
    run, data = fabricate(epochs=5, finished=False)
    found = observation_of(run, data, SETTINGS, watched=watched)
    assert found.loop == watched.loop
    assert (found.setting.epsilon, found.setting.lr) == (1e-3, 0.003)
    assert (found.setting.finished, found.setting.failure) == (False, "")
    assert len(found.epochs) == 5
    assert found.data is not None
    assert Observation.from_json(found.to_json()) == found
