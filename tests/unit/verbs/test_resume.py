"""An interruption at any step, in process: saved, reported, resumed to the same bits."""

from __future__ import annotations

import errno
import os
import shutil
import signal

import pytest

import striate
from striate.core.atomic import CannotWrite
from striate.core.progress import SilentProgress
from striate.core.run_folder import RunBusy
from striate.training.errors import DataChanged, NewerVersion, RunDamaged
from striate.training.watchers import SilentWatcher


class InterruptAt(SilentWatcher):
    """Presses Ctrl-C after so many steps, or in a phase."""

    def __init__(self, steps: int = -1, phase: str = "") -> None:
        self.left, self.phase = steps, phase

    def on_step(self, info):
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGINT)

    def on_phase(self, label):
        if label == self.phase:
            self.phase = ""
            os.kill(os.getpid(), signal.SIGINT)


SETTINGS = {"epochs": 3, "batch_size": 8, "dropout": 0.3, "ema": 0.9, "name": "r"}


@pytest.fixture
def folder(images):
    return images("photos", ["a", "b"], 20)


@pytest.mark.parametrize(
    "watcher",
    [
        InterruptAt(1),
        InterruptAt(3),
        InterruptAt(4),
        InterruptAt(12),
        InterruptAt(phase="val"),
        InterruptAt(phase="scoring"),
    ],
    ids=[
        "first-step",
        "inside-an-epoch",
        "last-step-of-an-epoch",
        "last-step",
        "while-validating",
        "while-scoring",
    ],
)
def test_an_interrupted_run_says_so_and_resumes_to_the_same_bits(quick, folder, tmp_path, watcher):
    whole = quick(folder, **SETTINGS, project=str(tmp_path / "whole"))
    run = quick(folder, **SETTINGS, watcher=watcher)
    assert (run.record.status, run.interrupted_by) == ("interrupted", signal.SIGINT)
    assert (run.path / "report.html").exists()
    resumed = striate.resume(run)
    assert (resumed.record.status, resumed.record.sittings) == ("finished", 2)
    assert resumed.best_weights.read_bytes() == whole.best_weights.read_bytes()
    assert (run.path / "weights/last.safetensors").read_bytes() == (
        whole.path / "weights/last.safetensors"
    ).read_bytes()


def test_resuming_many_times_within_one_epoch(quick, folder, tmp_path):
    whole = quick(folder, **SETTINGS, project=str(tmp_path / "whole"))
    run = quick(folder, **SETTINGS, watcher=InterruptAt(1))
    for _ in range(3):
        run = striate.resume(run, watcher=InterruptAt(1))
        assert run.record.status == "interrupted"
    run = striate.resume(run)
    assert run.best_weights.read_bytes() == whole.best_weights.read_bytes()


def test_a_run_that_another_process_holds_is_refused(quick, folder):
    run = quick(folder, **SETTINGS, watcher=InterruptAt(1))
    with run.folder.locked():
        pid = os.fork()
        if pid == 0:
            try:
                striate.resume(run.path)
            except RunBusy:
                os._exit(7)
            finally:
                os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7


def test_a_report_that_a_kill_left_out_is_drawn_by_resume(quick, folder):
    run = quick(folder, **SETTINGS)
    before = (run.path / "report.html").read_bytes()
    (run.path / "report.html").unlink()
    striate.resume(run)
    assert (run.path / "report.html").read_bytes() == before


@pytest.mark.parametrize("damage", ["", '{"schema_version": 1, "status": "run', "[]"])
def test_a_damaged_record_alone_does_not_end_a_run(quick, folder, tmp_path, damage):
    whole = quick(folder, **SETTINGS, project=str(tmp_path / "whole"))
    run = quick(folder, **SETTINGS, watcher=InterruptAt(5))
    (run.path / "run.json").write_text(damage)
    said = Said()
    resumed = striate.resume(run, progress=said)
    assert said == ["run.json cannot be read; it is written again from the newest checkpoint."]
    assert resumed.record.status == "finished"
    assert resumed.best_weights.read_bytes() == whole.best_weights.read_bytes()


