"""Records of networks: exact round trips, NaN and infinity included, unknown keys refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pydantic import ValidationError

from striate.core.network_records import AttributionMap, LayerActivity, LayerGradient, grid


def test_a_grid_keeps_every_bit() -> None:
    values = np.array([[0.1, 1 / 3], [np.pi, -0.0]])
    record = AttributionMap(method="occlusion", layer="", target=3, probability=0.1, values=grid(values))
    again = AttributionMap.from_json(record.to_json())
    assert np.array_equal(np.array(again.values).view(np.uint64), values.view(np.uint64))
    assert grid(values.astype(np.float32))[0][0] == float(np.float32(0.1))


def test_what_has_no_value_survives_a_file() -> None:
    record = LayerGradient(
        name="a",
        kind="Conv2d",
        weight_norm=1.0,
        weight_gradient=math.inf,
        relative=math.inf,
        activation_gradient=math.nan,
    )
    assert '"activation_gradient": "NaN"' in record.to_json()
    again = LayerGradient.from_json(record.to_json())
    assert math.isnan(again.activation_gradient)
    assert again.relative == math.inf


def test_records_are_frozen_and_strict() -> None:
    layer = LayerActivity(name="a", call=0, kind="ReLU", units=3, inactive_share=0.5, saturated_share=0.0)
    with pytest.raises(ValidationError):
        layer.units = 4  # type: ignore[misc]
    with pytest.raises(ValidationError):
        LayerActivity.from_json(layer.to_json().replace('"call"', '"cull"'))
