"""When silence is a hang: at once for a worker that sleeps, later for one that hardly gets to run."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from striate.data import decode_lane
from striate.data.decode_lane import Lane
from striate.data.decode_run import Job
from striate.data.preprocess import Preprocess


class Silent:
    """A process that says nothing; `had` are its processor seconds, None while it sleeps."""

    pid = 1

    def __init__(self) -> None:
        self.had: float | None = 0.0
        self.killed = False

    def kill(self) -> None:
        self.killed = True


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch):
    """A lane that has waited for its worker since second 0, and a function that looks at it at a given second."""
    now, process = [0.0], Silent()
    monkeypatch.setattr(decode_lane.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(decode_lane, "_wanting_to_run", lambda pid: process.had)
    lane = Lane(Job("", "", Preprocess((4, 4))), 10.0)
    lane._process = process  # type: ignore[assignment]
    lane._expect_word(10.0)

    def at(second: float, had: float | None) -> bool:
        now[0], process.had = second, had
        lane.end_if_overdue()
        return process.killed

    return at


def test_a_worker_that_sleeps_too_long_hangs(watched) -> None:
    assert not watched(9.9, None)
    assert watched(10.1, None)


def test_a_worker_that_computes_too_long_hangs(watched) -> None:
    assert not watched(10.1, 8.0)
    assert not watched(20.0, 12.9), "it has as long again"
    assert watched(20.2, 13.1)


def test_a_worker_that_hardly_gets_to_run_does_not_hang(watched) -> None:
    for second in range(10, 600, 10):
        assert not watched(second + 1, 8.0 + second / 130)


def test_processor_time_is_read_of_processes_that_want_to_run() -> None:
    if not Path("/proc/self/stat").exists():
        pytest.skip("states of processes are read on Linux only")
    assert decode_lane._wanting_to_run(os.getpid()) == pytest.approx(time.process_time(), abs=5)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as sleeper:
        end = time.monotonic() + 30
        while decode_lane._wanting_to_run(sleeper.pid) is not None and time.monotonic() < end:
            time.sleep(0.05)
        assert decode_lane._wanting_to_run(sleeper.pid) is None
        sleeper.communicate(b"\n")
    assert decode_lane._wanting_to_run(sleeper.pid) is None
