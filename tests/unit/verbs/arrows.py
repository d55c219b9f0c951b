"""Small pictures of arrows: four classes that mirroring and turning make of each other.

Knows nothing about networks.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

__all__ = ["NAMES", "arrows"]

NAMES = ("right", "up", "left", "down")
"""Each is the one before it, turned by a quarter counter-clockwise."""


def arrows(n: int, side: int = 16, seed: int = 0) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """`n` of each: images (4 n, side, side, 3) and labels, in places and colours drawn anew for each."""
    rng = np.random.default_rng(seed)
    images, labels = [], []
    shape = np.array([(1, 4), (8, 4), (8, 1), (14, 7.5), (8, 14), (8, 11), (1, 11)]) * side / 16
    for k in range(4):
        for _ in range(n):
            picture = Image.fromarray(rng.integers(90, 166, (side, side, 3), dtype=np.uint8))
            colour = tuple(int(v) for v in rng.choice([rng.integers(0, 60, 3), rng.integers(196, 256, 3)]))
            points = shape + rng.normal(0, 0.3, shape.shape) + rng.integers(-1, 2, 2)
            ImageDraw.Draw(picture).polygon([tuple(p) for p in points], fill=colour)
            images.append(np.rot90(np.asarray(picture), k))
            labels.append(k)
    return np.stack(images), np.array(labels)
