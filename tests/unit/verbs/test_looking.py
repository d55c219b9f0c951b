"""Where results go, and what was looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from torch import nn

from striate.core.atomic import CannotWrite
from striate.core.run_place import RunInData
from striate.verbs.looking import folder_for, looked_at, place_for, plain_name
from striate.verbs.subject import load_subject


def test_the_folder_has_the_name_of_the_network_or_of_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trained: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    _, run = trained
    net = load_subject(nn.Sequential(nn.Conv2d(3, 1, 1)))
    assert place_for(net, "field", None) == Path("runs/field/Sequential")
    assert place_for(load_subject(run), "field", None) == Path("runs/field") / run.path.name
    assert place_for(net, "field", "a/b") == Path("a/b")
    assert (tmp_path / "a/b").is_dir()


def test_names_are_safe_for_files() -> None:
    assert plain_name("timm/resnet50.a1_in1k") == "timm-resnet50.a1_in1k"
    assert plain_name("../..") == "network"


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(CannotWrite):
        place_for(load_subject(nn.Flatten()), "field", tmp_path / "file" / "inner")


def test_what_was_looked_at(trained: Any) -> None:
    _, run = trained
    record = looked_at(load_subject(run), "3 images")
    assert (record.input_size, record.images, record.normalisation) == ((3, 16, 16), "3 images", "the run's")
    assert record.weights == f"best weights of the run {run.path}"


def test_results_are_not_kept_in_the_data(tmp_path, monkeypatch):
    data = tmp_path / "photos"
    (data / "cats").mkdir(parents=True)
    for out in (data, data / "new"):
        with pytest.raises(RunInData, match="would be kept in the data"):
            folder_for("photos", "augment", out, str(data))
    assert [path.name for path in data.iterdir()] == ["cats"]
    assert folder_for("photos", "augment", tmp_path, str(data)) == tmp_path
    monkeypatch.chdir(tmp_path)
    assert folder_for("photos", "augment", None, "photos").is_dir()
