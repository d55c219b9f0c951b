"""`striate equivariance`: errors of layers under shifts, and whether predictions stay.

Knows nothing about networks.
"""

from __future__ import annotations

import math
import sys
from typing import Annotated, Literal

from cyclopts import Parameter

from striate.cli.columns import Cell, shortened, table
from striate.cli.looking import (
    Images,
    InputSize,
    Network,
    Out,
    Pretrained,
    Samples,
    WeightsFile,
    input_size_from,
    opening_lines,
    where_lines,
)
from striate.cli.view import open_view
from striate.core.network_findings import EquivarianceFinding
from striate.core.network_records import ConsistencyRecord, LayerEquivariance, ShiftError
from striate.core.wording import count, interval_percent, percent, printable

__all__ = ["equivariance", "equivariance_lines"]

NOTHING = "–"
NAME, KIND = 30, 18
ENTERS = {"circular": "what left it", "zero": "the mean colour"}

Layers = Annotated[
    tuple[str, ...],
    Parameter(
        help="names of layers; default: every block that puts out a map",
        metavar="NAME...",
        consume_multiple=True,
        negative=(),
        show_default=False,
    ),
]

Border = Annotated[
    Literal["circular", "zero"],
    Parameter(
        help="what enters a shifted image, circular (what left it) or zero (the mean colour) [circular]",
        metavar="NAME",
        show_default=False,
    ),
]


def equivariance(
    network: Network,
    /,
    *,
    layer: Layers = (),
    border: Border = "circular",
    weights: WeightsFile = None,
    input: InputSize = None,  # noqa: A002 - the name of the flag
    images: Images = (),
    samples: Samples = None,
    pretrained: Pretrained = False,
    out: Out = None,
) -> int:
    """Measure whether layers move with the image, and whether predictions stay."""
    size = input_size_from(input)
    with open_view(sys.stderr) as view:
        with view.task("Loading torch"):
            from striate.verbs.equivariance import equivariance as measure
        found = measure(
            network,
            layers=layer or None,
            border=border,
            images=images or None,
            n=samples,
            weights=weights,
            input_size=size,
            pretrained=pretrained,
            out=out,
            progress=view,
        )
    print("\n".join([*equivariance_lines(found.finding), "", *where_lines(found.files)]))
    return 0


def equivariance_lines(finding: EquivarianceFinding) -> list[str]:
    """A row for each layer: its error at whole strides, inside and at the border, and between strides."""
    layers = finding.layers.layers
    head = ["layer", "kind", "map", "stride", "inside", "interior", "border", "between"]
    lines = [
        *opening_lines(finding.subject),
        "",
        f"Error ||T f(x) - f(T x)|| / ||f(x)||, mean of {count(finding.layers.images, 'image')}; "
        f"into the image comes {ENTERS[finding.layers.border]}",
        *table(head, [_row(layer) for layer in layers], right={2, 3, 4, 5, 6, 7}),
        "inside: share of units that see no pixel at the edge; interior, border: their errors at shifts",
        "of whole strides; between: of all units at other shifts, against the nearest whole stride",
        "",
    ]
    for record in finding.consistency:
        lines += _consistency(record)
    return lines


def _row(layer: LayerEquivariance) -> list[Cell]:
    fair = [e for e in layer.errors if e.phase == (0, 0)]
    between = [e for e in layer.errors if e.phase != (0, 0)]
    return [
        shortened(printable(layer.name), NAME),
        printable(layer.kind, KIND),
        "x".join(map(str, layer.layer_size)),
        str(layer.stride[0])
        if layer.stride[0] == layer.stride[1]
        else f"{layer.stride[0]}x{layer.stride[1]}",
        percent(layer.interior_units),
        _mean(fair, "interior"),
        _mean(fair, "border"),
        _mean(between, "everywhere"),
    ]


def _mean(errors: list[ShiftError], which: str) -> str:
    values = [v for e in errors if math.isfinite(v := getattr(e, which))]
    if not values:
        return NOTHING
    mean = sum(values) / len(values)
    # Below a hundred-thousandth it is the rounding of float32.
    return "0" if mean < 1e-5 else f"{mean:.3f}"


def _how_many(record: ConsistencyRecord) -> str:
    every = (record.largest + 1) ** 2
    return f"the {every}" if record.shifts == every else f"{record.shifts} of the {every}"


def _consistency(record: ConsistencyRecord) -> list[str]:
    return [
        f"Predictions under {_how_many(record)} shifts by 0 to {record.largest} pixels down and right, "
        f"{count(record.images, 'image')}, border {record.border}:",
        f"  two random shifts agree   {percent(record.pairs)} ({interval_percent(record.pairs_interval)}); "
        f"over all pairs {percent(record.all_pairs)}",
        f"  as without a shift        {percent(record.unshifted)}",
        f"  none of them changes it   {percent(record.steady)} ({interval_percent(record.steady_interval)})",
        f"  confidence moves by       {100 * record.confidence_sd:.1f} points (standard deviation)",
    ]
