"""Strips of pictures for a page: the same images before and after, as data URIs.

Knows nothing about transforms, nor about where the pictures come from.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from striate.core.wording import printable

__all__ = ["Pictured", "Tile", "picture", "share_words", "tiles"]

# Small pictures keep every pixel and are enlarged by the browser; larger ones are reduced to this side.
SMALL, REDUCED = 64, 112
NAME = 24


class Pictured(Protocol):
    """A strip: the same N images under one transform; the first of several shows them as they are."""

    @property
    def text(self) -> str:
        """The transform as a policy writes it."""
        ...

    @property
    def images(self) -> NDArray[np.uint8]:
        """(N, H, W, C), C 1 or 3."""
        ...

    @property
    def targets(self) -> NDArray[np.float32]:
        """(N, K): the share that each class has in each picture."""
        ...


@dataclass(frozen=True)
class Tile:
    """One picture; `small`: to be enlarged without smoothing. `label`: its class, or the shares of several."""

    source: str
    width: int
    height: int
    small: bool
    label: str


def tiles(strip: Pictured, classes: Sequence[str]) -> tuple[Tile, ...]:
    """The pictures of a strip: PNG up to 64 pixels a side, else JPEG of 112."""
    found = []
    for pixels, target in zip(strip.images, strip.targets, strict=True):
        image = picture(pixels)
        small = max(image.size) <= SMALL
        if not small:
            image.thumbnail((REDUCED, REDUCED), Image.Resampling.LANCZOS)
        label = share_words(target, classes)
        found.append(Tile(_data_uri(image, small), image.width, image.height, small, label))
    return tuple(found)


def picture(pixels: NDArray[np.uint8]) -> Image.Image:
    """(H, W, C) as an image: grey for one channel, the first three of more."""
    grey = pixels.shape[2] < 3
    return Image.fromarray(np.ascontiguousarray(pixels[:, :, 0] if grey else pixels[:, :, :3]))


def share_words(target: NDArray[np.float32], classes: Sequence[str]) -> str:
    """A class, or the shares of several, largest first: ``cat 70 %, dog 30 %``."""
    order = [int(k) for k in np.argsort(-target, kind="stable") if target[k] >= 0.005]
    if len(order) == 1:
        return printable(classes[order[0]], NAME)
    return ", ".join(f"{printable(classes[k], NAME)} {100 * target[k]:.0f} %" for k in order)


def _data_uri(image: Image.Image, small: bool) -> str:
    content, kind = io.BytesIO(), "png" if small else "jpeg"
    if small:
        image.save(content, format="PNG", optimize=True)
    else:
        image.save(content, format="JPEG", quality=85)
    return f"data:image/{kind};base64,{base64.b64encode(content.getvalue()).decode('ascii')}"
