"""Images for a page without files: run images and first-layer filters as data URIs.

Knows nothing about what the images show.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from striate.core.wording import percent, printable
from striate.report.material import FirstFilters, Picture, PictureStrip

__all__ = ["FiltersSection", "Shown", "ShownStrip", "filters_section", "shown_pictures", "shown_strips"]

# Pictures on a page, and the longest side of one in pixels: 24 + 24 of them stay far below a megabyte.
MOST, LONGEST = 24, 160
# Strips on a page, and the height of one: eight pictures in a row.
STRIPS, STRIP_HEIGHT = 16, 80
# Filters on a page; the commonest first layers have 16 to 64.
FILTERS = 128
NAME = 40


@dataclass(frozen=True)
class Shown:
    """One picture on the page. `small`: enlarge it without smoothing, so that its pixels can be seen."""

    source: str
    small: bool
    label: str
    predicted: str
    confidence: str
    path: str


@dataclass(frozen=True)
class ShownStrip:
    """Pictures in a row, and what was done to them."""

    source: str
    small: bool
    text: str


@dataclass(frozen=True)
class FiltersSection:
    """The first layer's filters as pictures, and how to look at them."""

    layer: str
    sources: tuple[str, ...]
    caption: str


def shown_pictures(pictures: Sequence[Picture]) -> tuple[tuple[Shown, ...], int]:
    """The pictures as data URIs, and how many could not be read or are beyond the page's limit."""
    shown = []
    for picture in pictures[:MOST]:
        try:
            with Image.open(picture.file) as image:
                image.load()
                small = max(image.size) <= 64
                source = _data_uri(_reduced(image))
        except (OSError, ValueError, Image.DecompressionBombError):
            continue
        shown.append(
            Shown(
                source=source,
                small=small,
                label=printable(picture.label, NAME),
                predicted=printable(picture.predicted, NAME),
                confidence=percent(picture.confidence),
                path=printable(picture.path),
            )
        )
    return tuple(shown), len(pictures) - len(shown)


def shown_strips(strips: Sequence[PictureStrip]) -> tuple[tuple[ShownStrip, ...], int]:
    """The strips as data URIs, PNG for the sake of their transparent gaps, and how many are not shown."""
    shown = []
    for strip in strips[:STRIPS]:
        try:
            with Image.open(strip.file) as image:
                image.load()
                plain = image if image.mode == "RGBA" else image.convert("RGBA")
        except (OSError, ValueError, Image.DecompressionBombError):
            continue
        small = plain.height <= 64
        if plain.height > STRIP_HEIGHT:
            plain.thumbnail((plain.width, STRIP_HEIGHT), Image.Resampling.LANCZOS)
        shown.append(ShownStrip(_png_uri(plain), small, printable(strip.text)))
    return tuple(shown), len(strips) - len(shown)


def _reduced(image: Image.Image) -> Image.Image:
    plain = image if image.mode in ("L", "RGB") else image.convert("RGB")
    if max(plain.size) > LONGEST:
        plain.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    return plain


def _data_uri(image: Image.Image) -> str:
    """PNG for small pictures, whose every pixel counts; JPEG for the rest."""
    if max(image.size) <= 64:
        return _png_uri(image)
    content = io.BytesIO()
    image.save(content, format="JPEG", quality=85)
    return f"data:image/jpeg;base64,{base64.b64encode(content.getvalue()).decode('ascii')}"


def _png_uri(image: Image.Image) -> str:
    content = io.BytesIO()
    image.save(content, format="PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(content.getvalue()).decode('ascii')}"


def filters_section(filters: FirstFilters | None) -> FiltersSection | None:
    """Each filter scaled to its own range; in colour for three input channels, else its first one in grey.

    None without a first convolution or when it is 1 x 1, where there is nothing spatial to see.
    """
    if filters is None or filters.weights.shape[2:] == (1, 1) or not np.isfinite(filters.weights).all():
        return None
    o, i, kh, kw = filters.weights.shape
    return FiltersSection(
        layer=printable(filters.layer, 60),
        sources=tuple(_data_uri(_filter_image(w)) for w in filters.weights[:FILTERS]),
        caption=_filter_caption(o, i, kh, kw),
    )


def _filter_image(weights: NDArray[np.float32]) -> Image.Image:
    """(I, kh, kw) -> picture of kw x kh pixels; the smallest weight is black, the largest white."""
    low, high = float(weights.min()), float(weights.max())
    scaled = (weights - low) / (high - low) if high > low else np.full_like(weights, 0.5)
    pixels = np.round(255 * scaled).astype(np.uint8)
    return Image.fromarray(pixels.transpose(1, 2, 0) if len(pixels) == 3 else pixels[0])


def _filter_caption(o: int, i: int, kh: int, kw: int) -> str:
    shown = f"The first {FILTERS} of {o}" if o > FILTERS else f"All {o}"
    scale = "each scaled to its own range, so brightness cannot be compared between filters"
    colour = "in colour" if i == 3 else "in grey" if i == 1 else f"only the first of {i} input channels"
    caption = f"{shown} filters of {kh} × {kw}, {colour}, {scale}."
    # From 7 x 7 a filter has room for a period of a grating under an envelope; 5 x 5 hardly, 3 x 3 not at all.
    if max(kh, kw) < 5:
        return (
            caption
            + f" {kh} × {kw} is too small to tell an oriented grating (a Gabor) from a plain edge or a blur."
        )
    if max(kh, kw) < 7:
        return (
            caption + f" {kh} × {kw} shows edges and blobs; it is still small for judging gratings (Gabors)."
        )
    return (
        caption
        + " Oriented edges, gratings and colour blobs are what trained first layers often hold; noise means too little training."
    )
