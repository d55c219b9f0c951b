"""Pictures in a run folder: the policy transform by transform, on the same images; suspects by name."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

import striate
from striate.core.data_observation import Suspect
from striate.core.run_contents import own_files
from striate.core.run_folder import RunFolder
from striate.training.outcome import SHOWN, _side_by_side, write_suspects
from tests.unit.verbs.conftest import write_images


@pytest.fixture
def run_with(tmp_path):
    """A quick run with a policy."""

    def run(**settings):
        data = write_images(tmp_path / "photos", ["left", "right"], 12)
        return striate.train(
            data,
            project=str(tmp_path / "runs"),
            cache_dir=str(tmp_path / "cache"),
            epochs=1,
            workers=0,
            **settings,
        )

    return run


def test_strips_show_the_policy_transform_by_transform(run_with):
    run = run_with(augment="flip+crop2", label_map="flip: left<->right")
    strips = run.folder.read_json("images/index.json")["strips"]
    assert [strip["text"] for strip in strips] == ["as they are", "flip", "crop2", "all together: flip+crop2"]
    assert [strip["file"] for strip in strips] == [f"images/strip-{i:02d}.png" for i in range(1, 5)]
    plain, flipped, *_ = (np.asarray(Image.open(run.path / strip["file"])) for strip in strips)
    assert (flipped[:, :16] == plain[:, 15::-1]).all()
    assert "Transform by transform" in (run.path / "report.html").read_text(encoding="utf-8")


def test_without_augmentation_there_are_no_strips(run_with):
    run = run_with(augment="none")
    assert run.folder.read_json("images/index.json")["strips"] == []
    assert not list(run.path.glob("images/strip-*"))


@pytest.mark.parametrize("channels", [1, 3])
def test_images_stand_side_by_side_with_gaps_that_any_ground_shows_through(channels):
    images = np.random.default_rng(0).integers(0, 256, (3, 5, 24, channels), dtype=np.uint8)
    row = _side_by_side(images)
    assert row.shape == (5, 3 * 26 - 2, 4)
    for i in range(3):
        assert (row[:, 26 * i : 26 * i + 24, :3] == images[i]).all()
        assert (row[:, 26 * i : 26 * i + 24, 3] == 255).all()
        assert (row[:, 26 * i + 24 : 26 * (i + 1), 3] == 0).all()


def test_suspects_are_pictures_of_images_that_the_data_set_knows(tmp_path):
    n = SHOWN + 5
    pixels = np.arange(n, dtype=np.uint8)[:, None, None, None] * np.ones((1, 4, 4, 1), np.uint8)
    known = SimpleNamespace(
        paths=[f"train/{i}.png" for i in range(n)], pixels=pixels, classes=("left", "right")
    )
    (tmp_path / "images").mkdir()
    found = [Suspect(sample="elsewhere.png", given=0, suggested=1, score=1.0)]
    found += [Suspect(sample="train/0.png", given=0, suggested=7, score=0.99)]
    found += [Suspect(sample=f"train/{i}.png", given=0, suggested=1, score=0.9) for i in reversed(range(n))]
    entries = write_suspects(RunFolder(tmp_path), known, found)
    assert len(entries) == SHOWN
    assert entries[0] == {
        "file": "images/suspect-01.png",
        "path": f"train/{n - 1}.png",
        "true": "left",
        "predicted": "right",
        "confidence": 0.9,
    }
    assert np.asarray(Image.open(tmp_path / entries[0]["file"])).max() == n - 1
    assert {tmp_path / entry["file"] for entry in entries} <= {*own_files(tmp_path)}
