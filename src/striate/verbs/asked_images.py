"""Whatever a network is asked about, as images by name: files, arrays, Pillow images.

A folder is walked as in training, an array read as in training. Knows nothing about networks.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from striate.core.progress import Progress
from striate.data.arrays import as_image
from striate.data.decode import decode, pixels_of_image
from striate.data.errors import ArraysUnusable, NoImages, NoSuchData
from striate.data.preprocess import Preprocess
from striate.data.walk import Walk

__all__ = ["Asked", "asked_images", "pixels_for"]

EXPECTED = "paths, folders, Pillow images, or arrays (H, W), (H, W, C), (C, H, W) of uint8 or float in [0, 1]"


class Asked(NamedTuple):
    """One image: its name, and where its pixels come from. With a `problem` it has none."""

    name: str
    source: Path | NDArray[np.uint8] | Image.Image | None
    problem: str = ""


def asked_images(images: Any, progress: Progress) -> list[Asked]:
    """Every image that `images` means, in order, files of a folder sorted.

    A single array of two axes, or of three with one of length 1 or 3 for channels, is one image; another is a stack of them. Raises
    NoSuchData, ArraysUnusable, and NoImages where folders were given and no image is in any.
    """
    found: list[Asked] = []
    empty: list[str] = []
    for number, item in enumerate(_items(images)):
        some = list(_expanded(number, item))
        found += some
        if not some:
            empty.append(str(item))
    if empty and not found:
        raise NoImages(
            "no image was found",
            where=", ".join(empty),
            expected="images in the folder or below it",
            next_step="check the path; hidden files are passed over",
        )
    for folder in empty:
        progress.say(f"No image was found in {folder}.")
    return found


def pixels_for(preprocess: Preprocess, source: Any) -> NDArray[np.uint8]:
    """uint8 (H, W, C) as `preprocess` makes them. Raises UnreadableImage."""
    if isinstance(source, np.ndarray):
        return preprocess.pixels(Image.fromarray(source[:, :, 0] if source.shape[2] == 1 else source))
    if isinstance(source, Image.Image):
        return pixels_of_image(source, preprocess)
    return decode(source, preprocess).pixels


def _items(images: Any) -> Iterable[Any]:
    """One after the other what was given; a single thing is a list of one."""
    if isinstance(images, str | os.PathLike | Image.Image):
        return [images]
    if _is_array(images):
        shape = tuple(images.shape)
        one = len(shape) == 2 or (len(shape) == 3 and (shape[0] in (1, 3) or shape[2] in (1, 3)))
        return [images] if one else list(images)
    if isinstance(images, Iterable) and not isinstance(images, bytes):
        return list(images)
    raise _refused(images, "this cannot be taken as images")


def _expanded(number: int, item: Any) -> Iterator[Asked]:
    if isinstance(item, Image.Image):
        yield Asked(f"image {number}", item)
    elif _is_array(item):
        yield Asked(f"array {number}", as_image(item, number))
    elif isinstance(item, str | os.PathLike):
        yield from _at(Path(item))
    else:
        raise _refused(item, f"item {number} cannot be taken as an image")


def _at(path: Path) -> Iterator[Asked]:
    if path.is_dir():
        images, notices = Walk(path).images_below("")
        skipped = [n for n in notices if n.action == "skipped"]
        beside = {n.path: f"{n.kind}: {n.detail}" for n in skipped}
        for name in sorted([*images, *beside]):
            yield Asked(str(path / name), path / name if name not in beside else None, beside.get(name, ""))
    elif path.exists() or path.is_symlink():
        yield Asked(str(path), path)
    else:
        raise NoSuchData("no such file or folder", where=path, next_step="check the path")


def _is_array(value: Any) -> bool:
    """Arrays and tensors; a Pillow image is none, though it has the interface."""
    return hasattr(value, "__array__") and hasattr(value, "shape") and not isinstance(value, Image.Image)


def _refused(value: Any, what: str) -> ArraysUnusable:
    return ArraysUnusable(what, got=f"an object of type {type(value).__name__}", expected=EXPECTED)
