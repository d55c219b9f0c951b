"""A run's files read back: a newer version is told before anything else, damage is told with what can be done."""

from __future__ import annotations

import json

import pytest

from striate.core.run_folder import RunFolder
from striate.training.errors import NewerVersion, RunDamaged, UnknownSetting
from striate.training.recipe import Recipe
from striate.training.run_files import read_data, read_recipe, read_run

READERS = {"args.yaml": read_recipe, "run.json": read_run, "data.json": read_data}
CURES = {
    "args.yaml": "put it back from a copy; the command that began the run is in run.json",
    "run.json": "`striate resume {}` writes it again from the newest checkpoint",
    "data.json": "put it back from a copy; `striate predict` does without it",
}
DAMAGES = {
    "empty": b"",
    "no-yaml": b"a: [",
    "truncated": b'{"name": "photos", "clas',
    "list": b"[]",
    "nothing": b"null",
    "no-text": b"\xff\xfe\x00",
    "control": b"a: \x01",
    "deep": b"[" * 100_000,
}


@pytest.fixture
def folder(tmp_path):
    made = RunFolder.create(tmp_path, "a")
    made.write_text("args.yaml", Recipe.make({"epochs": 3}).to_yaml())
    return made


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_named_with_what_can_be_done(folder, name, damage):
    (folder / name).write_bytes(damage)
    with pytest.raises(RunDamaged) as error:
        READERS[name](folder)
    assert error.value.what == f"{name} cannot be read"
    assert error.value.where == str(folder / name)
    assert error.value.next_step == CURES[name].format(folder.path)


@pytest.mark.parametrize("name", READERS)
def test_a_file_that_is_not_there(folder, name):
    (folder / name).unlink(missing_ok=True)
    with pytest.raises(RunDamaged, match="this run has not begun to train"):
        READERS[name](folder)


@pytest.mark.parametrize("name", READERS)
def test_a_newer_version_is_told_whatever_is_new_in_the_files(folder, name):
    with (folder / "args.yaml").open("a") as file:
        file.write("mixup: 0.2\n")
    folder.write_text("data.json", '{"new": 1}')
    folder.write_text("run.json", json.dumps({"schema_version": 99, "new": 1}))
    with pytest.raises(NewerVersion) as error:
        READERS[name](folder)
    assert str(error.value) == (
        "this run was written by a newer striate [newer-version]\n"
        f"  where     {folder.path}\n"
        "  got       schema version 99\n"
        "  expected  2 or older\n"
        "  next      upgrade striate: pip install -U striate"
    )


def test_a_setting_that_nobody_knows_says_in_which_file_it_stands(folder):
    with (folder / "args.yaml").open("a") as file:
        file.write("mixup: 0.2\n1: 2\n")
    with pytest.raises(UnknownSetting) as error:
        read_recipe(folder)
    assert error.value.where == str(folder / "args.yaml")


def test_a_whole_recipe_is_read(folder):
    (folder / "run.json").write_text("junk")
    assert read_recipe(folder).epochs == 3
