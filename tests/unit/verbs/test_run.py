"""What a run can be asked: predict as in training, val, report, lr-find without a trace."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

import striate
from striate.core.run_place import FolderTaken, RunInData
from striate.data.errors import EmptySplit
from striate.training.errors import ModelNeeded
from striate.verbs.errors import UnknownClass

EXPECTED_FILES = {
    "args.yaml",
    "confusion_matrix.png",
    "confusion_matrix_normalized.png",
    "data.json",
    "diagnosis.json",
    "env.json",
    "images/index.json",
    "layers.json",
    "observation.json",
    "per_class.csv",
    "predictions.csv",
    "report.html",
    "results.csv",
    "results.png",
    "run.json",
    "scan.csv",
    "splits.csv",
    "train_batch0.jpg",
    "weights/best.safetensors",
    "weights/last.safetensors",
}


def test_the_folder_holds_what_users_look_for(trained):
    _, run = trained
    found = {str(p.relative_to(run.path)) for p in run.path.rglob("*") if p.is_file()}
    assert found >= EXPECTED_FILES
    assert len(list((run.path / "checkpoints").iterdir())) <= 2
    assert not [name for name in found if name.endswith(".tmp")]


def test_splits_are_disjoint_whole_and_the_test_split_is_scored_once(trained):
    _, run = trained
    counts = {split: sum(n) for split, n in run.data.counts.items()}
    assert counts == {"train": 24, "val": 8, "test": 8}
    assert run.record.test.n == 8
    assert run.record.val.n == 8


def test_predicting_a_training_file_gives_the_probability_that_training_wrote(trained):
    data, run = trained
    rows = list(csv.DictReader((run.path / "predictions.csv").read_text().splitlines()))
    for row, prediction in zip(rows, run.predict([data / row["path"] for row in rows]), strict=True):
        assert prediction.label == row["predicted"]
        assert prediction.confidence == pytest.approx(float(row["confidence"]), abs=2e-6)


def test_val_gives_the_figure_of_the_run(trained):
    _, run = trained
    assert run.val() == run.record.val
    assert run.val(split="test").correct == run.record.test.correct


def test_val_on_other_data_matches_classes_by_name(trained, images):
    _, run = trained
    score = run.val(str(images("more", ["bees"] * 1 + ["ants"], 5)))
    assert score.n == 10
    with pytest.raises(UnknownClass, match="was not trained on"):
        run.val(str(images("other", ["bees", "wasps"], 5)))
    with pytest.raises(EmptySplit, match="no image in the val split"):
        run.val(str(images("more", ["bees", "ants"], 5)), split="val")


def test_predict_takes_folders_arrays_and_names_what_it_cannot_read(trained, tmp_path):
    data, run = trained
    (tmp_path / "bad.jpg").write_bytes(b"\xff\xd8\xff\xe0junk")
    array = np.asarray(Image.open(data / "ants/000.png"))
    got = run.predict([data / "ants", array, tmp_path / "bad.jpg"], batch_size=7, top=1)
    assert len(got) == 22
    assert got[0].path == str(data / "ants/000.png")
    assert (got[20].path, got[20].label) == ("array 1", got[0].label)
    assert (got[21].label, got[21].top) == ("", ())
    assert got[21].problem


def test_a_report_written_again_is_the_same_bytes(trained):
    _, run = trained
    before = (run.path / "report.html").read_bytes()
    assert run.report() == run.path / "report.html"
    assert (run.path / "report.html").read_bytes() == before


def test_the_recipe_that_was_written_trains_the_same_again(trained, tmp_path):
    _, run = trained
    again = striate.train(**{**run.recipe.model_dump(), "project": str(tmp_path), "name": "again"})
    assert again.best_weights.read_bytes() == run.best_weights.read_bytes()


def test_the_callers_random_state_and_flags_are_as_before(quick, images):
    torch.manual_seed(3)
    before = torch.random.get_rng_state()
    quick(images("r", ["a", "b"], 6), dropout=0.5)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert not torch.are_deterministic_algorithms_enabled()


def test_a_module_is_trained_in_place_and_holds_the_best_weights(quick, images):
    folder = images("m", ["a", "b"], 10)
    model = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2)
    )
    before = [p.detach().clone() for p in model.parameters()]
    run = quick(folder, model=model)
    assert not all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))
    assert run.predict([folder / "a/000.png"])[0].label in ("a", "b")
    assert model.training
    with pytest.raises(ModelNeeded, match="network was a Python object"):
        striate.predict(run.path, [folder / "a/000.png"])


def tree(folder: Path) -> dict[str, str]:
    return {str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.rglob("*") if p.is_file()}


def test_lr_find_leaves_no_trace(images, tmp_path, monkeypatch, no_trace):
    monkeypatch.chdir(tmp_path)
    folder = images("l", ["a", "b"], 20)
    cache = tmp_path / "cache"
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4 * 14 * 14, 2))
    striate.lr_find(folder, model=model, cache_dir=str(cache), workers=0)
    before = tree(tmp_path)
    with no_trace(model):
        found = striate.lr_find(folder, model=model, cache_dir=str(cache), workers=0)
    assert tree(tmp_path) == before
    assert 1e-6 <= found.suggestion <= 1.0
    assert len(found.lr) == len(found.loss) > 20


class Blind(nn.Module):
    """Says the same of every image."""

    def __init__(self):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(2))

    def forward(self, images):
        return self.bias.expand(len(images), 2)


def test_lr_find_on_a_network_that_cannot_learn_says_that_it_is_a_weak_guess():
    x, y = np.random.default_rng(0).integers(0, 256, (60, 8, 8, 3), dtype=np.uint8), np.arange(60) % 2
    assert "weak guess" in striate.lr_find((x, y), model=Blind()).sentence


def test_a_user_file_is_never_touched(quick, images):
    folder = images("untouched", ["a", "b"], 8)
    (folder / "a/bad.png").write_bytes(b"")
    before = tree(folder)
    quick(folder)
    assert tree(folder) == before


def test_exist_ok_begins_from_nothing_and_leaves_foreign_files(quick, images):
    folder = images("e", ["a", "b"], 8)
    quick(folder, name="e", epochs=3)
    run = quick(folder, name="e", exist_ok=True, epochs=1)
    (run.path / "notes.txt").write_text("mine")
    again = quick(folder, name="e", exist_ok=True, epochs=2)
    assert again.path == run.path
    assert [r.epoch for r in again.history] == [1, 2]
    assert (again.path / "notes.txt").read_text() == "mine"
    fresh = quick(folder, name="f", epochs=2)
    assert again.best_weights.read_bytes() == fresh.best_weights.read_bytes()


def test_exist_ok_never_touches_the_images_it_trains_on(quick, images, tmp_path):
    folder = images("mydata/images", ["a", "b"], 8).parent
    (folder / "results.csv").write_text("mine")
    before = tree(folder)
    with pytest.raises(FolderTaken, match="something else than a run"):
        quick(folder, project=str(tmp_path), exist_ok=True)
    with pytest.raises(RunInData, match="the run would be kept in the data"):
        quick(folder, project=str(folder), name="run", exist_ok=True)
    assert tree(folder) == before


def test_exist_ok_never_touches_a_folder_of_somebody_elses(quick, images, tmp_path):
    folder = images("mine", ["a", "b"], 8)
    (tmp_path / "runs/foreign/images").mkdir(parents=True)
    (tmp_path / "runs/foreign/images/mine.png").write_bytes(b"mine")
    with pytest.raises(FolderTaken):
        quick(folder, name="foreign", exist_ok=True)
    assert tree(tmp_path / "runs") == tree(tmp_path / "runs/foreign")
    assert (tmp_path / "runs/foreign/images/mine.png").read_bytes() == b"mine"
