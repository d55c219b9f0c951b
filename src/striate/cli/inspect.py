"""`striate inspect`: a network as a table of its layers, as JSON, or as a page.

Knows nothing about networks.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from striate.cli.errors import BadArguments
from striate.cli.looking import LABEL, InputSize, Network, WeightsFile, input_size_from, labelled
from striate.cli.view import open_view
from striate.core.layer_records import Inspection, LayerFact, ReceptiveField
from striate.core.wording import amount, count, percent, printable

__all__ = ["inspect", "inspection_lines"]

AllLayers = Annotated[
    bool,
    Parameter(
        name="--all",
        help="also norms, activations and whatever else changes no shape",
        negative=(),
        show_default=False,
    ),
]
Training = Annotated[
    bool,
    Parameter(
        help="as in training, where batch norm looks at the whole batch", negative=(), show_default=False
    ),
]
Json = Annotated[
    str | None,
    Parameter(
        help="write the facts as JSON; - prints them",
        metavar="PATH",
        allow_leading_hyphen=True,
        show_default=False,
    ),
]
Html = Annotated[
    str | None,
    Parameter(
        help="write a page with the network drawn and the field growing", metavar="PATH", show_default=False
    ),
]
OnImage = Annotated[
    str | None,
    Parameter(help="with --html: an image to draw the fields on", metavar="PATH", show_default=False),
]


def inspect(
    network: Network,
    /,
    *,
    input: InputSize = None,  # noqa: A002 - the name of the flag
    weights: WeightsFile = None,
    training: Training = False,
    all_layers: AllLayers = False,
    json: Json = None,
    html: Html = None,
    image: OnImage = None,
) -> int:
    """List a network's layers: shape, cost, and what a unit sees of the image."""
    if image is not None and html is None:
        raise BadArguments("--image needs --html", got=f"--image {image}", next_step="add --html page.html")
    size = input_size_from(input)
    with open_view(sys.stderr) as view, view.task("Loading torch"):
        from striate.verbs.inspect import inspect as look
    found = look(network, input_size=size, weights=weights, training=training)
    if json == "-":
        print(found.to_json())
        return 0
    files = _written(found, json, html, image)
    print("\n".join([*inspection_lines(found, everything=all_layers), *files]))
    return 0


def _written(found: Inspection, json: str | None, html: str | None, image: str | None) -> list[str]:
    """Write what was asked for; the paths as lines."""
    from striate.core.atomic import write_atomic

    lines = []
    if html is not None:
        from striate.report.inspection import render_inspection

        try:
            page = render_inspection(found, Path(image) if image else None)
        except (OSError, ValueError) as error:
            raise BadArguments("this image cannot be drawn on", where=image, got=str(error)) from error
        write_atomic(Path(html), page)
        lines.append(printable(html))
    if json is not None:
        write_atomic(Path(json), found.to_json() + "\n")
        lines.insert(0, printable(json))
    return ["", *lines] if lines else []


# -- the table -----------------------------------------------------------------------------------------------------

COLUMNS = 100
_HEAD = ("layer", "kind", "puts out", "params", "mult-adds", "field", "stride", "sees")
_WIDTHS = (22, 20, 13, 7, 9, 9, 6, 7)


def inspection_lines(found: Inspection, *, everything: bool = False) -> list[str]:
    """The network in labelled lines, a table of 100 columns or fewer, totals and hints."""
    shown = [layer for layer in found.layers if everything or _worth_showing(layer)]
    kept = labelled(
        [
            ("Network", f"{found.network}, {found.weights}"),
            (
                "Input",
                "x".join(map(str, found.input_size)) + (", in training mode" if found.training else ""),
            ),
        ]
    )
    lines = [*kept, "", _row(_HEAD), *[_row(_cells(layer)) for layer in shown], ""]
    hidden = len(found.layers) - len(shown)
    if hidden:
        lines += labelled(
            [("", f"{count(hidden, 'layer')} not shown, of norms, activations and reshapes (--all)")]
        )
    lines += labelled(
        [
            (
                "Together",
                f"{found.parameters:,} parameters, {amount(found.multiply_adds)} multiply-adds, "
                f"{amount(found.activation_bytes)}B of activations an image",
            ),
        ]
    )
    lines += [line for hint in found.hints for line in _wrapped("Note", hint)]  # fmt: skip
    return lines


def _wrapped(label: str, words: str) -> list[str]:
    """A sentence behind its label, on as many lines as it needs."""
    first, *rest = textwrap.wrap(words, COLUMNS - LABEL)
    return labelled([(label, first), *[("", line) for line in rest]])


def _worth_showing(layer: LayerFact) -> bool:
    return bool(layer.multiply_adds or layer.kernel or _field_grows(layer) or layer.kind.islower())


def _field_grows(layer: LayerFact) -> bool:
    field = layer.field
    return field is not None and (field.size or ()) != layer.input_field and bool(layer.input_field)


def _row(cells: Sequence[str]) -> str:
    left = [cell.ljust(width) for cell, width in zip(cells[:3], _WIDTHS[:3], strict=True)]
    right = [cell.rjust(width) for cell, width in zip(cells[3:], _WIDTHS[3:], strict=True)]
    return " ".join([*left, *right]).rstrip()


def _cells(layer: LayerFact) -> tuple[str, ...]:
    return (
        _tail(printable(layer.name) or "(network)", _WIDTHS[0]),
        printable(_kind(layer), _WIDTHS[1]),
        "x".join(map(str, layer.output_shape)) or "-",
        amount(layer.parameters) if layer.parameters else "",
        amount(layer.multiply_adds) if layer.multiply_adds else "",
        *_field_cells(layer.field),
    )


def _tail(name: str, width: int) -> str:
    """The end of a dotted name says more than its beginning."""
    return name if len(name) <= width else "…" + name[-(width - 1) :]


def _kind(layer: LayerFact) -> str:
    """``Conv2d 3x3/2 p1 d2 g32``: what differs from stride 1, no padding, no dilation, one group."""
    words = [layer.kind]
    if layer.kernel:
        words.append(
            _one(layer.kernel, always_both=True)
            + (f"/{_one(layer.stride)}" if set(layer.stride) != {1} else "")
        )
    for letter, values, usual in (("p", layer.padding, 0), ("d", layer.dilation, 1)):
        if values and set(values) != {usual}:
            words.append(letter + _one(values))
    return " ".join([*words, *([f"g{layer.groups}"] if layer.groups > 1 else [])])


def _one(values: Sequence[int], *, always_both: bool = False) -> str:
    return str(values[0]) if len(set(values)) == 1 and not always_both else "x".join(map(str, values))


def _field_cells(field: ReceptiveField | None) -> tuple[str, str, str]:
    """Size, stride, share of the image."""
    if field is None or field.reach == "none":
        return "", "", ""
    if field.reach == "unknown":
        return "unknown", "", ""
    if field.size is None or field.stride is None:
        return ("all" if field.reach == "global" else "varies"), "", percent(field.seen)
    strides = [str(stride) for stride in field.stride]
    return _one(field.size), strides[0] if len(set(strides)) == 1 else "x".join(strides), percent(field.seen)
