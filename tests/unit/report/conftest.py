"""Run folders that tests of the report share."""

from __future__ import annotations

from pathlib import Path

import pytest

from striate.core.run_folder import RunFolder
from tests.unit.report.fabricate import HOSTILE, fabricate, write


@pytest.fixture
def run_folder(tmp_path: Path) -> RunFolder:
    """A finished run on ten classes, 20 epochs, with everything in its folder."""
    return write(tmp_path / "cifar10", *fabricate())


@pytest.fixture
def hostile_folder(tmp_path: Path) -> RunFolder:
    """The same with class names that attack HTML, SVG, CSV, a terminal and a narrow page."""
    return write(tmp_path / "hostile", *fabricate(HOSTILE, name="<b>data</b>"))
