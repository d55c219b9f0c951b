"""`striate filters`: the first kernels beside their controls, and where the sheet is.

Knows nothing about fits.
"""

from __future__ import annotations

import math
import statistics
import sys
import textwrap
from typing import Annotated

from cyclopts import Parameter

from striate.cli.columns import table
from striate.cli.looking import (
    InputSize,
    Network,
    Out,
    Pretrained,
    WeightsFile,
    input_size_from,
    labelled,
    opening_lines,
    where_lines,
)
from striate.cli.view import open_view
from striate.core.network_findings import FilterFinding
from striate.core.network_records import Difference

__all__ = ["filter_lines", "filters"]

NOTHING = "–"
WIDTH = 100


def filters(
    network: Network,
    /,
    *,
    layer: Annotated[
        str | None,
        Parameter(
            help="name of a convolution; default: the one that runs first", metavar="NAME", show_default=False
        ),
    ] = None,
    weights: WeightsFile = None,
    input: InputSize = None,  # noqa: A002 - the name of the flag
    pretrained: Pretrained = False,
    out: Out = None,
) -> int:
    """Show a network's first kernels, and whether they are more than noise."""
    size = input_size_from(input)
    with open_view(sys.stderr) as view:
        with view.task("Loading torch"):
            from striate.verbs.filters import filters as judge
        found = judge(
            network,
            layer=layer,
            weights=weights,
            input_size=size,
            pretrained=pretrained,
            out=out,
            progress=view,
        )
    print("\n".join([*filter_lines(found.finding), "", *where_lines(found.files)]))
    return 0


def filter_lines(finding: FilterFinding) -> list[str]:
    """Medians of the three groups, and what the difference from noise is worth."""
    record = finding.filters
    h, w = record.kernel_size
    words = {"network": "this network", "initial": record.initial_from, "noise": "noise of equal norm"}
    rows = [[words[group.name], _median(group.r2), _median(group.concentration)] for group in record.groups]
    lines = [
        *opening_lines(finding.subject),
        *labelled(
            [
                (
                    "Layer",
                    f"{record.layer}, {record.kernels} kernels of {h}x{w} over {record.channels} channels",
                )
            ]
        ),
        "",
        *table(["median over kernels", "Gabor R²", "one orientation"], rows, right={1, 2}),
        "",
    ]
    if record.reason:
        lines += textwrap.wrap(f"Gabor functions are not fitted: {record.reason}.", WIDTH)
    lines += _difference("Gabor R²", record.gabor)
    return lines + _difference("Orientation", record.concentration)


def _median(values: tuple[float, ...]) -> str:
    there = [v for v in values if math.isfinite(v)]
    return f"{statistics.median(there):.3f}" if there else NOTHING


def _difference(what: str, found: Difference | None) -> list[str]:
    if found is None:
        return []
    i = found.interval
    verdict = "above noise" if i.low > 0 else "below noise" if i.high < 0 else "not told from noise"
    return [
        f"{what}: {verdict}, median {found.value:+.3f} ({100 * i.level:.0f} % interval {i.low:+.3f} to {i.high:+.3f})."
    ]
