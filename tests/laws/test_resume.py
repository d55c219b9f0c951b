"""Kill a run at any moment, resume, and the weights are those of the run nobody touched: to the bit.

Real processes, real signals. The victims are forked from one that has imported torch, so that this is paid once; a few
trials start Python anew. ``-m slow`` runs the full count.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file

import striate

SETTINGS = {
    "model": "classic",
    "epochs": 3,
    "batch_size": 8,
    "dropout": 0.2,
    "ema": 0.9,
    "augment": "altflip+crop2+brightness0.2@0.5+mixup0.4@0.7",
    "label_map": "altflip: class 1<->class 2, !class 3",
    "save_every": 1e-4,
    "workers": 0,
    "name": "run",
}
VARIANTS = {
    "adamw": {},
    "sgd-onecycle-clip": {"opt": "sgd", "sched": "onecycle", "clip_grad": 0.5, "ema": None},
    "adam-step-balanced": {"opt": "adam", "sched": "step", "class_weights": "balanced", "smoothing": 0.1},
    "bf16-patience": {"precision": "bf16", "patience": 1, "epochs": 4},
}


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Four classes of 16x16 noise with a tint, 25 each: enough to train on, quick to train."""
    root, rng = tmp_path_factory.mktemp("photos"), np.random.default_rng(0)
    for c in range(4):
        (root / f"class {c}").mkdir()
        for n in range(25):
            pixels = rng.integers(0, 200, (16, 16, 3)) + np.array([c * 15, 0, 45 - c * 15])
            Image.fromarray(pixels.astype(np.uint8)).save(root / f"class {c}" / f"{n}.png")
    return root


