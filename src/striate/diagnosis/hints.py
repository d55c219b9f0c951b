"""What is unusual about a network for the size of its images.

Hints, not findings: each names a fact that is often a mistake and sometimes meant. Knows nothing about training or torch.
"""

from __future__ import annotations

from collections.abc import Sequence

from striate.core.layer_records import LayerFact
from striate.core.wording import percent

__all__ = ["EARLY_REDUCTION", "SMALL_IMAGE", "early_reduction", "layer_hints", "sees_all"]

# A last map that sees less than half of the image on an axis judges objects of that size by their parts. Half is a
# starting value; what a small field costs is gradual (BagNet, Brendel and Bethge 2019).
SMALL_FIELD = 0.5
# Up to this size, a stem made for 224 pixels throws away most of the picture (resnet18 on CIFAR-10: He et al. 2016 use
# stride 1 there).
SMALL_IMAGE = 64
EARLY_LAYERS, EARLY_REDUCTION = 2, 4


def layer_hints(layers: Sequence[LayerFact], input_size: Sequence[int]) -> tuple[str, ...]:
    """The hints for layers as `inspect` lists them, on images of `input_size` (C, H, W); each a sentence or two."""
    image = tuple(input_size[1:])
    found = [_small_field(layers, image), _early_reduction(layers, image), _beyond(layers, image)]
    return tuple(hint for hint in [*found, _misaligned(layers), _unknown(layers)] if hint)


def _small_field(layers: Sequence[LayerFact], image: tuple[int, ...]) -> str:
    """Of the last map, if it has one size: where a gate (squeeze-and-excitation) has looked at everything it has none."""
    maps = [layer for layer in layers if _is_map(layer)]
    size = maps[-1].field.size if maps and maps[-1].field is not None else None
    if size is None or not any(layer.field is not None and layer.field.reach == "global" for layer in layers):
        return ""
    share = min(a / b for a, b in zip(size, image, strict=True))
    if share >= SMALL_FIELD:
        return ""
    return (
        f"Before everything is pooled, a unit sees {_by(size)} of {_by(image)} pixels, {percent(share)} of a side: "
        "larger objects are judged by their parts."
    )


def _is_map(layer: LayerFact) -> bool:
    return len(layer.output_shape) > 1 and any(side > 1 for side in layer.output_shape[1:])


def early_reduction(layers: Sequence[LayerFact], image: Sequence[int]) -> int:
    """How many times smaller the first layers with a window make a small image, where that is 4 times or more; else 0."""
    strides = [
        layer.field.stride
        for layer in _first_windows(layers, image)
        if layer.field is not None and layer.field.stride is not None
    ]
    if max(image) > SMALL_IMAGE or not strides or max(strides[-1]) < EARLY_REDUCTION:
        return 0
    return int(max(strides[-1]))


def _first_windows(layers: Sequence[LayerFact], image: Sequence[int]) -> list[LayerFact]:
    return [layer for layer in layers if len(layer.kernel) == len(image)][:EARLY_LAYERS]


def _early_reduction(layers: Sequence[LayerFact], image: tuple[int, ...]) -> str:
    times = early_reduction(layers, image)
    if not times:
        return ""
    return (
        f"The first {len(_first_windows(layers, image))} layers with a window shrink the {_by(image)} image {times}-fold: a stem made "
        "for large photographs. One of stride 1 keeps the detail that small images have."
    )


def sees_all(layers: Sequence[LayerFact], image: Sequence[int]) -> tuple[LayerFact, ...]:
    """The convolutions with a window that get maps whose units could already see the whole image."""
    return tuple(
        layer
        for layer in _windows(layers)
        if layer.input_field and all(a >= b for a, b in zip(layer.input_field, image, strict=True))
    )


def _windows(layers: Sequence[LayerFact]) -> list[LayerFact]:
    return [layer for layer in layers if layer.multiply_adds and max(layer.kernel, default=1) > 1]


def _beyond(layers: Sequence[LayerFact], image: tuple[int, ...]) -> str:
    windows, past = _windows(layers), sees_all(layers, image)
    if not past:
        return ""
    return (
        f"{len(past)} of {len(windows)} convolutions with a window, from {past[0].name} on, get maps whose units could "
        "already see the whole image: they add depth, not view."
    )


def _misaligned(layers: Sequence[LayerFact]) -> str:
    place = next((layer.field.misaligned for layer in layers if layer.field and layer.field.misaligned), "")
    return (
        f"Branches meet in {place} whose fields have different centres; the field given is their hull."
        if place
        else ""
    )


def _unknown(layers: Sequence[LayerFact]) -> str:
    because = next(
        (layer.field.because for layer in layers if layer.field and layer.field.reach == "unknown"), ""
    )
    return f"From one point on the field is unknown: {because}." if because else ""


def _by(size: Sequence[int]) -> str:
    return "x".join(map(str, size))
