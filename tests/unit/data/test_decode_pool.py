"""Workers that die, hang or cannot start: the culprit is named, the others lose nothing, none is left over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from striate.data.decode_pool import DecodePool
from striate.data.decode_run import Job
from striate.data.facts import REASONS
from striate.data.pixel_errors import WorkersFailed
from striate.data.preprocess import Preprocess
from striate.data.scan import scan_files
from tests.unit.data.bad_images import encode, photo, plain_listing

PREPROCESS = Preprocess((8, 8))
N = 40

# What a decoder with a bug does, planted through Python's own start-up hook: the worker itself knows no such thing.
SICK = """
import hashlib, os, signal, time
whole = hashlib.blake2b
def blake2b(data, **options):
    if b"CRASH" in data[-9:]: os.kill(os.getpid(), signal.SIGSEGV)
    if b"HANG" in data[-9:]: time.sleep(3600)
    while b"SPIN" in data[-9:]: pass
    if b"SLOW" in data[-9:]: time.sleep(0.3)
    return whole(data, **options)
hashlib.blake2b = blake2b
"""


@pytest.fixture
def sick_decoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "sick"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(SICK)
    monkeypatch.setenv("PYTHONPATH", str(folder))


def folder_of(root: Path, **spoil: bytes) -> list[str]:
    """N pictures; `f7=b"CRASH"` spoils the eighth."""
    (root / "a").mkdir(parents=True)
    for i in range(N):
        data = encode(Image.fromarray(photo(i, 8, 8)), "PNG") + spoil.get(f"f{i}", b"")
        (root / f"a/{i:03}.png").write_bytes(data)
    return [f"a/{i:03}.png" for i in range(N)]


def run(root: Path, paths: list[str], tmp_path: Path, hang_seconds: float = 10.0, workers: int = 2):
    pixels = tmp_path / "pixels"
    pixels.write_bytes(bytes(N * 192))
    scan = scan_files(
        plain_listing(root, paths), PREPROCESS, pixels, workers=workers, hang_seconds=hang_seconds
    )
    rows = np.fromfile(pixels, np.uint8).reshape(N, 8, 8, 3)
    for i in scan.readable.tolist():
        assert np.array_equal(rows[i], photo(i, 8, 8))
    return {
        i: (REASONS[scan.facts["reason"][i]], scan.details.get(i, ""))
        for i in np.flatnonzero(scan.facts["reason"])
    }


@pytest.mark.usefixtures("sick_decoder")
def test_a_file_that_crashes_the_decoder_is_named_and_the_others_are_kept(tmp_path: Path) -> None:
    paths = folder_of(tmp_path / "in", f3=b"CRASH", f4=b"CRASH", f39=b"CRASH")
    crash = ("decoder-crashed", "the decoder was ended: killed by signal 11")
    assert run(tmp_path / "in", paths, tmp_path) == {3: crash, 4: crash, 39: crash}


@pytest.mark.usefixtures("sick_decoder")
@pytest.mark.parametrize("how", [b"HANG", b"SPIN"])
def test_a_file_that_hangs_the_decoder_is_named_and_the_others_are_kept(tmp_path: Path, how: bytes) -> None:
    paths = folder_of(tmp_path / "in", f5=how)
    hung = ("decoder-hung", "the decoder was ended: no answer for 1.5 s")
    assert run(tmp_path / "in", paths, tmp_path, hang_seconds=1.5) == {5: hung}


def children() -> set[int]:
    """Process ids of this process's decoding workers."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if stat.rpartition(") ")[2].split()[1] == str(os.getpid()) and b"decode_worker" in command:
                found.add(int(entry.name))
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False


def wait_until(true, seconds: float = 60.0) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return bool(true())


