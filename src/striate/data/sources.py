"""Whatever a user calls data, as a listing: one door for paths, names and arrays.

Tells what was given, and hands it to the module that knows it. Knows nothing about pixels or splits to be made.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from striate.core.errors import nearest
from striate.core.progress import SILENT, Progress
from striate.core.records import Notice
from striate.data.archive import archive_stem, extract
from striate.data.arrays import from_arrays, from_dataset
from striate.data.class_names import natural_order
from striate.data.errors import ArraysUnusable, CannotRead, NoSuchData, UnknownSource
from striate.data.file_types import archive_type
from striate.data.folder import list_folder
from striate.data.listing import Listing
from striate.data.manifest import read_manifest
from striate.data.named import canonical_set, load_named, names
from striate.data.places import cache_dir_or_default
from striate.data.splits import SPLIT_WORDS
from striate.data.walk import head_of

__all__ = ["open_source"]

EXPECTED = "a folder, a .tar, .tar.gz or .zip of one, a .csv, or one of: " + ", ".join(names())


def open_source(
    data: Any,
    *,
    data_dir: str | Path | None = None,
    cache_dir: Path | None = None,
    progress: Progress = SILENT,
) -> Listing:
    """The samples of `data`, before any is decoded.

    A path (folder, archive, CSV), a named set, `(images, labels)`, a map-style data set, a mapping from split to
    any of the last two, or a listing, which is handed back. Where a name is a path, too, the path is taken, said in a
    notice. Raises NoSuchData, UnknownSource and what the kind of source raises.
    """
    cache = cache_dir_or_default(cache_dir)
    if isinstance(data, Listing):
        return data
    if isinstance(data, str | os.PathLike):
        return _open_path_or_name(os.fspath(data), data_dir, cache, progress)
    if isinstance(data, Mapping):
        return _open_splits(data, progress)
    if isinstance(data, tuple | list) and len(data) == 2 and all(_is_array(part) for part in data):
        return from_arrays(data[0], data[1])
    if hasattr(data, "__len__") and hasattr(data, "__getitem__") and not _is_array(data):
        return from_dataset(data, progress=progress)
    raise UnknownSource(
        "this cannot be taken as labelled images",
        got=f"an array without labels, {_type(data)}"
        if _is_array(data)
        else f"an object of type {_type(data)}",
        expected="a path, a name, (images, labels), a map-style data set, or a mapping of splits",
    )


def _open_path_or_name(text: str, data_dir: str | Path | None, cache: Path, progress: Progress) -> Listing:
    path = Path(text).expanduser()
    named = canonical_set(text)
    if not os.path.lexists(path):
        if named is None:
            raise _no_such_data(text, path)
        return load_named(named, data_dir=data_dir, cache_dir=cache, progress=progress)
    listing = _open_path(text, path, cache, progress)
    if named is None:
        return listing
    shadow = Notice(
        kind="name-shadows-set",
        path="",
        detail=f"{text} is a path here and was taken; the set of that name was not",
        action="told",
    )
    return dataclasses.replace(listing, notices=(shadow, *listing.notices))


def _open_path(text: str, path: Path, cache: Path, progress: Progress) -> Listing:
    """Something that exists: a folder, a CSV or an archive."""
    if path.is_dir():
        return list_folder(path, source=text)
    if not path.is_file():
        got = "a link that leads nowhere" if path.is_symlink() and not path.exists() else "no regular file"
        raise UnknownSource("this is neither a folder nor a file", where=text, got=got, expected=EXPECTED)
    if path.suffix.lower() in (".csv", ".tsv"):
        return read_manifest(path, source=text)
    try:
        kind = archive_type(path.name, head_of(path))
    except OSError as error:
        raise CannotRead("the file cannot be read", where=text, got=error.strerror) from error
    if kind is None:
        raise UnknownSource(
            "a file of an unknown kind", where=text, got=path.suffix or "no extension", expected=EXPECTED
        )
    listing = list_folder(extract(path, cache, progress), source=text)
    return dataclasses.replace(listing, name=archive_stem(path), kind="archive")


def _no_such_data(text: str, path: Path) -> NoSuchData:
    """Names beside the path, and named sets, that may have been meant."""
    try:
        beside = [entry.name for entry in path.parent.iterdir() if not entry.name.startswith(".")]
    except OSError:
        beside = []
    meant = [str(path.parent / name) for name in nearest(path.name, natural_order(beside))]
    if path.name == text:
        meant += [name for name in nearest(text, names()) if name not in meant]
    return NoSuchData(
        "no such path, and no data set of that name",
        where=text,
        got=None if path.parent.is_dir() else f"the folder {path.parent} does not exist either",
        expected=EXPECTED,
        next_step=f"did you mean {' or '.join(meant)}?" if meant else None,
    )


def _open_splits(data: Mapping[Any, Any], progress: Progress) -> Listing:
    """`{"train": ..., "val": ..., "test": ...}` of arrays or data sets, as one listing."""
    parts: dict[int, Listing] = {}
    for word, value in data.items():
        code = SPLIT_WORDS.get(str(word).lower())
        if code is None or code in parts:
            raise UnknownSource(
                "a mapping with another key", got=repr(word), expected="train, val, test, each once"
            )
        if isinstance(value, str | os.PathLike | Mapping):
            raise UnknownSource(
                "a mapping of splits holds something else than arrays or data sets",
                got=f"{word}: {_type(value)}",
                expected="(images, labels) or a map-style data set",
                next_step="for files give the folder that holds train/ and val/, or a CSV with a split column",
            )
        parts[code] = open_source(value, progress=progress)
    if not parts:
        raise UnknownSource("a mapping without splits", got="{}", expected="train, and val or test")
    return _joined(parts)


def _joined(parts: Mapping[int, Listing]) -> Listing:
    """Listings of arrays, one for each split, with class numbers over all of them by name."""
    shapes = {listing.arrays.shape[1:] for listing in parts.values() if listing.arrays is not None}
    if len(shapes) > 1:
        shown = " and ".join(map(str, sorted(shapes)))
        raise ArraysUnusable(
            "the splits differ in image size or channels", got=shown, expected="one (H, W, C)"
        )
    lists = [listing.classes for listing in parts.values()]
    classes = (
        lists[0]
        if len(set(lists)) == 1
        else tuple(natural_order(name for names_ in lists for name in names_))
    )
    index = {name: k for k, name in enumerate(classes)}
    labels = [np.array([index[name] for name in part.classes])[part.labels] for part in parts.values()]
    images = np.concatenate([part.arrays for part in parts.values() if part.arrays is not None])
    split = np.concatenate([np.full(len(part), code, dtype=np.int8) for code, part in parts.items()])
    return dataclasses.replace(
        from_arrays(images, np.concatenate(labels), classes=classes, splits=split, layout="NHWC"),
        notices=tuple(notice for part in parts.values() for notice in part.notices),
        mirror_safe=all(part.mirror_safe for part in parts.values()),
    )


def _is_array(value: Any) -> bool:
    """Arrays, tensors, and lists of plain values or of lists: what NumPy takes as it is."""
    if isinstance(value, list):
        return not value or not isinstance(value[0], tuple)
    return hasattr(value, "__array__") or hasattr(value, "__array_interface__")


def _type(value: Any) -> str:
    return type(value).__name__
