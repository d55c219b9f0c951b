"""One decoding worker: a program at the other end of two pipes, started when first needed.

Knows nothing about scheduling, or what a file that ended it is called.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import numpy as np

from striate.data.decode_run import Job, Piece
from striate.data.decode_worker import FAILED, HEAD, HELLO
from striate.data.facts import FACTS
from striate.data.pixel_errors import WorkersFailed

__all__ = ["Lane", "PixelFileFailed", "ScanOver"]

START_SECONDS = 60.0
"""For a worker to say hello: a cold disk and a busy machine, not a normal start (0.2 s)."""


class PixelFileFailed(OSError):
    """A worker could not write pixels."""


class ScanOver(Exception):
    """No worker may begin any more."""


class Lane:
    """One worker process, started when first needed and again after its death."""

    def __init__(self, job: Job, hang_seconds: float) -> None:
        self._job = job
        self._hang_seconds = hang_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._said: IO[bytes] | None = None
        self._deadline = float("inf")
        self._allowed = hang_seconds
        self._had: float | None = None
        self._code = 0
        self._lock = threading.Lock()
        self._closed = False
        self.hung = False

    def decode(
        self, first: int, paths: Sequence[str], results: queue.SimpleQueue[Piece | BaseException]
    ) -> int:
        """Hand over a run, pass on its pieces, return the first position that was not told done."""
        stop = first + len(paths)
        process = self._started()
        assert process.stdin is not None
        self._expect_word(self._hang_seconds)
        try:
            process.stdin.write(json.dumps({"first": first, "paths": list(paths)}).encode() + b"\n")
            process.stdin.flush()
            while first < stop:
                piece = self._piece(process)
                if piece is None:
                    self.end()
                    break
                self._expect_word(self._hang_seconds)
                first += len(piece.facts)
                results.put(piece)
        except BrokenPipeError:
            self.end()
        self._deadline = float("inf")
        return first

    def end_if_overdue(self) -> None:
        """Kill a worker that hangs; called now and then by whoever watches.

        Silence alone is no proof on a machine with more to do than it can: a worker that wants to run and hardly may
        is given as long again, until it has had half of its time on a processor.
        """
        process, allowed = self._process, self._allowed
        if process is None or time.monotonic() < self._deadline:
            return
        had = _wanting_to_run(process.pid)
        if had is not None and (self._had is None or had - self._had < allowed / 2):
            self._had = had if self._had is None else self._had
            self._deadline = time.monotonic() + allowed
            return
        self.hung = True
        process.kill()

    def _expect_word(self, seconds: float) -> None:
        """The worker should be heard of within so many seconds."""
        self._allowed, self._had = seconds, None
        self._deadline = time.monotonic() + seconds

    def cause(self) -> str:
        """How the last worker ended, in words."""
        if self.hung:
            return f"no answer for {self._hang_seconds:g} s"
        return f"killed by signal {-self._code}" if self._code < 0 else f"ended with code {self._code}"

    def close(self) -> None:
        """End the worker and let no other begin: the scan is over, or given up."""
        with self._lock:
            self._closed = True
        self.end()

    def end(self) -> None:
        """Kill and reap the process; harmless when there is none."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        self._code = process.wait()
        for pipe in (process.stdin, process.stdout, self._said):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):  # a request was on its way to the dead
                    pipe.close()

    def _started(self) -> subprocess.Popen[bytes]:
        """The running worker, or a new one that has said hello."""
        for last in (False, False, True):
            if self._process is not None:
                return self._process
            with self._lock:
                if self._closed:
                    raise ScanOver
                self.hung, self._code = False, 0
                self._said, self._process = _start()
            self._expect_word(START_SECONDS)
            said = self._greeting(self._process, self._said)
            # Killed before it began: memory was short, perhaps, so try again. Ended by itself: it will again.
            if said is not None and (last or self._code >= 0):
                raise WorkersFailed(
                    "a decoding process ended before it began",
                    got=said or self.cause(),
                    next_step="decode in the main process with --workers 0",
                )
        assert self._process is not None
        return self._process

    def _greeting(self, process: subprocess.Popen[bytes], said: IO[bytes]) -> str | None:
        """Send the job and wait for the hello; None when all is well, else the last line of what the worker said."""
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(json.dumps(self._job.to_dict()).encode() + b"\n")
            process.stdin.flush()
            if process.stdout.read(len(HELLO)) == HELLO:
                return None
        process.wait()
        said.seek(0)
        lines = said.read()[-400:].decode(errors="replace").strip().splitlines()
        self.end()
        return lines[-1] if lines else ""

    def _piece(self, process: subprocess.Popen[bytes]) -> Piece | None:
        """The next frame; None when the process has died, in the middle of a frame or between two."""
        assert process.stdout is not None
        read = process.stdout.read
        head = read(HEAD.size)
        if len(head) < HEAD.size:
            return None
        first, n, size = HEAD.unpack(head)
        if n == FAILED:
            number, text = json.loads(read(size))
            raise PixelFileFailed(number, text)
        facts, details = read(n * FACTS.itemsize), read(size)
        if len(facts) < n * FACTS.itemsize or len(details) < size:
            return None
        told = {int(i): text for i, text in json.loads(details).items()} if details else {}
        return Piece(first, np.frombuffer(facts, FACTS), told)


def _wanting_to_run(pid: int) -> float | None:
    """Processor seconds of a process that is running or waiting for a processor; None when it sleeps, or off Linux."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
    except (OSError, UnicodeDecodeError):
        return None
    # proc(5): the state is field 3, user and system time are 14 and 15, in clock ticks.
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields[0] == "R" else None


def _start() -> tuple[IO[bytes], subprocess.Popen[bytes]]:
    """A new worker, and the file that takes what it says on its error stream."""
    said = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the worker has ended
    try:
        process = subprocess.Popen(
            # -P: a user's folder with a `random.py` in it must not come before the standard library.
            [sys.executable, "-P", "-m", "striate.data.decode_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            env=_environment(),
        )
    except OSError as error:
        said.close()
        raise WorkersFailed(
            "cannot start a decoding process",
            got=error.strerror,
            next_step="decode in the main process with --workers 0",
        ) from error
    return said, process


def _environment() -> dict[str, str]:
    """The parent's, with striate on the path however the parent found it, and no idle threads in NumPy."""
    home = str(Path(__file__).resolve().parents[2])
    paths = [home, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OPENBLAS_NUM_THREADS": "1"}
