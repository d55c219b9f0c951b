"""Images and labels from memory: arrays, tensors, or any map-style data set, as a listing.

uint8, or float in [0, 1]; (N, H, W), (N, H, W, C) or (N, C, H, W) with C of 1 or 3. What could be read in two ways
is refused. Takes tensors through NumPy's array protocol; knows nothing about torch, files or splits to be made.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, Literal, NoReturn, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from striate.core.progress import SILENT, Progress
from striate.core.records import Notice
from striate.data.class_names import natural_order
from striate.data.errors import ArraysUnusable, OneClass
from striate.data.listing import Listing
from striate.data.splits import SPLIT_WORDS

__all__ = ["MapDataset", "as_image", "as_pixels", "from_arrays", "from_dataset"]

Layout = Literal["NHWC", "NCHW"]

IMAGE_MODES = frozenset(("L", "RGB"))
"""Pillow modes whose pixels mean the same in every program; others need a decision that is the user's."""


class MapDataset(Protocol):
    """A data set of (image, label) pairs by index, as torch and torchvision have them."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Any: ...


def from_arrays(
    x: ArrayLike,
    y: ArrayLike,
    *,
    classes: Sequence[str] | None = None,
    splits: Sequence[str] | NDArray[np.int8] | None = None,
    groups: Sequence[str] | None = None,
    layout: Layout | None = None,
    name: str = "arrays",
    mirror_safe: bool = True,
) -> Listing:
    """`x[i]` is an image, `y[i]` its label: an index into `classes`, or any integer or text without them.

    `splits` are words ('train', 'val', 'test', '' to leave it open) or the codes of `Listing.split`.
    Float pixels become rint(255 x). uint8 in (N, H, W, C) is used as it is, not copied. `layout` is needed
    only where both axis 1 and axis 3 could be channels. Raises ArraysUnusable, OneClass.

    >>> from_arrays(np.zeros((2, 8, 8), np.uint8), ["no", "yes"]).classes
    ('no', 'yes')
    """
    pixels, notices = as_pixels(_array(x, "images"), layout)
    names, labels = _labels(_array(y, "labels"), classes)
    n = len(pixels)
    for what, values in (("labels", labels), ("splits", splits), ("groups", groups)):
        if values is not None and len(values) != n:
            _refuse(f"there are not as many {what} as images", f"{len(values)} {what}, {n} images")
    if len(set(labels.tolist())) < 2:
        raise OneClass("only one class has images", got=f"{n} images of one label", expected="two or more")
    width = len(str(n - 1))
    return Listing(
        name=name,
        source=name,
        kind="arrays",
        classes=names,
        labels=labels,
        split=_codes(splits, n),
        paths=tuple(f"{name}/{i:0{width}d}" for i in range(n)),
        arrays=pixels,
        groups=None if groups is None else tuple(str(group) for group in groups),
        notices=tuple(notices),
        mirror_safe=mirror_safe,
    )


def from_dataset(
    dataset: MapDataset,
    *,
    classes: Sequence[str] | None = None,
    progress: Progress = SILENT,
    name: str = "dataset",
) -> Listing:
    """All items of a map-style data set, read once, in order. Images of Pillow, arrays or tensors, of one size.

    Class names are `classes`, else the data set's own attribute `classes`, else the labels. Raises ArraysUnusable.
    """
    n = len(dataset)
    if n == 0:
        _refuse("the data set is empty", "0 items")
    images: list[NDArray[np.uint8]] = []
    labels: list[Any] = []
    with progress.task("Reading the data set", n) as task:
        for i in range(n):
            image, label = _pair(dataset[i], i)
            images.append(as_image(image, i))
            labels.append(label)
            if images[i].shape != images[0].shape:
                _refuse(
                    "the images differ in size or channels",
                    f"item 0 is {images[0].shape}, item {i} is {images[i].shape} (H, W, C)",
                    "images of one size; or a folder or CSV of files, which striate resizes",
                )
            task.advance()
    if classes is None:
        own = getattr(dataset, "classes", None)
        classes = own if isinstance(own, list | tuple) and all(isinstance(c, str) for c in own) else None
    listing = from_arrays(np.stack(images), labels, classes=classes, layout="NHWC", name=name)
    if not np.array_equal(as_image(_pair(dataset[0], 0)[0], 0), images[0]):
        drawn = Notice(
            kind="random-transform",
            path=listing.paths[0],
            detail="the data set gave another image the second time: its random transforms are frozen as drawn once",
            action="told",
        )
        return dataclasses.replace(listing, notices=(*listing.notices, drawn))
    return listing


def as_pixels(x: NDArray[Any], layout: Layout | None = None) -> tuple[NDArray[np.uint8], list[Notice]]:
    """Any accepted image array as uint8 (N, H, W, C), and what was decided on the way. Raises ArraysUnusable."""
    notices: list[Notice] = []
    if x.ndim not in (3, 4) or 0 in x.shape:
        _refuse(
            "the images have another shape", f"shape {x.shape}", "(N, H, W), (N, H, W, C) or (N, C, H, W)"
        )
    if x.ndim == 3:
        x = x[..., None]
    elif _layout(x.shape, layout) == "NCHW":
        said = f"shape {x.shape} read as (N, C, H, W)"
        notices.append(Notice(kind="channels-first", path="", detail=said, action="told"))
        x = x.transpose(0, 2, 3, 1)  # (N, H, W, C)
    if x.dtype == np.uint8:
        return np.ascontiguousarray(x), notices
    if not np.issubdtype(x.dtype, np.floating):
        _refuse(
            "the images have another type",
            f"dtype {x.dtype}",
            "uint8, or float in [0, 1]",
            "x.astype(np.uint8)",
        )
    low, high = float(x.min()), float(x.max())  # NaN passes through both, and fails the comparison
    if not (0.0 <= low <= high <= 1.0):
        _refuse(
            "float images are outside [0, 1]",
            f"values from {low:g} to {high:g}",
            "float in [0, 1], or uint8 in [0, 255]",
            "leave the normalisation to striate; for values up to 255 give x.astype(np.uint8)",
        )
    return np.rint(x * 255.0).astype(np.uint8, order="C"), notices


def _layout(shape: tuple[int, ...], layout: Layout | None) -> Layout:
    """Which axis holds the channels: the one of size 1 or 3."""
    axes: tuple[tuple[Layout, int], ...] = (("NHWC", 3), ("NCHW", 1))
    possible = [name for name, axis in axes if shape[axis] in (1, 3)]
    if layout is None and len(possible) > 1:
        _refuse(
            "two axes can be the channels",
            f"shape {shape}",
            'one; say which with layout="NHWC" or layout="NCHW"',
        )
    if not possible or (layout is not None and layout not in possible):
        _refuse("no axis can be the channels", f"shape {shape}", "1 or 3 channels, last or second")
    return layout or possible[0]


def _labels(y: NDArray[Any], classes: Sequence[str] | None) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Class names in their order, and for each sample its index among them."""
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim != 1:
        got = f"shape {y.shape}" + ("; one-hot rows?" if y.ndim == 2 else "")
        _refuse(
            "the labels have another shape",
            got,
            "one label for each image",
            "y.argmax(axis=1) for one-hot rows",
        )
    if y.dtype.kind in "OU":
        if not all(isinstance(value, str) for value in y.tolist()):
            _refuse("the labels are of mixed types", "not all text", "integers, or text")
        names = tuple(classes) if classes is not None else tuple(natural_order(y.tolist()))
        index = {name: k for k, name in enumerate(names)}
        if unknown := sorted(set(y.tolist()) - set(names)):
            _refuse("a label is not among the classes", repr(unknown[0]), ", ".join(names[:10]))
        return names, np.array([index[value] for value in y.tolist()], dtype=np.int64)
    if y.dtype.kind not in "iub":
        _refuse("the labels have another type", f"dtype {y.dtype}", "integers, or text")
    if classes is None:
        values, labels = np.unique(y, return_inverse=True)
        return tuple(str(value) for value in values.tolist()), labels.astype(np.int64)
    if len(y) and (y.min() < 0 or y.max() >= len(classes)):
        _refuse("a label is not among the classes", f"{y.min()} to {y.max()}", f"0 to {len(classes) - 1}")
    return tuple(classes), y.astype(np.int64)


