"""`striate equivariance`: a row for each layer, and what happens to predictions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from striate.core.network_findings import EquivarianceFinding
from striate.core.network_records import (
    ConsistencyRecord,
    EquivarianceRecord,
    LayerEquivariance,
    ShiftError,
)
from striate.core.records import Interval
from tests.unit.cli.network_findings import OPENING, SUBJECT, Found


def error(shift: int, stride: int, interior: float) -> ShiftError:
    return ShiftError(
        shift=(0, shift),
        phase=(0, shift % stride),
        moved=(0, shift // stride),
        everywhere=0.25,
        interior=interior,
        border=0.5,
    )


def layer(name: str, stride: int, interior: float) -> LayerEquivariance:
    return LayerEquivariance(
        name=name,
        kind="Conv2d",
        layer_size=(16, 32 // stride, 32 // stride),
        stride=(stride, stride),
        interior_units=0.25,
        errors=(error(1, stride, interior), error(2, stride, interior)),
    )


FINDING = EquivarianceFinding(
    subject=SUBJECT,
    layers=EquivarianceRecord(
        input_size=(3, 32, 32),
        images=4,
        border="circular",
        strides_from="the walk",
        layers=(layer("conv1", 1, 1e-7), layer("a" * 40, 2, math.nan)),
    ),
    consistency=(
        ConsistencyRecord(
            border="circular",
            images=4,
            largest=7,
            shifts=16,
            pairs=0.75,
            pairs_interval=Interval(low=0.3, high=0.95),
            all_pairs=0.8,
            all_pairs_interval=Interval(low=0.3, high=0.95),
            unshifted=0.85,
            steady=0.5,
            steady_interval=Interval(low=0.15, high=0.85),
            confidence_sd=0.137,
        ),
    ),
)


def test_the_lines(cli: Callable[..., Any], verb: Callable[..., Any]) -> None:
    verb("equivariance", Found(FINDING))
    ended = cli("equivariance", "net")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == OPENING + (
        "\n"
        "Error ||T f(x) - f(T x)|| / ||f(x)||, mean of 4 images; into the image comes what left it\n"
        "layer                           kind         map  stride  inside  interior  border  between\n"
        "conv1                           Conv2d  16x32x32       1  25.0 %         0   0.500        –\n"
        "…aaaaaaaaaaaaaaaaaaaaaaaaaaaaa  Conv2d  16x16x16       2  25.0 %         –   0.500    0.250\n"
        "inside: share of units that see no pixel at the edge; interior, border: their errors at shifts\n"
        "of whole strides; between: of all units at other shifts, against the nearest whole stride\n"
        "\n"
        "Predictions under 16 of the 64 shifts by 0 to 7 pixels down and right, 4 images, border circular:\n"
        "  two random shifts agree   75.0 % (30.0 to 95.0 %); over all pairs 80.0 %\n"
        "  as without a shift        85.0 %\n"
        "  none of them changes it   50.0 % (15.0 to 85.0 %)\n"
        "  confidence moves by       13.7 points (standard deviation)\n"
        "\n"
        "runs/a/net/a.png\n"
        "runs/a/net/a.json\n"
    )


def test_a_screen_of_a_hundred_columns_is_enough(cli: Callable[..., Any], verb: Callable[..., Any]) -> None:
    verb("equivariance", Found(FINDING))
    assert max(map(len, cli("equivariance", "net").out.splitlines())) <= 100


def test_what_was_typed_reaches_the_verb(cli: Callable[..., Any], verb: Callable[..., Any]) -> None:
    calls = verb("equivariance", Found(FINDING))
    words = ("--layer", "conv1", "layer1", "--border", "zero", "--images", "photos", "--samples", "8")
    assert cli("equivariance", "resnet20", *words).code == 0
    calls[0].pop("progress")
    assert calls == [
        {
            "args": ("resnet20",),
            "layers": ("conv1", "layer1"),
            "border": "zero",
            "images": ("photos",),
            "n": 8,
            "weights": None,
            "input_size": None,
            "pretrained": False,
            "out": None,
        }
    ]


def test_a_border_that_there_is_not(cli: Callable[..., Any], verb: Callable[..., Any]) -> None:
    verb("equivariance", Found(FINDING))
    ended = cli("equivariance", "net", "--border", "mirror")
    assert (ended.code, ended.err) == (
        2,
        "error: --border cannot be that [bad-arguments]\n  got       'mirror'\n  expected  circular, zero\n",
    )
