"""A figure as two files: equal bytes for equal figures, nothing of pyplot, hostile words unharmed."""

from __future__ import annotations

import subprocess
import sys

from striate.report.picture_files import dress, note, save_figure
from tests.unit.report.fabricate import HOSTILE


def drawn(folder, words="x"):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 6), layout="constrained")
    panel = figure.subplots()
    panel.plot([1, 2, 3])
    dress(panel, words[:60], "x", "y")
    note(figure, words[:60], words * 5)
    return save_figure(figure, folder, "figure")


def test_two_files_of_the_same_bytes(tmp_path):
    first = [path.read_bytes() for path in drawn(tmp_path)]
    assert [path.name for path in drawn(tmp_path)] == ["figure.png", "figure.svg"]
    assert [path.read_bytes() for path in drawn(tmp_path)] == first
    assert first[0].startswith(b"\x89PNG")
    assert b"<svg" in first[1]
    assert b"dc:date" not in first[1]


def test_hostile_words_are_drawn_as_words(tmp_path):
    for words in (*HOSTILE[:8], "$\\frac{1}{$", "漢字"):
        drawn(tmp_path, words.replace("\x00", ""))


def test_matplotlib_is_loaded_only_when_drawing():
    modules = "picture_files, striate.report.filter_sheet, striate.report.field_figure, striate.report.equivariance_figure"
    code = f"import sys, striate.report.{modules}; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
