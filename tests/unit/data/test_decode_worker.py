"""The worker is light and speaks only its protocol."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from striate.data.decode_run import Job
from striate.data.decode_worker import FAILED, HEAD, HELLO
from striate.data.facts import FACTS
from striate.data.preprocess import Preprocess
from tests.unit.data.bad_images import encode, photo

SOURCE = str(Path(__file__).resolve().parents[3] / "src")
HEAVY = {
    "torch",
    "torchvision",
    "pydantic",
    "matplotlib",
    "scipy",
    "sklearn",
    "rich",
    "multiprocessing",
    "pickle",
}


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": SOURCE}


def test_a_worker_imports_nothing_heavy() -> None:
    code = "import sys, striate.data.decode_worker; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment()
    )
    # NumPy itself loads pickle.
    assert set(loaded.stdout.split()) & (HEAVY - {"pickle"}) == set()
    assert "striate" in loaded.stdout


def test_a_worker_answers_in_frames_and_ends_with_its_input(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encode(Image.fromarray(photo(1, 4, 4)), "PNG"))
    (tmp_path / "b.png").write_bytes(b"text")
    (tmp_path / "p").write_bytes(bytes(3 * 48))
    worker = subprocess.Popen(
        [sys.executable, "-P", "-m", "striate.data.decode_worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(),
    )
    assert worker.stdin is not None
    assert worker.stdout is not None
    job = Job(f"{tmp_path}/", str(tmp_path / "p"), Preprocess((4, 4)))
    worker.stdin.write(json.dumps(job.to_dict()).encode() + b"\n")
    worker.stdin.write(json.dumps({"first": 1, "paths": ["a.png", "b.png"]}).encode() + b"\n")
    worker.stdin.flush()
    assert worker.stdout.read(len(HELLO)) == HELLO
    first, n, size = HEAD.unpack(worker.stdout.read(HEAD.size))
    assert (first, n) == (1, 2)
    facts = np.frombuffer(worker.stdout.read(n * FACTS.itemsize), FACTS)
    assert facts["reason"].astype(bool).tolist() == [False, True]
    assert json.loads(worker.stdout.read(size)) == {"2": "text"}
    rows = np.fromfile(tmp_path / "p", np.uint8).reshape(3, 4, 4, 3)
    assert np.array_equal(rows[1], photo(1, 4, 4))
    (tmp_path / "p").unlink()
    worker.stdin.write(json.dumps({"first": 0, "paths": ["a.png"]}).encode() + b"\n")
    worker.stdin.flush()
    _, n, size = HEAD.unpack(worker.stdout.read(HEAD.size))
    assert n == FAILED
    assert json.loads(worker.stdout.read(size)) == [2, "No such file or directory"]
    worker.stdin.close()
    assert worker.wait(timeout=60) == 0
    assert worker.stdout.read() == b""
    worker.stdout.close()
