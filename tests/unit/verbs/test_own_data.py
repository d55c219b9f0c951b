"""A run's own data is found from any folder; where it has moved, that is said, and it can be told where to."""

from __future__ import annotations

import os
import shutil
import signal
import tarfile

import numpy as np
import pytest
from torch import nn

import striate
from striate.core.errors import StriateError
from striate.training.errors import InvalidSetting
from striate.training.watchers import SilentWatcher
from striate.verbs.errors import DataNeeded


class InterruptAtOnce(SilentWatcher):
    def on_step(self, info):
        os.kill(os.getpid(), signal.SIGINT)


def screen(call):
    with pytest.raises(StriateError) as error:
        call()
    return str(error.value)


@pytest.fixture
def at_home(images, quick, tmp_path, monkeypatch):
    """``at_home("photos")``: a run on data beside the folder one is in; interrupted when asked."""
    images("photos", ["a", "b"], 10)
    (tmp_path / "away").mkdir()
    monkeypatch.chdir(tmp_path)

    def train(data, **settings):
        return quick(data, **{"project": "runs", "cache_dir": "cache", **settings})

    return train


@pytest.mark.parametrize("kind", ["folder", "archive", "csv"])
def test_a_run_on_a_relative_path_goes_on_and_is_scored_from_elsewhere(at_home, kind, tmp_path, monkeypatch):
    data = {"folder": "photos", "archive": "photos.tar", "csv": "./l.csv"}[kind]
    if kind == "archive":
        with tarfile.open(data, "w") as file:
            file.add("photos")
    if kind == "csv":
        rows = [f"photos/{name}/{i:03}.png,{name}\n" for name in "ab" for i in range(10)]
        (tmp_path / "l.csv").write_text("".join(["path,label\n", *rows]))
    run = at_home(data, watcher=InterruptAtOnce())
    assert run.record.status == "interrupted"
    assert run.recipe.data == str(tmp_path / data)
    assert run.data.source == data
    path = tmp_path / run.path
    monkeypatch.chdir("away")
    ended = striate.resume(path)
    assert ended.record.status == "finished"
    assert striate.val(path).to_json() == ended.record.val.to_json()
    assert list((tmp_path / "away").iterdir()) == []


def test_all_files_that_a_recipe_reads_are_absolute_and_names_of_sets_stay(at_home, tmp_path):
    first = at_home("photos")
    weights = str(first.best_weights)
    assert not weights.startswith("/")
    recipe = at_home("photos", weights=weights, data_dir="sets").recipe
    assert (recipe.weights, recipe.data_dir, recipe.cache_dir) == (
        str(tmp_path / weights),
        str(tmp_path / "sets"),
        str(tmp_path / "cache"),
    )
    assert at_home("digits", epochs=1, val_split=0.9).recipe.data == "digits"


def test_data_that_moved_is_said_and_its_new_place_taken_and_remembered(at_home, tmp_path):
    run = at_home("photos", watcher=InterruptAtOnce())
    shutil.move("photos", "away/photos")
    missing = (
        "the data of this run is not where it was [no-such-data]\n"
        f"  where     {tmp_path}/photos\n"
        "  next      if it lies elsewhere now: striate {} runs/photos --data PATH"
    )
    assert screen(lambda: striate.resume(run)) == missing.format("resume")
    ended = striate.resume(run, data="away/photos")
    assert ended.record.status == "finished"
    assert ended.recipe.data == str(tmp_path / "away/photos")
    shutil.move("away/photos", "pictures")
    assert screen(ended.val) == (
        "the data of this run is not where it was [no-such-data]\n"
        f"  where     {tmp_path}/away/photos\n"
        "  next      if it lies elsewhere now: striate val runs/photos --data PATH"
    )
    assert striate.val(ended, own_data="pictures").to_json() == ended.record.val.to_json()


def test_a_relative_path_of_an_old_run_is_said_to_be_one(at_home, tmp_path, monkeypatch):
    run = at_home("photos")
    table = run.path / "args.yaml"
    table.write_text(table.read_text().replace(f"data: {tmp_path}/photos", "data: photos"))
    path = tmp_path / run.path
    monkeypatch.chdir("away")
    assert screen(lambda: striate.val(path)) == (
        "the data of this run is not where it was [no-such-data]\n"
        "  where     photos\n"
        f"  got       a path from where training began; this is {tmp_path}/away\n"
        f"  next      if it lies elsewhere now: striate val {path} --data PATH"
    )


def test_other_data_in_its_place_is_refused(at_home, images, tmp_path):
    run = at_home("photos", watcher=InterruptAtOnce())
    images("others", ["a", "b"], 9)
    assert "[data-changed]" in screen(lambda: striate.resume(run, data="others"))
    assert "[data-changed]" in screen(lambda: striate.val(at_home("photos"), own_data="others"))
    assert run.recipe.data == str(tmp_path / "photos")


def test_a_run_on_arrays_says_that_they_are_needed_and_takes_them(quick, tmp_path):
    rng = np.random.default_rng(0)
    data = rng.integers(0, 256, (40, 8, 8, 3), dtype=np.uint8), np.arange(40) % 2
    run = quick(data)
    with pytest.raises(DataNeeded) as error:
        run.val()
    assert str(error.value) == (
        "this run's data was a Python object [data-needed]\n"
        f"  where     {run.path}\n"
        "  got       tuple\n"
        "  next      from Python: striate.val(run, own_data=the_same_data)"
    )
    assert striate.val(run, own_data=data).to_json() == run.record.val.to_json()
    assert striate.val(run, data).n == 40
    with pytest.raises(InvalidSetting, match="cannot both be scored"):
        striate.val(run, data, own_data=data)
    stopped = quick(data, watcher=InterruptAtOnce())
    with pytest.raises(DataNeeded, match="Python object"):
        striate.resume(stopped)
    assert striate.resume(stopped, data=data).record.status == "finished"


def test_lr_find_takes_arrays_and_modules():
    x = np.random.default_rng(0).integers(0, 256, (40, 8, 8, 3), dtype=np.uint8)
    model = nn.Sequential(nn.Flatten(), nn.Linear(192, 2))
    assert striate.lr_find((x, np.arange(40) % 2), model=model).suggestion > 0
