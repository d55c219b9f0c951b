"""The picture of equivariance: few layers and many, with values that are not there."""

from __future__ import annotations

import math

import pytest
from PIL import Image

from striate.core.network_findings import EquivarianceFinding, LookedAt
from striate.core.network_records import ConsistencyRecord, EquivarianceRecord, LayerEquivariance, ShiftError
from striate.core.records import Interval
from striate.report.equivariance_figure import write_equivariance_figure

SUBJECT = LookedAt(network="net", weights="w" * 300, input_size=(3, 16, 16), images="i", normalisation="")


def finding(n: int, value: float) -> EquivarianceFinding:
    errors = tuple(
        ShiftError(
            shift=(s % 2, s),
            phase=(0, s % 2),
            moved=(0, s // 2),
            everywhere=value,
            interior=math.nan,
            border=value,
        )
        for s in range(1, 5)
    )
    layers = tuple(
        LayerEquivariance(
            name=f"layer$_{{{i}",
            kind="Conv2d",
            layer_size=(1, 8, 8),
            stride=(2, 2),
            interior_units=0.0,
            errors=errors,
        )
        for i in range(n)
    )
    share = Interval(low=0.2, high=0.9)
    consistency = ConsistencyRecord(
        border="circular",
        images=4,
        largest=7,
        shifts=64,
        pairs=0.5,
        pairs_interval=share,
        all_pairs=0.5,
        all_pairs_interval=share,
        unshifted=0.5,
        steady=0.5,
        steady_interval=share,
        confidence_sd=0.1,
    )
    record = EquivarianceRecord(
        input_size=(3, 16, 16), images=4, border="circular", strides_from="x", layers=layers
    )
    zero = consistency.model_copy(update={"border": "zero"})
    return EquivarianceFinding(subject=SUBJECT, layers=record, consistency=(consistency, zero))


@pytest.mark.parametrize(("n", "value"), [(1, 0.3), (90, 0.0), (3, math.nan)])
def test_any_number_of_layers(tmp_path, n, value):
    png, svg = write_equivariance_figure(finding(n, value), tmp_path)
    assert svg.name == "equivariance.svg"
    with Image.open(png) as image:
        assert 500 < image.size[1] < 1600
