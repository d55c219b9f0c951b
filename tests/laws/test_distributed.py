"""Two processes that train one network together are watched without a trace, and neither waits for the other's looks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).resolve().parents[2]
WORLD = 2

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not torch.distributed.is_available() or not torch.distributed.is_gloo_available(),
        reason="this torch has no gloo",
    ),
]


def run(folder: Path, way: str) -> list[dict]:
    """What each process said."""
    command = [sys.executable, "-m", "tests.distributed_loop", str(folder)]
    started = [
        subprocess.Popen(
            [*command, str(rank), str(WORLD), way],
            cwd=ROOT,
            env={
                "PYTHONPATH": f"{ROOT}/src",
                "PATH": "/usr/bin:/bin",
                "OMP_NUM_THREADS": "1",
                "GLOO_SOCKET_IFNAME": "lo",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(WORLD)
    ]
    try:
        said = [process.communicate(timeout=120) for process in started]
    finally:
        for process in started:
            process.kill()
    assert all(process.returncode == 0 for process in started), said
    return [json.loads(out.splitlines()[-1]) for out, _ in said]


@pytest.mark.parametrize("way", ["each", "together", "accumulation"])
def test_a_distributed_loop_is_the_same_to_the_bit_and_seen(way, tmp_path):
    said = run(tmp_path, way)
    assert [one["same"] for one in said] == [True, True]
    seen = said[0]["seen"]
    assert seen["setting"]["assumed"] == []
    accumulation = 2 if way == "accumulation" else 1
    loop = seen["loop"]
    assert loop["optimizer_steps"] == 32 // accumulation
    assert (loop["train_forwards"], loop["backwards"], loop["stale"]) == (32, 32, 0)
    assert (seen["setting"]["train_n"], seen["setting"]["val_n"]) == (256, 128)
    assert loop["outputs"]["agreement"] == pytest.approx(1.0, abs=1e-5)
    assert [p["val_n"] for p in seen["epochs"]] == [128, 128]
    assert seen["epochs"][-1]["val_accuracy"] > 0.8
    assert all(p["gradient"] == "seen" and p["in_optimizer"] for p in loop["parameters"])
    # Batch norm over all processes forbids passes of one's own: the loop is seen, the layers are not.
    assert bool(seen["inside"]["step"]) == (way != "together")
    assert said[0]["findings"] == []
