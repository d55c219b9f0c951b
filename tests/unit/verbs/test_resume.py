"""An interruption at any step, in process: saved, reported, resumed to the same bits."""

from __future__ import annotations

import os
import signal

import pytest

import striate
from striate.core.run_folder import RunBusy
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
