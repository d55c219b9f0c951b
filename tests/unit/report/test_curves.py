"""The curves: every drawing tells where the run began and where it ended."""

from __future__ import annotations

import re

import pytest

from striate.report.curves import curves_section
from tests.unit.report.fabricate import fabricate


def ticks_below(picture: str) -> list[list[str]]:
    """The numbers below the chart, of each of its drawings."""
    drawings = str(picture).split("</svg>")[:-1]
    return [re.findall(r'class="tick middle"[^>]*>(\d+)<', drawing) for drawing in drawings]


@pytest.mark.parametrize(
    ("epochs", "wide", "narrow"),
    [
        (1, ["1"], ["1"]),
        (2, ["1", "2"], ["1", "2"]),
        (15, ["1", "4", "6", "8", "10", "12", "15"], ["1", "5", "10", "15"]),
        (20, ["1", "5", "10", "15", "20"], ["1", "10", "20"]),
    ],
)
def test_the_axis_has_the_first_epoch_and_the_last_and_no_more(epochs, wide, narrow):
    section = curves_section(fabricate(epochs=epochs)[0])
    for picture in (section.accuracy, section.loss, section.lr):
        assert ticks_below(picture) == [wide, narrow]


def test_the_axis_of_a_run_that_goes_on_has_the_epochs_planned():
    run = fabricate(epochs=4)[0].model_copy(update={"status": "running", "epochs_planned": 10})
    assert ticks_below(curves_section(run).loss)[1] == ["1", "5", "10"]
