"""The PNG figures: there under their names, repeatable, for few classes and many."""

from __future__ import annotations

import subprocess
import sys

import pytest
from PIL import Image

from striate.report.figures import write_figures
from tests.unit.report.fabricate import HOSTILE, fabricate, write

NAMES = ("results.png", "confusion_matrix.png", "confusion_matrix_normalized.png")


@pytest.mark.parametrize("k", [2, 101])
def test_figures_for_any_number_of_classes(tmp_path, k):
    folder = write(tmp_path / "run", *fabricate(tuple(f"c{i}" for i in range(k))), extras=False)
    write_figures(folder)
    for name in NAMES:
        with Image.open(folder / name) as image:
            assert 300 <= min(image.size) <= max(image.size) <= 2500


def test_hostile_names_and_equal_bytes(tmp_path):
    classes = (*HOSTILE[:8], "$\\frac{1}{$", "漢字")
    folder = write(tmp_path / "run", *fabricate(classes), extras=False)
    write_figures(folder)
    first = [(folder / name).read_bytes() for name in NAMES]
    write_figures(folder)
    assert [(folder / name).read_bytes() for name in NAMES] == first


def test_a_young_run_has_curves_only(tmp_path):
    folder = write(tmp_path / "one", *fabricate(epochs=1, finished=False), extras=False)
    write_figures(folder)
    assert [(folder / name).exists() for name in NAMES] == [True, False, False]
    folder = write(tmp_path / "none", *fabricate(epochs=0, finished=False), extras=False)
    write_figures(folder)
    assert not (folder / "results.png").exists()


def test_matplotlib_is_loaded_only_when_drawing():
    code = "import sys, striate.report.figures, striate.report.page, striate.report.tables; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