@pytest.mark.usefixtures("sick_decoder")
def test_killing_workers_for_real_loses_nothing(tmp_path: Path) -> None:
    paths = folder_of(tmp_path / "in", **{f"f{i}": b"SLOW" for i in range(0, N, 10)})

    def kill_two() -> None:
        for _ in range(2):
            if wait_until(children):
                time.sleep(0.1)
                for pid in list(children())[:1]:
                    os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=kill_two)
    killer.start()
    assert run(tmp_path / "in", paths, tmp_path) == {}
    killer.join()
    assert wait_until(lambda: not children())


@pytest.mark.usefixtures("sick_decoder")
@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_leaving_early_ends_every_worker(tmp_path: Path, error: type[BaseException]) -> None:
    paths = folder_of(tmp_path / "in", f39=b"HANG", f1=b"HANG")
    (tmp_path / "pixels").write_bytes(bytes(N * 192))
    job = Job(f"{tmp_path}/in/", str(tmp_path / "pixels"), PREPROCESS)

    def leave() -> None:
        with DecodePool(job, paths, 2) as pool:
            next(iter(pool.pieces()))
            raise error

    with pytest.raises(error):
        leave()
    assert children() == set()
    assert not [t for t in threading.enumerate() if t.name == "striate-decode"]


PARENT = """
import sys
import numpy as np
from pathlib import Path
from striate.data.preprocess import Preprocess
from striate.data.scan import scan_files
from tests.unit.data.bad_images import plain_listing
root, pixels, n = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
paths = [f"a/{i:03}.png" for i in range(n)]
pixels.write_bytes(bytes(n * 192))
scan_files(plain_listing(root, paths), Preprocess((8, 8)), pixels, workers=2)
"""


@pytest.mark.usefixtures("sick_decoder")
@pytest.mark.parametrize("deadly", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_workers_do_not_outlive_their_parent(
    tmp_path: Path, deadly: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder_of(tmp_path / "in", f0=b"HANG", f39=b"HANG")
    source = Path(__file__).resolve().parents[3]
    monkeypatch.setenv("PYTHONPATH", f"{source / 'src'}:{source}", prepend=":")
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "in"), str(tmp_path / "pixels"), str(N)],
        stderr=subprocess.PIPE,
    )
    offspring = Path(f"/proc/{parent.pid}/task")

    def workers() -> list[int]:
        return [int(pid) for path in offspring.glob("*/children") for pid in path.read_text().split()]

    assert wait_until(lambda: len(workers()) == 2)
    pids = workers()
    time.sleep(0.3)
    parent.send_signal(deadly)
    parent.communicate(timeout=60)
    assert wait_until(lambda: not any(alive(pid) for pid in pids))


def test_a_worker_that_cannot_start_is_an_error_with_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = folder_of(tmp_path / "in")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "simplejpeg.py").write_text("raise ImportError('no libjpeg here')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "bad"))
    with pytest.raises(WorkersFailed) as caught:
        run(tmp_path / "in", paths, tmp_path)
    assert str(caught.value) == (
        "a decoding process ended before it began [workers-failed]\n"
        "  got       ImportError: no libjpeg here\n"
        "  next      decode in the main process with --workers 0"
    )


def test_a_python_that_is_not_there_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = folder_of(tmp_path / "in")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(WorkersFailed, match=r"^cannot start a decoding process \[workers-failed\]"):
        run(tmp_path / "in", paths, tmp_path)


def test_pixels_that_cannot_be_written_are_an_error(tmp_path: Path) -> None:
    paths = folder_of(tmp_path / "in")
    for workers in (0, 1):
        with pytest.raises(OSError, match=r"No such file"):
            scan_files(plain_listing(tmp_path / "in", paths), PREPROCESS, tmp_path / "gone", workers=workers)


def test_a_script_of_the_same_name_as_a_module_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = folder_of(tmp_path / "in")
    for name in ("random.py", "numpy.py", "json.py"):
        (tmp_path / name).write_text("raise SystemExit('the wrong module')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    assert run(tmp_path / "in", paths, tmp_path) == {}