def _codes(splits: Sequence[str] | NDArray[np.int8] | None, n: int) -> NDArray[np.int8]:
    if splits is None:
        return np.full(n, -1, dtype=np.int8)
    words = {**SPLIT_WORDS, "": -1, **{str(code): code for code in (-1, 0, 1, 2)}}
    said = [str(word).lower() for word in splits]
    if unknown := [word for word in said if word not in words]:
        _refuse("an unknown split", repr(unknown[0]), "train, val, test or '' for each image")
    return np.array([words[word] for word in said], dtype=np.int8)


def _pair(item: Any, i: int) -> tuple[Any, Any]:
    """The image and the label of an item, the label as a plain value."""
    if not isinstance(item, tuple | list) or len(item) != 2:
        _refuse("an item is no pair", f"item {i} is {type(item).__name__}", "(image, label)")
    image, label = item
    return image, label.item() if hasattr(label, "item") and np.ndim(label) == 0 else label


def as_image(image: Any, i: int) -> NDArray[np.uint8]:
    """One image, item `i` of something, as uint8 (H, W, C). Raises ArraysUnusable."""
    if isinstance(mode := getattr(image, "mode", None), str) and mode not in IMAGE_MODES:
        _refuse("an image has another mode", f"item {i}: {mode}", "L or RGB", 'image.convert("RGB")')
    array = _array(image, f"image {i}")
    if array.ndim not in (2, 3):
        _refuse("an image has another shape", f"item {i}: {array.shape}", "(H, W), (H, W, C) or (C, H, W)")
    if array.ndim == 3 and array.shape[0] in (1, 3) and array.shape[2] in (1, 3):
        _refuse(
            "two axes can be the channels", f"item {i}: {array.shape}", "(H, W, C) or (C, H, W), told apart"
        )
    return as_pixels(array[None])[0][0]


def _array(values: Any, what: str) -> NDArray[Any]:
    try:
        return np.asarray(values)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ArraysUnusable(
            f"the {what} cannot be taken as an array",
            got=str(error).partition("\n")[0],
            expected="NumPy arrays, or tensors on the CPU without gradient",
        ) from error


def _refuse(what: str, got: str, expected: str | None = None, next_step: str | None = None) -> NoReturn:
    raise ArraysUnusable(what, got=got, expected=expected, next_step=next_step)
