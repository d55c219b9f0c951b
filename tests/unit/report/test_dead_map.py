"""The map of dead channels: a row a layer in order of depth, a column a probe, the worst of many."""

from __future__ import annotations

import math

from striate.report.dead_map import COLUMNS, ROWS, dead_map
from tests.diagnoses import inside


def test_a_cell_for_each_layer_and_probe():
    picture = str(dead_map(inside()))
    assert picture.count("<rect") == 60
    assert "features.2.relu, step 400: 100 % dead" in picture
    assert 'fill-opacity="1.00"' in picture
    assert picture.index("features.0.relu") < picture.index("features.5.relu")
    assert "Share of dead channels in 6 layers over 10 probes" in picture


def test_nothing_dead_or_nothing_probed_is_no_map():
    assert dead_map(None) == ""
    assert dead_map(inside(layers=1)) == ""
    assert dead_map(inside().model_copy(update={"activations": ()})) == ""


def test_of_many_the_worst_and_evenly_many_probes():
    picture = str(dead_map(inside(layers=40, probes=100)))
    assert picture.count("<rect") == ROWS * COLUMNS
    assert "features.2.relu" in picture
    assert f"{40 - ROWS} with fewer are not shown" in picture
    assert "steps 40 to 4,000<" in picture


def test_a_probe_that_failed_is_an_empty_cell_and_a_hostile_name_is_text():
    seen = inside()
    broken = seen.activations[2].model_copy(
        update={"name": "<script>\x1b", "dead": (math.nan, *seen.activations[2].dead[1:-1], math.nan)}
    )
    picture = str(dead_map(seen.model_copy(update={"activations": (broken,)})))
    assert "<script>" not in picture
    assert "\x1b" not in picture
    assert "–" in picture
