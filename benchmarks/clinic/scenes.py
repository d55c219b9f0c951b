"""Synthetic images whose class is known by construction: textured shapes, discs, arrows, a relation of two shapes.

Each function gives `n` images, classes in turn then shuffled, always the same for the same arguments. Noise and clutter keep the tasks from being
trivial. Knows nothing about networks or faults.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.clinic.images import Images

Array = NDArray[np.float32]
Generator = np.random.Generator


def textured_shapes(n: int, size: int = 20) -> Images:
    """Six classes: circle, square or triangle, filled with stripes or with checks; grey background of noise."""
    return _made(n, 6, size, 1, _textured_shape, seed=1)


def coloured_discs(n: int, size: int = 16) -> Images:
    """Five classes: the hue of the largest of three discs, in colour noise."""
    return _made(n, 5, size, 3, _coloured_disc, seed=2)


def arrows(n: int, size: int = 20) -> Images:
    """Four classes: where an arrow points (left, right, up, down), in noise, at any place."""
    return _made(n, 4, size, 1, _arrow, seed=3)


def relations(n: int, size: int = 20) -> Images:
    """Four classes: which of two kinds of small shape stands in one corner region, and which in the opposite one.

    Each single shape says nothing about the class being 0 or 3 rather than 1 or 2: the pair does.
    """
    return _made(n, 4, size, 1, _relation, seed=4)


def _made(n: int, classes: int, size: int, channels: int, draw, seed: int) -> Images:  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n) % classes)
    x = np.empty((n, channels, size, size), dtype=np.float32)
    for i, label in enumerate(labels):
        x[i] = draw(int(label), size, rng)
    return Images(np.clip(x, 0, 1), labels.astype(np.int64))


def _grid(size: int) -> tuple[Array, Array]:
    rows, columns = np.mgrid[0:size, 0:size].astype(np.float32)
    return rows, columns


def _shape(kind: int, size: int, row: float, column: float, radius: float) -> NDArray[np.bool_]:
    rows, columns = _grid(size)
    down, right = rows - row, columns - column
    if kind == 0:
        return down**2 + right**2 <= radius**2
    if kind == 1:
        return np.maximum(abs(down), abs(right)) <= 0.85 * radius
    return (down <= 0.8 * radius) & (down >= -radius + 1.6 * abs(right))


def _textured_shape(label: int, size: int, rng: Generator) -> Array:
    kind, texture = divmod(label, 2)
    radius = rng.uniform(0.28, 0.4) * size
    row, column = rng.uniform(radius, size - radius, size=2)
    mask = _shape(kind, size, row, column, radius)
    rows, columns = _grid(size)
    phase = rng.integers(0, 4)
    wave = (columns + phase) // 2 % 2 if texture == 0 else ((rows + phase) // 2 + (columns + phase) // 2) % 2
    inside = rng.uniform(0.05, 0.2) + rng.uniform(0.6, 0.75) * wave
    image = 0.45 + 0.1 * rng.standard_normal((size, size))
    return np.where(mask, inside + 0.1 * rng.standard_normal((size, size)), image)[None].astype(np.float32)


HUES = np.array(
    [(0.9, 0.2, 0.2), (0.2, 0.8, 0.25), (0.25, 0.35, 0.95), (0.9, 0.8, 0.2), (0.8, 0.25, 0.8)], np.float32
)


def _coloured_disc(label: int, size: int, rng: Generator) -> Array:
    image = 0.5 + 0.15 * rng.standard_normal((3, size, size))
    others = rng.choice([c for c in range(len(HUES)) if c != label], size=2)
    for hue, radius in ((others[0], 0.14), (others[1], 0.14), (label, 0.22)):
        r = radius * size * rng.uniform(0.9, 1.1)
        row, column = rng.uniform(r / 2, size - r / 2, size=2)
        mask = _shape(0, size, row, column, r)
        colour = HUES[hue] + 0.22 * rng.standard_normal(3)
        image[:, mask] = colour[:, None] + 0.12 * rng.standard_normal((3, int(mask.sum())))
    return image.astype(np.float32)


def _arrow(label: int, size: int, rng: Generator) -> Array:
    length, head = int(rng.integers(7, 12)), int(rng.integers(2, 4))
    canvas = np.zeros((size, size), dtype=np.float32)
    row = int(rng.integers(head, size - head))
    start = int(rng.integers(0, size - length))
    canvas[row, start : start + length] = 1
    for k in range(head + 1):  # the head, at the left end
        canvas[row - k, start + k] = canvas[row + k, start + k] = 1
    turned = {0: canvas, 1: canvas[:, ::-1], 2: canvas.T, 3: canvas.T[::-1]}[label]
    back, ink = rng.uniform(0.1, 0.4), rng.uniform(0.4, 0.6)
    return (back + ink * turned + 0.1 * rng.standard_normal((size, size)))[None].astype(np.float32)


def _relation(label: int, size: int, rng: Generator) -> Array:
    first, second = divmod(label, 2)
    image = 0.3 + 0.12 * rng.standard_normal((size, size))
    places = ((0.22, 0.22), (0.78, 0.78)) if rng.random() < 0.5 else ((0.22, 0.78), (0.78, 0.22))
    # The upper shape is of the first kind, the lower one of the second: a class needs both.
    for kind, (down, right) in zip((first, second), places, strict=True):
        row, column = np.array([down, right]) * size + rng.uniform(-1.5, 1.5, size=2)
        mask = _shape(1 if kind else 2, size, row, column, 0.13 * size * rng.uniform(0.95, 1.2))
        image[mask] = 0.8 + 0.12 * rng.standard_normal(int(mask.sum()))
    return image[None].astype(np.float32)
