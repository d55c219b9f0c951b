"""Reading a run folder: nothing outside it, the right first filters, and refusal in words."""

from __future__ import annotations

import json

import numpy as np
from safetensors.numpy import save_file

from striate.core.layer_records import LayerFact
from striate.report.material import gather_material
from striate.report.page import build_page, render
from tests.diagnoses import healthy, observation


def test_an_index_cannot_pull_other_files_in(run_folder, tmp_path):
    (tmp_path / "secret.png").write_bytes(b"")
    index = {"mistakes": [], "augmented": [{"file": "../secret.png", "label": "x"}]}
    (run_folder / "images/index.json").write_text(json.dumps(index))
    material = gather_material(run_folder)
    assert material.augmented == ()
    assert material.missing == ("images/index.json cannot be read",)


def test_first_filters_are_those_of_the_layer_that_ran_first(run_folder):
    facts = [
        LayerFact(name=n, kind="Conv2d", output_shape=(2, 4, 4), parameters=1)
        for n in ("fc", "stem.conv", "a")
    ]
    (run_folder / "layers.json").write_text(json.dumps([f.to_dict() for f in facts]))
    tensors = {
        "a.weight": np.zeros((2, 2, 3, 3), np.float32),
        "fc.weight": np.zeros((4, 4), np.float32),
        "stem.conv.weight": np.ones((2, 3, 5, 5), np.float16),
    }
    save_file(tensors, run_folder / "weights/best.safetensors")
    filters = gather_material(run_folder).filters
    assert filters is not None
    assert filters.layer == "stem.conv"
    assert filters.weights.dtype == np.float32
    assert filters.weights.shape == (2, 3, 5, 5)


def test_a_whole_folder_misses_nothing(run_folder):
    material = gather_material(run_folder)
    assert material.missing == ()
    assert len(material.notices) == 33
    assert len(material.mistakes) == len(material.augmented) == 12
    assert [strip.text for strip in material.strips] == [
        *("as they are", "flip", "crop4", "all together: flip+crop4")
    ]


def test_a_run_of_before_there_were_strips_misses_nothing(run_folder):
    index = json.loads((run_folder / "images/index.json").read_text())
    del index["strips"]
    (run_folder / "images/index.json").write_text(json.dumps(index))
    material = gather_material(run_folder)
    assert (material.strips, material.missing) == ((), ())
    assert len(material.augmented) == 12


def test_a_strip_outside_the_run_is_not_read(run_folder, tmp_path):
    index = {"mistakes": [], "augmented": [], "strips": [{"file": "../x.png", "text": "flip"}]}
    (run_folder / "images/index.json").write_text(json.dumps(index))
    assert gather_material(run_folder).missing == ("images/index.json cannot be read",)


def test_what_was_judged_and_seen_is_there_or_is_not(run_folder):
    material = gather_material(run_folder)
    assert material.diagnosis == healthy()
    assert material.observation is None
    (run_folder / "observation.json").write_text(observation().to_json())
    (run_folder / "diagnosis.json").write_text("{}")
    material = gather_material(run_folder)
    assert material.diagnosis is None
    assert material.observation == observation()
    assert 'id="findings"' not in render(build_page(material))


def test_suspects_are_pictures_of_the_index(run_folder):
    index = json.loads((run_folder / "images/index.json").read_text())
    index["suspects"] = [{**index["mistakes"][0], "predicted": "frog"}]
    (run_folder / "images/index.json").write_text(json.dumps(index))
    (suspect,) = gather_material(run_folder).suspects
    assert (suspect.file.name, suspect.predicted) == ("mistake-01.png", "frog")
