"""The sheet of filters: any number of kernels, with fits and without, NaN among them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from striate.core.network_findings import FilterFinding, LookedAt
from striate.core.network_records import Difference, FilterGroup, FilterRecord
from striate.core.records import Interval
from striate.report.filter_sheet import _sheet, write_filter_sheet

SUBJECT = LookedAt(network="$n_{", weights="w", input_size=(3, 8, 8), images="", normalisation="")


def finding(n: int, fits: bool) -> FilterFinding:
    values = (math.nan, *np.linspace(0, 0.9, n - 1)) if n > 1 else (math.nan,)
    difference = Difference(value=0.5, interval=Interval(low=0.1, high=0.9, method="bootstrap"))
    groups = tuple(
        FilterGroup(name=name, r2=values if fits else (), concentration=values)
        for name in ("network", "initial", "noise")
    )
    return FilterFinding(
        subject=SUBJECT,
        filters=FilterRecord(
            layer="conv",
            kernels=n,
            channels=3,
            kernel_size=(7, 7),
            groups=groups,
            gabor=difference if fits else None,
            concentration=difference,
            reason="" if fits else "too small",
            initial_from="x",
        ),
    )


@pytest.mark.parametrize(("n", "channels", "fits"), [(1, 3, True), (10, 1, False), (300, 3, True)])
def test_any_number_of_kernels(tmp_path, n, channels, fits):
    sheet = np.random.default_rng(0).uniform(size=(n, 7, 7, channels))
    png, svg = write_filter_sheet(finding(n, fits), sheet, tmp_path)
    assert (png.name, svg.name) == ("filters.png", "filters.svg")


def test_the_best_kernel_stands_first_and_one_without_a_value_last():
    from matplotlib.figure import Figure

    panel = Figure().subplots()
    sheet = np.arange(4)[:, None, None, None] / 4 * np.ones((4, 7, 7, 1))
    _sheet(panel, sheet, (0.2, math.nan, 0.9, 0.5), "Gabor fit")
    page = panel.images[0].get_array()
    # Kernels of 14 dots with gaps of two, in rows of three.
    assert page.shape == (30, 46, 3)
    first = [float(page[16 * (k // 3) + 3, 16 * (k % 3) + 3, 0]) for k in range(4)]
    assert first == [0.5, 0.75, 0.0, 0.25]
