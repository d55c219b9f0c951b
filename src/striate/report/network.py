"""The network as a shrinking, widening stack: height is map size, width is channels.

Layers that put out maps of one resolution are one block, so that a net of 110 layers still fits a page. Knows
nothing about weights or how the network was trained.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from striate.core.layer_records import LayerFact
from striate.core.wording import count, printable
from striate.report.svg import drawing, element, path, text

__all__ = ["NetworkSection", "Stage", "network_section", "stages"]

# More blocks than this are not a figure any more; the table below it has them all.
DRAWN = 14
# Rows of the table of layers; the rest is counted.
LISTED = 400
# Sizes are drawn to this power: 224 to 7 is 32-fold, and the small end must remain visible.
SIZE_POWER, CHANNEL_POWER = 0.6, 0.5


@dataclass(frozen=True)
class Stage:
    """Consecutive layers whose maps have one size. `size` is () for vectors, (H, W) for maps, (T,) for tokens."""

    size: tuple[int, ...]
    channels: int
    layers: tuple[LayerFact, ...]

    @property
    def shape(self) -> str:
        """``64 × 8×8``, ``10``."""
        return f"{self.channels} × {'×'.join(map(str, self.size))}" if self.size else f"{self.channels}"

    @property
    def parameters(self) -> int:
        return sum(layer.parameters for layer in self.layers)

    @property
    def contents(self) -> str:
        """``7 Conv2d 3×3, 7 BatchNorm2d, 6 ReLU``: the commonest kinds, in order of first appearance."""
        kinds = Counter(_kind(layer) for layer in self.layers)
        shown = [f"{n} {kind}" if n > 1 else kind for kind, n in itertools.islice(kinds.items(), 6)]
        return ", ".join(shown) + (", …" if len(kinds) > 6 else "")


@dataclass(frozen=True)
class NetworkSection:
    """The drawing (wide and narrow), the stages in a table, every layer in another."""

    picture: Markup
    stages: tuple[Stage, ...]
    layers: tuple[LayerFact, ...]
    more_layers: int
    summary: str


def network_section(
    layers: Sequence[LayerFact], input_size: tuple[int, ...], parameters: int
) -> NetworkSection | None:
    """The section for images of `input_size` (C, H, W), or None when no layers are known."""
    if not layers:
        return None
    found = stages(layers)
    weights = [layer for layer in layers if layer.parameters and len(layer.kernel) == 2]
    entry = Stage(size=input_size[1:], channels=input_size[0], layers=())
    drawn = (entry, *found[:DRAWN])
    return NetworkSection(
        picture=_wide(drawn) + _narrow(drawn),
        stages=tuple(found),
        layers=tuple(
            layer.model_copy(update={"name": printable(layer.name, 60)}) for layer in layers[:LISTED]
        ),
        more_layers=max(0, len(layers) - LISTED),
        summary=f"{count(parameters, 'parameter')} in {count(len(layers), 'layer')}, "
        f"{len(weights)} of them convolutions.",
    )


def stages(layers: Sequence[LayerFact]) -> list[Stage]:
    """Group consecutive layers by the size of what they put out.

    A vector (or 1 x 1 map) that is followed by larger maps again is a side branch, such as squeeze-and-excitation:
    it stays in the stage it serves.
    """
    last_map = max((i for i, layer in enumerate(layers) if _size(layer)), default=-1)
    keys: list[tuple[tuple[int, ...], int]] = []
    for i, layer in enumerate(layers):
        size, channels = _size(layer), layer.output_shape[0] if layer.output_shape else 0
        aside = (not layer.output_shape or (not size and i < last_map)) and keys
        # Vectors of different length are different stages; maps of one size are one, whatever their channels.
        keys.append(keys[-1] if aside else (size, 0 if size else channels))
    found = []
    for (size, _), group in itertools.groupby(zip(keys, layers, strict=True), key=lambda pair: pair[0]):
        members = tuple(layer for _, layer in group)
        channels = max((_channels(m) for m in members if _size(m) == size), default=0)
        found.append(Stage(size=size, channels=channels, layers=members))
    return found


def _size(layer: LayerFact) -> tuple[int, ...]:
    """(H, W) of a map, (T,) of tokens (T, D), () of a vector or a 1 x 1 map."""
    shape = layer.output_shape
    if len(shape) == 2:
        return shape[:1]
    return shape[1:] if any(side > 1 for side in shape[1:]) else ()


def _channels(layer: LayerFact) -> int:
    shape = layer.output_shape
    return (shape[1] if len(shape) == 2 else shape[0]) if shape else 0


def _kind(layer: LayerFact) -> str:
    kernel = (
        " " + "×".join(map(str, layer.kernel)) if len(layer.kernel) == 2 and layer.kernel != (1, 1) else ""
    )
    if layer.kernel == (1, 1):
        kernel = " 1×1"
    return printable(layer.kind, 24) + kernel


class _Scale:
    """Sizes of blocks relative to the largest."""

    def __init__(self, drawn: Sequence[Stage]) -> None:
        self.size = max((max(s.size) for s in drawn if s.size), default=1)
        self.channels = max(s.channels for s in drawn)

    def height(self, stage: Stage, most: float) -> float:
        if not stage.size:
            return max(0.16 * most, 0.75 * most * (stage.channels / self.channels) ** CHANNEL_POWER)
        return max(8.0, most * (max(stage.size) / self.size) ** SIZE_POWER)

    def width(self, stage: Stage, most: float) -> float:
        if not stage.size:
            return 8.0
        return max(4.0, most * (stage.channels / self.channels) ** CHANNEL_POWER)


def _labels(stage: Stage, first: bool) -> tuple[str, str, str]:
    size = "×".join(map(str, stage.size)) if stage.size else "vector"
    third = "input" if first else count(len(stage.layers), "layer")
    return f"{stage.channels:,}", size, third


def _wide(drawn: Sequence[Stage]) -> Markup:
    """Blocks side by side, each in oblique projection, standing on one centre line."""
    scale, most, centre = _Scale(drawn), 180.0, 130.0
    # Few blocks are drawn broad, many narrow, so that the figure fills a page without leaving it.
    broad = min(120.0, max(56.0, 640.0 / len(drawn)))
    parts, x = [], 0.0
    for i, stage in enumerate(drawn):
        h, w = scale.height(stage, most), scale.width(stage, broad)
        depth = 0.28 * h if stage.size else 0.0
        column = max(w + depth, 74.0)
        parts.append(
            _block(
                x + (column - w - depth) / 2,
                centre - h / 2 + depth / 4,
                w,
                h,
                depth,
                "input" if i == 0 else "",
            )
        )
        for line, words in enumerate(_labels(stage, i == 0)):
            parts.append(
                text(x + column / 2, 250 + 16 * line, words, class_="tick middle" if line else "label middle")
            )
        x += column + broad / 4
    label = "The network: " + ", then ".join(s.shape for s in drawn)
    return drawing(max(x, 200), 292, label, *parts, class_="network wide")


def _block(x: float, y: float, w: float, h: float, depth: float, style: str) -> Markup:
    """Front face, top and right side."""
    up = depth * 0.5
    top = path([(x, y), (x + depth, y - up), (x + w + depth, y - up), (x + w, y)], closed=True)
    side = path(
        [(x + w, y), (x + w + depth, y - up), (x + w + depth, y + h - up), (x + w, y + h)], closed=True
    )
    front = path([(x, y), (x + w, y), (x + w, y + h), (x, y + h)], closed=True)
    faces = [("top", top), ("side", side), ("front", front)] if depth else [("front", front)]
    return Markup("").join(element("path", class_=f"face {name} {style}".strip(), d=d) for name, d in faces)


def _narrow(drawn: Sequence[Stage]) -> Markup:
    """Slabs from top to bottom for a phone: width is the map's size, height the channels."""
    scale, centre, y = _Scale(drawn), 80.0, 8.0
    parts = []
    for i, stage in enumerate(drawn):
        w, h = scale.height(stage, 150.0), scale.width(stage, 36.0)
        row = max(h, 24.0)
        parts.append(
            element(
                "rect",
                class_=f"face front {'input' if i == 0 else ''}".strip(),
                x=centre - w / 2,
                y=y + (row - h) / 2,
                width=w,
                height=h,
            )
        )
        channels, size, layers = _labels(stage, i == 0)
        parts.append(
            text(172, y + row / 2 + 4, f"{channels} × {size}" if stage.size else channels, class_="label")
        )
        parts.append(text(338, y + row / 2 + 4, layers, class_="tick end"))
        y += row + 12
    return drawing(340, y, "The network from input to output", *parts, class_="network narrow")
