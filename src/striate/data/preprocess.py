"""How any image becomes (H, W, C) numbers: one object for train, val and predict.

It travels with the weights, so the pixels a network sees later are made as those it learned from. The geometry
is applied here; (x / 255 - mean) / std is applied on the device, by whoever holds the batch. Knows nothing
about files or decoders.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["Preprocess", "Resize"]

Resize = Literal["crop", "squash", "pad"]

WHITE = (255, 255, 255)


# A plain dataclass, not a Record: decoding workers build one, and pydantic would double their start-up time.
@dataclass(frozen=True)
class Preprocess:
    """Geometry, channels and statistics of the network's input.

    crop    the largest centred rectangle of the target's aspect ratio, then resized: loses the ends
    squash  resized on each axis by itself: loses the aspect ratio
    pad     resized to fit, the rest is background: loses resolution

    Resizing is bilinear with a filter that widens when shrinking (antialiased), in 8 bits, by Pillow. An image
    that already has the target's size keeps every bit.
    """

    img_size: tuple[int, int]
    """(H, W) in pixels."""
    channels: int = 3
    """3 for RGB, 1 for grey (luma of ITU-R BT.601: 0.299 R + 0.587 G + 0.114 B)."""
    resize: Resize = "crop"
    filter: Literal["bilinear"] = "bilinear"
    background: tuple[int, int, int] = WHITE
    """What transparent pixels and padding become: white, as on a page."""
    mean: tuple[float, ...] = ()
    """Per channel, of x / 255; empty until measured."""
    std: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no image could be made into; lists (from JSON) become tuples."""
        for name in ("img_size", "background", "mean", "std"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if not _whole(self.img_size, 2, 1, 16384):
            raise ValueError(f"img_size must be two whole numbers (H, W) in 1..16384, got {self.img_size}")
        if self.channels not in (1, 3):
            raise ValueError(f"channels must be 1 or 3, got {self.channels}")
        if self.resize not in get_args(Resize):
            raise ValueError(f"resize must be one of {', '.join(get_args(Resize))}, got {self.resize!r}")
        if self.filter != "bilinear":
            raise ValueError(f"filter must be bilinear, got {self.filter!r}")
        if not _whole(self.background, 3, 0, 255):
            raise ValueError(f"background must be three whole numbers in 0..255, got {self.background}")
        if len(self.mean) != len(self.std) or len(self.mean) not in (0, self.channels):
            raise ValueError(
                f"mean and std must have {self.channels} values each, got {self.mean} and {self.std}"
            )
        if not all(math.isfinite(v) for v in self.mean) or not all(
            math.isfinite(v) and v > 0 for v in self.std
        ):
            raise ValueError(f"mean must be finite and std positive, got {self.mean} and {self.std}")

    @property
    def shape(self) -> tuple[int, int, int]:
        """(H, W, C) of one image's pixels."""
        return (*self.img_size, self.channels)

    def with_statistics(self, mean: tuple[float, ...], std: tuple[float, ...]) -> Preprocess:
        """The same preprocessing with the statistics of a training split."""
        return replace(self, mean=tuple(mean), std=tuple(std))

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-able values; `from_dict` gives an equal object back."""
        return {key: list(v) if isinstance(v, tuple) else v for key, v in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Preprocess:
        """What `to_dict` wrote. Raises ValueError for unknown or missing keys and for values out of range."""
        known = set(cls.__dataclass_fields__)
        if unknown := sorted(set(values) - known):
            raise ValueError(f"unknown preprocessing setting: {', '.join(unknown)}")
        if missing := sorted(known - set(values)):
            raise ValueError(f"missing preprocessing setting: {', '.join(missing)}")
        try:
            return cls(**values)
        except TypeError as error:
            raise ValueError(f"preprocessing settings of the wrong type: {error}") from error

    def geometry_key(self) -> str:
        """SHA-256 of everything that decides the 8-bit pixels; mean and std do not."""
        values = {key: v for key, v in self.to_dict().items() if key not in ("mean", "std")}
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()

    def pixels(self, image: Image.Image) -> NDArray[np.uint8]:
        """An upright 8-bit grey or colour image as uint8 (H, W, C)."""
        mode = "L" if self.channels == 1 else "RGB"
        if image.mode != mode:
            image = image.convert(mode)
        height, width = self.img_size
        if image.size != (width, height):
            image = self._resized(image)
        return np.asarray(image, dtype=np.uint8).reshape(self.shape)

    def _resized(self, image: Image.Image) -> Image.Image:
        height, width = self.img_size
        bilinear = Image.Resampling.BILINEAR
        if self.resize == "squash":
            return image.resize((width, height), bilinear)
        if self.resize == "crop":
            return image.resize((width, height), bilinear, box=crop_box(image.size, (width, height)))
        inner = padded_size(image.size, (width, height))
        colour: Any = self.background
        if image.mode == "L":
            colour = Image.new("RGB", (1, 1), self.background).convert("L").getpixel((0, 0))
        page = Image.new(image.mode, (width, height), colour)
        page.paste(image.resize(inner, bilinear), ((width - inner[0]) // 2, (height - inner[1]) // 2))
        return page


def _whole(values: Sequence[object], n: int, least: int, most: int) -> bool:
    """Whether these are `n` whole numbers in least..most; True and False are none."""
    return len(values) == n and all(type(v) is int and least <= v <= most for v in values)


def crop_box(size: tuple[int, int], target: tuple[int, int]) -> tuple[float, float, float, float]:
    """The largest centred rectangle of `target`'s aspect ratio in an image of `size`; sizes are (W, H).

    Edges may fall between pixels: the resampling filter weighs the cut ones.
    """
    width, height = size
    scale = min(width / target[0], height / target[1])
    # Clamped: the product may exceed the image by one rounding error, which Pillow would refuse.
    crop_w, crop_h = min(float(width), target[0] * scale), min(float(height), target[1] * scale)
    left, top = (width - crop_w) / 2, (height - crop_h) / 2
    return left, top, min(float(width), left + crop_w), min(float(height), top + crop_h)


def padded_size(size: tuple[int, int], target: tuple[int, int]) -> tuple[int, int]:
    """The largest (W, H) of `size`'s aspect ratio within `target`; at least 1 pixel on each side."""
    scale = min(target[0] / size[0], target[1] / size[1])
    return (
        min(target[0], max(1, round(size[0] * scale))),
        min(target[1], max(1, round(size[1] * scale))),
    )
