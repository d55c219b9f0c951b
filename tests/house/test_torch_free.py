"""Whoever only reads records or files never waits for torch: checked in a fresh process."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.house.tree import PACKAGE, SOURCE, module_name, python_files

HEAVY = ("torch", "torchvision", "timm")

# The one module of its package that may: see the contracts in pyproject.toml.
MAY = {"striate.core.devices", "striate.data.batches"}

WITHOUT = [
    module_name(path)
    for path in python_files(*(PACKAGE / name for name in ("core", "conv", "data", "diagnosis", "report")))
    if module_name(path) not in MAY
]

PROBE = """
import importlib, sys
for name in sys.argv[1:]:
    module = importlib.import_module(name)
    found = [heavy for heavy in {heavy!r} if heavy in sys.modules]
    if found:
        sys.exit(f"importing {{name}} imported {{found[0]}}")
"""


def probe(*names: str) -> str:
    """What a fresh process that imports the names in turn complains about; empty when nothing heavy came along."""
    surroundings = os.environ | {"PYTHONPATH": str(SOURCE)}
    command = [sys.executable, "-c", PROBE.format(heavy=HEAVY), *names]
    return subprocess.run(
        command, env=surroundings, capture_output=True, text=True, check=False
    ).stderr.strip()


def test_reading_and_judging_need_no_torch() -> None:
    assert probe("striate", *WITHOUT) == ""


@pytest.mark.parametrize(
    "door",
    ["striate", "striate.conv", "striate.data", "striate.diagnosis", "striate.report", "striate.cli"],
)
def test_each_door_opens_without_torch(door: str) -> None:
    if not (PACKAGE.parent / door.replace(".", "/")).exists():
        pytest.skip(f"{door} is not there yet")
    assert probe(door) == ""


def test_the_probe_sees_torch() -> None:
    assert probe("striate.core.devices") == "importing striate.core.devices imported torch"
