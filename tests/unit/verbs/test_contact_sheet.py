"""The sheet of `--show`: images of every class, each transform that fits, nothing trained."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from striate.augment.catalogue import TRANSFORMS
from striate.augment.errors import TransformDoesNotFit
from striate.report.contact_sheet import GAP, LABEL, MARGIN, TILE
from striate.training.errors import InvalidSetting
from striate.verbs import contact_sheet as module
from striate.verbs.contact_sheet import _every, _spread, contact_sheet


@pytest.fixture
def strips(monkeypatch):
    """The texts of the strips that are drawn."""
    seen = []

    def write(found, classes, folder):
        seen.extend(strip.text for strip in found)
        return folder / "sheet.png"

    monkeypatch.setattr(module, "write_contact_sheet", write)
    return seen


def test_the_sheet_lies_beside_the_audits(images, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    path = contact_sheet(images("photos", ["a", "b"], 8), n=3, cache_dir=tmp_path / "cache")
    assert path.as_posix() == "runs/augment/photos/sheet.png"
    with Image.open(path) as sheet:
        assert sheet.size[0] == 2 * MARGIN + LABEL + 3 * TILE + 2 * GAP


def test_by_default_every_transform_that_fits(images, strips, tmp_path):
    contact_sheet(images("photos", ["a", "b"], 8), out=tmp_path / "out", cache_dir=tmp_path / "cache")
    assert strips[0] == "as they are"
    assert len(strips) == 1 + len(TRANSFORMS)
    assert not any(text.startswith("all together") for text in strips)


def test_a_policy_is_also_shown_whole(images, strips, tmp_path):
    data = images("photos", ["a", "b"], 8)
    contact_sheet(data, "mixup+flip", out=tmp_path / "out", cache_dir=tmp_path / "cache")
    assert strips == ["as they are", "flip", "mixup1", "all together: flip+mixup1"]


def test_a_policy_that_was_asked_for_has_to_fit(images, tmp_path):
    with pytest.raises(TransformDoesNotFit):
        contact_sheet(images("photos", ["a", "b"], 8), "crop40", out=tmp_path, cache_dir=tmp_path / "cache")


@pytest.mark.parametrize("settings", [{"n": 0}, {"seed": -1}])
def test_numbers_below_what_they_can_be(settings):
    with pytest.raises(InvalidSetting):
        contact_sheet("digits", **settings)


def test_grey_images_have_no_colour_to_change():
    names = {t.name for t in _every((1, 16, 16)).transforms}
    assert not names & {"hue", "saturation", "gray"}
    assert {"hue", "saturation", "gray"} <= {t.name for t in _every((3, 16, 16)).transforms}


def test_images_are_spread_over_the_classes():
    labels = np.repeat(np.arange(5), [50, 1, 20, 20, 20])
    rows = np.flatnonzero(labels >= 0)
    assert labels[_spread(labels, rows, 5, 0)].tolist() == [0, 1, 2, 3, 4]
    assert labels[_spread(labels, rows, 8, 0)].tolist() == [0, 0, 1, 2, 3, 3, 4, 4]
    assert labels[_spread(labels, rows, 3, 0)].tolist() == [0, 2, 4]
    chosen = _spread(labels, rows, 40, 0)
    assert len(set(chosen.tolist())) == 40
    assert len(_spread(labels, rows[:4], 8, 0)) == 4
    assert (chosen == _spread(labels, rows, 40, 0)).all()
    assert (chosen != _spread(labels, rows, 40, 1)).any()


def test_a_run_is_shown_under_its_own_policy(images, strips, quick, tmp_path):
    data = images("photos", ["left", "right"], 12)
    run = quick(data, augment="flip+crop2", label_map="flip: left<->right", name="mirrored")
    contact_sheet(run=run, out=tmp_path / "out")
    assert strips == ["as they are", "flip", "crop2", "all together: flip+crop2"]
