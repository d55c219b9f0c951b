"""The picture of a field: on colour and grey images, with and without theory, of units that see nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PIL import Image

from striate.core.network_findings import FieldFinding, LookedAt
from striate.core.network_records import EffectiveField, grid
from striate.report.field_figure import write_field_figure

SUBJECT = LookedAt(network="net", weights="w", input_size=(3, 16, 16), images="i", normalisation="")


def finding(**changes):
    y, x = np.mgrid[:16, :16]
    energy = np.exp(-((y - 8) ** 2 + (x - 7) ** 2) / 8.0)
    values = {
        "layer": "conv",
        "layer_size": (4, 16, 16),
        "input_size": (3, 16, 16),
        "unit": (8, 7),
        "channel": None,
        "images": 2,
        "energy": grid(energy / energy.sum()),
        "magnitude": grid(energy),
        "centroid": (8.0, 7.0),
        "sd": (1.4, 1.4),
        "box": (7, 7),
        "pixels": 40,
        "theoretical": (9, 41),
        "theoretical_start": (4, -13),
        "share": 0.3,
    }
    return FieldFinding(subject=SUBJECT, field=EffectiveField(**{**values, **changes}))


DEAD = {
    "energy": grid(np.zeros((16, 16))),
    "pixels": 0,
    "centroid": (math.nan, math.nan),
    "sd": (math.nan, math.nan),
}


@pytest.mark.parametrize("channels", [0, 1, 3])
@pytest.mark.parametrize(
    "changes", [{}, {"theoretical": None, "theoretical_start": None}, DEAD, {"layer_size": (4,)}]
)
def test_every_field_is_drawn(tmp_path, channels, changes):
    picture = np.full((16, 16, channels), 90, np.uint8) if channels else None
    png, _ = write_field_figure(finding(**changes), picture, tmp_path, "conv")
    with Image.open(png) as image:
        assert image.size == (1430, 572)