def test_a_damaged_record_of_a_run_that_had_ended_is_written_again(quick, folder):
    run = quick(folder, **SETTINGS)
    before = run.record
    (run.path / "run.json").write_text("junk")
    record = striate.resume(run).record
    assert (record.status, record.val, record.best_epoch) == ("finished", before.val, before.best_epoch)


def test_a_damaged_record_without_a_checkpoint_never_begins_anew_over_the_weights(quick, folder):
    run = quick(folder, **SETTINGS)
    weights = run.best_weights.read_bytes()
    shutil.rmtree(run.path / "checkpoints")
    (run.path / "run.json").write_text("junk")
    with pytest.raises(RunDamaged) as error:
        striate.resume(run)
    assert error.value.next_step == "no checkpoint is there to go on from: start a new run"
    assert run.best_weights.read_bytes() == weights


@pytest.mark.parametrize(("name", "text"), [("args.yaml", "a: ["), ("data.json", '{"name": "photos", "cl')])
def test_a_damaged_file_is_named_by_every_verb_that_needs_it(quick, folder, name, text):
    run = quick(folder, **SETTINGS, watcher=InterruptAt(5))
    (run.path / name).write_text(text)
    verbs = [lambda: striate.resume(run), run.val, run.report]
    if name == "args.yaml":
        verbs = [verbs[0], verbs[1], lambda: run.predict([folder / "a/000.png"])]
    for verb in verbs:
        with pytest.raises(RunDamaged, match=f"{name} cannot be read"):
            verb()


def test_a_newer_run_with_a_new_setting_is_refused_as_newer_by_every_verb(quick, folder):
    run = quick(folder, **SETTINGS, watcher=InterruptAt(5))
    with (run.path / "args.yaml").open("a") as file:
        file.write("mixup: 0.2\n")
    path = run.path / "run.json"
    path.write_text(path.read_text().replace('"schema_version": 2', '"schema_version": 99'))
    for verb in (
        lambda: striate.resume(run),
        run.val,
        run.report,
        lambda: run.predict([folder / "a/000.png"]),
    ):
        with pytest.raises(NewerVersion, match="this run was written by a newer striate"):
            verb()


def test_an_index_of_pictures_that_was_damaged_costs_the_pictures_alone(quick, folder):
    run = quick(folder, **SETTINGS, watcher=InterruptAt(5))
    (run.path / "images/index.json").write_text('{"mistakes": [')
    resumed = striate.resume(run)
    assert resumed.record.status == "finished"
    assert resumed.folder.read_json("images/index.json")["augmented"] == []


def test_data_that_changed_is_told_without_the_table_of_splits(quick, folder):
    run = quick(folder, **SETTINGS, watcher=InterruptAt(5))
    (folder / "a/000.png").unlink()
    (run.path / "splits.csv").write_text("junk")
    with pytest.raises(DataChanged) as error:
        striate.resume(run)
    assert error.value.got == "which files changed is not known: the run's splits.csv cannot be read"


READ_ONLY = OSError(errno.EROFS, "Read-only file system")


@pytest.mark.parametrize(
    ("verb", "next_step"),
    [
        (
            striate.Run.report,
            "make the run folder writable, or copy it to where you may write and report on the copy",
        ),
        (
            striate.resume,
            "make the run folder writable, or copy it to where you may write and resume the copy",
        ),
    ],
)
def test_a_read_only_run_folder_is_refused_with_advice_for_the_verb(
    quick, folder, monkeypatch, verb, next_step
):
    run = quick(folder, **SETTINGS, watcher=InterruptAt(5))

    def refuse(*_, **__):
        raise READ_ONLY

    monkeypatch.setattr("striate.core.atomic.tempfile.mkstemp", refuse)
    with pytest.raises(CannotWrite) as error:
        verb(run)
    assert error.value.next_step == next_step


class Said(list, SilentProgress):
    """Keeps what is said."""

    def say(self, text):
        self.append(text)
