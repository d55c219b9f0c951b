"""Imports go down only: the contracts of pyproject.toml hold, and the drawing in ARCHITECTURE.md is theirs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.house.tree import PACKAGE, ROOT, SOURCE

LINT_IMPORTS = Path(sys.executable).parent / "lint-imports"


def layers_of_the_contract() -> list[list[str]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (contract,) = (c for c in settings["contracts"] if c["id"] == "layers")
    return [re.findall(r"\w+", line) for line in contract["layers"]]


def test_the_contracts_hold() -> None:
    surroundings = os.environ | {"PYTHONPATH": str(SOURCE)}
    linted = subprocess.run(
        [LINT_IMPORTS, "--no-cache"], cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False
    )
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_the_drawing_shows_the_layers_of_the_contract() -> None:
    page = (ROOT / "docs" / "ARCHITECTURE.md").read_text()
    drawing = page.split("```text\n", 1)[1].split("```", 1)[0]
    # Names stand first on a line and between bars; two spaces or more set the explanation off.
    drawn = [re.findall(r"\w+", re.split(r"\s{2,}", line)[0]) for line in drawing.splitlines()]
    assert drawn == layers_of_the_contract()


def test_every_package_stands_in_a_layer() -> None:
    known = {name for line in layers_of_the_contract() for name in line}
    there = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert there <= known
