"""A run folder judged from its records: with all parts, with parts missing, with an audit, and kept."""

from __future__ import annotations

import json

import pytest
from safetensors.numpy import save_file

from striate.core.diagnosis_records import Diagnosis
from striate.core.inside_records import LoopSeen
from striate.core.observation_records import Observation
from striate.training.errors import RunDamaged
from striate.training.run_audit import keep_audit
from striate.training.run_files import read_diagnosis, read_observation
from striate.verbs.judging import judge, keep_judgement, observe
from tests.audits import about_a_run, finding
from tests.unit.report.fabricate import fabricate, write

LOOP = LoopSeen(optimizer_steps=0, backwards=100, train_forwards=100)


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path / "run", *fabricate())


def test_records_alone_are_enough(folder):
    seen = observe(folder)
    assert (len(seen.epochs), seen.setting.optimizer, seen.loop) == (20, "SGD", None)
    assert seen.data.overlap.exact == 0
    assert judge(folder, seen).verdict != "problem"


def test_what_was_watched_is_read_back(folder):
    watched = observe(folder).model_copy(update={"loop": LOOP, "epochs": ()})
    folder.write_text("observation.json", watched.to_json())
    seen = observe(folder)
    assert (seen.loop, len(seen.epochs)) == (LOOP, 20)
    assert judge(folder, seen).findings[0].condition == "parameters-not-updated"


@pytest.mark.parametrize("text", ["", "{}", '{"version": 1', '{"version": 99}'])
def test_an_observation_that_cannot_be_read_is_as_good_as_none(folder, text):
    folder.write_text("observation.json", text)
    assert read_observation(folder) is None
    assert len(observe(folder).epochs) == 20


def test_a_newer_observation_is_not_believed(folder):
    newer = observe(folder).model_copy(update={"version": 99, "loop": LOOP})
    folder.write_text("observation.json", newer.to_json())
    assert observe(folder).loop is None


@pytest.mark.parametrize("damage", [None, "path,kind\n\x00"])
def test_without_the_table_of_the_scan_nothing_is_said_about_equal_files(folder, damage):
    (folder / "scan.csv").unlink()
    if damage:
        (folder / "scan.csv").write_bytes(b"\xff\xfe" + damage.encode())
    assert observe(folder).data.overlap is None


def test_without_its_records_there_is_no_judgement(folder):
    (folder / "run.json").write_text("{}")
    with pytest.raises(RunDamaged):
        observe(folder)


def test_both_files_are_written_and_read_back(folder):
    found = keep_judgement(folder, observe(folder))
    assert read_diagnosis(folder) == found
    assert Observation.from_json((folder / "observation.json").read_text()) == observe(folder)
    (folder / "diagnosis.json").write_text(json.dumps({"findings": 3}))
    assert read_diagnosis(folder) is None
    assert isinstance(found, Diagnosis)


def test_an_audit_of_these_weights_and_classes_joins(folder):
    save_file({}, folder / "weights/best.safetensors")
    seen = observe(folder)
    keep_audit(folder, finding(classes=seen.setting.class_names, findings=(about_a_run(),)))
    assert about_a_run() in judge(folder, seen).findings
    (folder / "weights/best.safetensors").write_bytes(b"other weights")
    assert about_a_run() not in judge(folder, seen).findings
