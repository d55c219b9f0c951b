"""The page of `striate inspect`: the network drawn, its field growing, fields on an image.

`Inspection` -> page -> template, as for a run's report: one offline file without scripts. A layer is chosen by radio
buttons and CSS alone. Knows nothing about torch.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup
from PIL import Image, ImageOps

from striate.core.layer_records import Inspection, LayerFact
from striate.core.wording import amount, percent, printable
from striate.report.chart import Chart, Line
from striate.report.network import NetworkSection, network_section
from striate.report.svg import drawing, element
from striate.report.templates import filled

__all__ = ["InspectionPage", "Nested", "build_inspection", "render_inspection"]

# Fields that are drawn on the image: more buttons than this are a list, not a choice.
CHOICES = 20
CANVAS = 448.0


@dataclass(frozen=True)
class Nested:
    """A layer whose field can be chosen: the box of its middle unit."""

    key: str
    layer: str
    words: str
    seen: float
    box: Markup


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    name: str
    kind: str
    shape: str
    parameters: str
    multiply_adds: str
    dense: str
    field: str
    because: str
    stride: str
    seen: str


@dataclass(frozen=True)
class InspectionPage:
    """Everything the template shows."""

    title: str
    subtitle: str
    facts: tuple[tuple[str, str, str], ...]
    hints: tuple[str, ...]
    network: NetworkSection | None
    growth: Markup
    canvas: Markup
    nested: tuple[Nested, ...]
    chosen: str
    """Key of the layer that is chosen at first: the last whose field leaves something of the image outside."""
    pictured: str
    rows: tuple[Row, ...]


def render_inspection(found: Inspection, image: Path | None = None) -> str:
    """The page as HTML, with fields drawn on `image` (cut to the input's shape), else on an empty one.

    Raises OSError or ValueError where the image cannot be read.
    """
    return filled("inspection.html.jinja", page=build_inspection(found, image))


def build_inspection(found: Inspection, image: Path | None = None) -> InspectionPage:
    """Decide what is shown, and say it in words."""
    nested = _nested(found)
    size = "×".join(map(str, found.input_size))
    return InspectionPage(
        title=printable(found.network, 60),
        subtitle=f"{printable(found.weights)}; input {size}{', in training mode' if found.training else ''}",
        facts=_facts(found),
        hints=found.hints,
        network=network_section(found.layers, found.input_size, found.parameters),
        growth=_growth(found),
        canvas=_canvas(found, image, nested),
        nested=nested,
        chosen=next((n.key for n in reversed(nested) if n.seen < 1), nested[-1].key if nested else ""),
        pictured=printable(image.name) if image else "",
        rows=tuple(_row(layer) for layer in found.layers),
    )


def _facts(found: Inspection) -> tuple[tuple[str, str, str], ...]:
    dense = max((layer.dense_parameters for layer in found.layers if layer.kernel), default=0)
    remark = (
        f"one dense layer for its widest map would have {amount(dense)}"
        if dense
        else "shared ones counted once"
    )
    return (
        ("Parameters", f"{found.parameters:,}", remark),
        ("Multiply-adds", amount(found.multiply_adds), "for one image: convolutions, products, attention"),
        ("Activations", f"{amount(found.activation_bytes)}B", "new memory for one image"),
    )


# -- the field growing -------------------------------------------------------------------------------------------


def _local(found: Inspection) -> list[tuple[int, LayerFact, int]]:
    """Place, layer and longest side of the field, where there is one size."""
    return [
        (i, layer, max(layer.field.size))
        for i, layer in enumerate(found.layers, 1)
        if layer.field is not None and layer.field.size
    ]


def _growth(found: Inspection) -> Markup:
    """Side of the field by layer, beside the image's."""
    grown: list[tuple[float, float]] = []
    for i, _, side in _local(found):
        if (
            not grown or side >= grown[-1][1]
        ):  # what sees less than came before is a shortcut beside the main path
            grown.append((float(i), float(side)))
    if len(grown) < 2:
        return Markup("")
    image = max(found.input_size[1:])
    places, sides = zip(*grown, strict=True)
    ends = (places[0], places[-1])
    most = float(max(image, *sides))
    return Chart(
        title="Side of the receptive field, in pixels, by layer",
        lines=(
            Line("field", "val", places, sides),
            Line("image", "clean", ends, (float(image), float(image))),
        ),
        x_range=ends,
        y_range=(1.0, most),
        y_format=lambda value: f"{value:.0f}",
        y_ticks=[tick for tick in (1, 3, 10, 30, 100, 300, 1000, 3000, 10_000) if tick <= most],
        log=True,
        x_label="layer",
    ).draw(720, 300)


# -- fields on an image ------------------------------------------------------------------------------------------


def _nested(found: Inspection) -> tuple[Nested, ...]:
    """Layers at which the field has grown, at most `CHOICES`, the first and the last among them."""
    grown: list[LayerFact] = []
    for _, layer, side in _local(found):
        on_map = layer.field is not None and all(len(axis.first) > 1 for axis in layer.field.axes)
        if on_map and len(layer.output_shape) == 3 and (not grown or side > max(grown[-1].field.size)):  # type: ignore[union-attr, arg-type]
            grown.append(layer)
    if len(grown) > CHOICES:
        step = (len(grown) - 1) / (CHOICES - 1)
        grown = [grown[round(i * step)] for i in range(CHOICES)]
    return tuple(_one(i, layer, found) for i, layer in enumerate(grown))


def _one(i: int, layer: LayerFact, found: Inspection) -> Nested:
    field = layer.field
    assert field is not None
    unit = tuple(side // 2 for side in layer.output_shape[1:])
    (top, bottom), (left, right) = field.box(*unit)
    scale = CANVAS / max(found.input_size[1:])
    box = element(
        "rect",
        class_=f"fieldbox b{i}",
        x=left * scale,
        y=top * scale,
        width=(right - left + 1) * scale,
        height=(bottom - top + 1) * scale,
    )
    size = "×".join(map(str, field.size or ()))
    seen = (bottom - top + 1) * (right - left + 1) / (found.input_size[1] * found.input_size[2])
    return Nested(f"l{i}", printable(layer.name, 48), f"{size}, {percent(seen)}", seen, box)


def _canvas(found: Inspection, image: Path | None, nested: Sequence[Nested]) -> Markup:
    if not nested:
        return Markup("")
    height, width = found.input_size[1:]
    scale = CANVAS / max(height, width)
    w, h = width * scale, height * scale
    parts = [element("rect", class_="paper", x=0, y=0, width=w, height=h)]
    if image is not None:
        parts.append(element("image", href=_embedded(image, width, height), x=0, y=0, width=w, height=h))
    parts += [layer.box for layer in nested]
    return drawing(w, h, "The field of the middle unit of the chosen layer", *parts, class_="fields")


def _embedded(path: Path, width: int, height: int) -> str:
    with Image.open(path) as image:
        fitted = ImageOps.fit(ImageOps.exif_transpose(image).convert("RGB"), (width, height))
    buffer = io.BytesIO()
    fitted.save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


# -- the table ---------------------------------------------------------------------------------------------------


def _row(layer: LayerFact) -> Row:
    field = layer.field
    size = "" if field is None or field.size is None else "×".join(map(str, field.size))
    other = "" if field is None or field.reach in ("local", "none") else field.reach
    stride = "" if field is None or field.stride is None else "×".join(dict.fromkeys(map(str, field.stride)))
    kernel = "×".join(map(str, layer.kernel))
    return Row(
        name=printable(layer.name, 60) or "(network)",
        kind=printable(layer.kind, 32) + (f" {kernel}" if kernel else ""),
        shape=" × ".join(map(str, layer.output_shape)),
        parameters=amount(layer.parameters) if layer.parameters else "",
        multiply_adds=amount(layer.multiply_adds) if layer.multiply_adds else "",
        dense=amount(layer.dense_parameters) if layer.dense_parameters and layer.kernel else "",
        field=size or other,
        because=printable(field.because, 120) if field is not None else "",
        stride=stride,
        seen="" if field is None or field.reach in ("none", "unknown") else percent(field.seen),
    )