def outcome(run: Path) -> tuple[str, ...]:
    """What must not depend on interruptions: every weight, every figure that is not a time."""
    digests = [
        hashlib.sha256(
            b"".join(v.tobytes() for _, v in sorted(load_file(run / f"weights/{w}.safetensors").items()))
        )
        for w in ("best", "last")
    ]
    record = json.loads((run / "run.json").read_text())
    for epoch in record["history"]:
        for timing in ("seconds", "images_per_second", "data_wait"):
            del epoch[timing]
    kept = {k: record[k] for k in ("history", "best_epoch", "val", "test", "stopped_early", "status")}
    rows = (run / "results.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in rows[1:]] == [str(e + 1) for e in range(len(record["history"]))]
    predictions = hashlib.sha256((run / "predictions.csv").read_bytes()).hexdigest()
    return (*(d.hexdigest() for d in digests), json.dumps(kept, sort_keys=True), predictions)


def work(photos: Path, project: Path, settings: dict[str, object]) -> None:
    """Begin the run, or go on with it: what a person does after a kill."""
    if (project / "run/args.yaml").exists():
        striate.resume(project / "run")
    else:
        striate.train(
            photos, project=str(project), exist_ok=True, cache_dir=str(photos.parent / "cache"), **settings
        )


NURSERY = multiprocessing.get_context("forkserver")
# A process that has computed a gradient cannot fork any more where torch was built with CUDA. So the victims are forked
# from one that has imported everything and computed nothing.
NURSERY.set_forkserver_preload(
    ["striate.verbs.train", "striate.verbs.resume", "scipy.stats", "matplotlib.figure"]
)


def begun(photos: Path, project: Path, settings: dict[str, object]) -> BaseProcess:
    """`work` in a process of its own."""
    process = NURSERY.Process(target=work, args=(photos, project, settings))
    process.start()
    return process


def ended_within(process: BaseProcess, seconds: float) -> bool:
    """Wait so long for a process; True when it ended of itself, and then well."""
    process.join(seconds)
    if process.is_alive():
        return False
    assert process.exitcode == 0
    return True


def kill(process: BaseProcess) -> None:
    """SIGKILL, and wait until it is gone."""
    process.kill()
    process.join()


def finished(run: Path) -> bool:
    """Finished with its report, which is drawn last."""
    if not (run / "report.html").exists():
        return False
    return json.loads((run / "run.json").read_text())["status"] == "finished"


OFTEN = ("adamw", "sgd-onecycle-clip")
"""Variants of every test run; the others are slow ones."""


@pytest.fixture(
    scope="module", params=[v if v in OFTEN else pytest.param(v, marks=pytest.mark.slow) for v in VARIANTS]
)
def reference(request, photos, tmp_path_factory):
    """A run nobody touched: its settings, outcome and duration."""
    settings = {**SETTINGS, **VARIANTS[request.param]}
    project = tmp_path_factory.mktemp("reference")
    assert ended_within(begun(photos, project, settings), 300)  # also fills the cache and warms everything up
    again = tmp_path_factory.mktemp("again")
    begin = time.monotonic()
    assert ended_within(begun(photos, again, settings), 300)
    duration = time.monotonic() - begin
    assert outcome(again / "run") == outcome(project / "run"), (
        "two untouched runs differ: nothing else can be tested"
    )
    return settings, outcome(project / "run"), duration


def leave_half_written(run: Path) -> None:
    """What a kill within a write leaves: few of the kills here hit one, and each must be swept."""
    for name in ("weights/.best.safetensors.ab_d1234.tmp", ".run.json.abcd1234.tmp"):
        if (run / name).parent.is_dir():
            (run / name).write_bytes(b"half")


def survive(photos, project, reference, rng, kills):
    settings, expected, duration = reference
    for _ in range(kills):
        if finished(project / "run"):
            break
        process = begun(photos, project, settings)
        if ended_within(process, rng.uniform(0, duration)):
            break
        kill(process)
        if not finished(project / "run"):
            leave_half_written(project / "run")
    while not finished(project / "run"):
        assert ended_within(begun(photos, project, settings), 300)
    assert outcome(project / "run") == expected
    assert [p.name for p in (project / "run").rglob("*.tmp")] == []


@pytest.mark.parametrize("trial", range(2))
def test_sigkill_once_at_any_time(photos, tmp_path, reference, trial):
    survive(photos, tmp_path, reference, np.random.default_rng(trial), kills=1)


def test_sigkill_many_times(photos, tmp_path, reference):
    survive(photos, tmp_path, reference, np.random.default_rng(99), kills=4)


@pytest.mark.slow
@pytest.mark.parametrize("trial", range(75))
def test_sigkill_hundreds_of_times(photos, tmp_path, reference, trial):
    rng = np.random.default_rng(1000 + trial)
    survive(photos, tmp_path, reference, rng, kills=int(rng.integers(1, 4)))


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_a_polite_signal_saves_says_and_resumes_in_a_fresh_process(photos, tmp_path, number):
    """The whole tool, as a person runs it: interrupted with Ctrl-C or kill, resumed by the printed command."""
    settings = [f"{k}={v}" for k, v in {**SETTINGS, "epochs": 12}.items() if k != "save_every"]
    cache = f"cache_dir={photos.parent / 'cache'}"
    command = [sys.executable, "-m", "striate", "train", str(photos), *settings, cache]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    untouched = subprocess.run(
        [*command, f"project={tmp_path / 'a'}"], capture_output=True, text=True, env=environment, timeout=300
    )
    assert untouched.returncode == 0, untouched.stderr
    victim = subprocess.Popen(
        [*command, f"project={tmp_path / 'b'}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
    )
    said = ""
    while "\nepoch  3/12" not in said:
        line = victim.stdout.readline()
        assert line, f"ended before its third epoch: {said}"
        said += line
    victim.send_signal(number)
    said += victim.communicate(timeout=120)[0]
    run = tmp_path / "b" / "run"
    assert victim.returncode == 128 + number
    assert f"striate resume {run}" in said
    assert json.loads((run / "run.json").read_text())["status"] == "interrupted"
    resumed = subprocess.run(
        [sys.executable, "-m", "striate", "resume", str(run)], capture_output=True, text=True, env=environment
    )
    assert resumed.returncode == 0, resumed.stderr
    assert outcome(run) == outcome(tmp_path / "a" / "run")
