"""`striate field`: the effective field in a few lines, and where its figure is.

Knows nothing about gradients.
"""

from __future__ import annotations

import sys

from striate.cli.looking import (
    Images,
    InputSize,
    Layer,
    Network,
    Out,
    Pretrained,
    Samples,
    WeightsFile,
    input_size_from,
    labelled,
    opening_lines,
    where_lines,
)
from striate.cli.view import open_view
from striate.core.network_findings import FieldFinding
from striate.core.wording import percent

__all__ = ["field", "field_lines"]


def field(
    network: Network,
    /,
    *,
    layer: Layer = None,
    weights: WeightsFile = None,
    input: InputSize = None,  # noqa: A002 - the name of the flag
    images: Images = (),
    samples: Samples = None,
    pretrained: Pretrained = False,
    out: Out = None,
) -> int:
    """Show what a unit really sees of the image, beside what it could see."""
    size = input_size_from(input)
    with open_view(sys.stderr) as view:
        with view.task("Loading torch"):
            from striate.verbs.field import IMAGES
            from striate.verbs.field import field as measure
        found = measure(
            network,
            layer=layer,
            images=images or None,
            n=samples or IMAGES,
            weights=weights,
            input_size=size,
            pretrained=pretrained,
            out=out,
            progress=view,
        )
    print("\n".join([*field_lines(found.finding), "", *where_lines(found.files)]))
    return 0


def field_lines(finding: FieldFinding) -> list[str]:
    """The field in labelled lines."""
    field = finding.field
    h, w = field.input_size[1:]
    channels = "" if field.channel is None else f", channel {field.channel}"
    size = "x".join(map(str, field.layer_size))
    rows = [
        ("Layer", f"{field.layer}, {size}, unit at row {field.unit[0]}, column {field.unit[1]}{channels}")
    ]
    if field.theoretical is None:
        rows.append(("Could see", finding.theoretical_from))
    else:
        th, tw = field.theoretical
        seen = min(th, h) * min(tw, w) / (h * w)
        rows.append(
            ("Could see", f"{th}x{tw} pixels, {percent(seen)} of the image: {finding.theoretical_from}")
        )
    if not field.pixels:
        rows.append(("Sees", "nothing: no pixel moves it on these images"))
        return [*opening_lines(finding.subject), *labelled(rows)]
    of_theory = "" if field.theoretical is None else f", {percent(field.share)} of what it could see"
    rows += [
        (
            "Sees",
            f"{100 * field.held:.0f} % of the energy is in {field.pixels:,} pixels, "
            f"{percent(field.pixels / (h * w))} of the image{of_theory}",
        ),
        (
            "",
            f"a box of {field.box[0]}x{field.box[1]} around ({field.centroid[0]:.1f}, {field.centroid[1]:.1f}) holds as much; "
            f"standard deviation {field.sd[0]:.1f} down, {field.sd[1]:.1f} across",
        ),
    ]
    return [*opening_lines(finding.subject), *labelled(rows)]
