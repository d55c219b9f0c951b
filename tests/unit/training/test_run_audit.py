"""What an audit found is believed for the weights and the classes it was about, and for no others."""

from __future__ import annotations

import os

import pytest

from striate.core.atomic import CannotWrite
from striate.core.run_contents import own_files
from striate.core.run_folder import RunFolder
from striate.training.run_audit import audit_of, keep_audit
from striate.verbs.run import Run
from tests.audits import digits

FOUND = digits()


@pytest.fixture
def run(tmp_path) -> Run:
    folder = RunFolder.create(tmp_path, "a")
    folder.write_text("args.yaml", "epochs: 3\n")
    (folder / "weights/best.safetensors").write_bytes(b"best")
    (folder / "weights/last.safetensors").write_bytes(b"last")
    return Run(folder.path)


def test_what_was_kept_is_found(run) -> None:
    assert keep_audit(run.folder, FOUND) == run.path / "augmentation.json"
    assert audit_of(run.folder, run.best_weights, FOUND.classes) == FOUND
    keep_audit(run.folder, digits(data="again"))
    assert audit_of(run.folder, run.best_weights, FOUND.classes).data == "again"


def test_of_other_weights_or_classes_it_says_nothing(run) -> None:
    assert audit_of(run.folder, run.best_weights, FOUND.classes) is None
    keep_audit(run.folder, FOUND)
    assert audit_of(run.folder, run.folder / "weights/last.safetensors", FOUND.classes) is None
    assert audit_of(run.folder, run.best_weights, FOUND.classes[::-1]) is None
    run.best_weights.write_bytes(b"trained on")
    assert audit_of(run.folder, run.best_weights, FOUND.classes) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"weights": "0", "finding": {}}', "\xff"])
def test_what_cannot_be_read_says_nothing(run, text) -> None:
    (run.folder / "augmentation.json").write_text(text, encoding="latin-1")
    assert audit_of(run.folder, run.best_weights, FOUND.classes) is None


def test_it_is_one_of_the_runs_own_files(run) -> None:
    path = keep_audit(run.folder, FOUND)
    assert path in own_files(run.path)


@pytest.mark.skipif(os.name == "nt", reason="folders cannot be made read-only there")
def test_a_run_that_may_not_be_written_to(run, monkeypatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise CannotWrite("cannot write here", where=run.path)

    monkeypatch.setattr("striate.core.run_folder.write_atomic", refuse)
    with pytest.raises(CannotWrite) as refusal:
        keep_audit(run.folder, FOUND)
    assert refusal.value.next_step == (
        "all that was found is in the audit's own folder; only --tta has to do without it"
    )
