"""A folder of class folders, with or without split folders above them, as a listing.

    photos/cat/1.jpg                       classes
    photos/train/cat/1.jpg                 splits: train, val (valid, validation), test
    photos/hymenoptera_data/train/...      a single wrapper folder is entered, and said

Whatever lies below a class folder belongs to that class. What is no sample is named in a notice.
Knows nothing about decoding, archives or torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from striate.core.records import Notice
from striate.data.class_names import canonical, natural_order, safe_name
from striate.data.errors import CannotRead, EmptySplit, NoImages, OneClass
from striate.data.layout import LAYOUT, Places, find_places, some
from striate.data.listing import SPLITS, Listing
from striate.data.walk import Walk

__all__ = ["list_folder"]


def list_folder(path: str | Path, *, source: str | None = None) -> Listing:
    """The samples of an existing folder, with everything else in it named.

    Class indices are those of the names over all splits together, numbers in natural order. `source` is what
    messages call the folder. Files are not opened where their name says that they are images.
    Raises EmptyFolder, LooseImages, NoImages, OneClass, EmptySplit, MixedLayout, CannotRead.
    """
    root = Path(path)
    said = str(path) if source is None else source
    walk = Walk(root)
    try:
        places = find_places(walk, said)
    except OSError as error:
        raise CannotRead("the folder cannot be read", where=said, got=error.strerror) from error
    found: dict[tuple[str, str], list[str]] = {}
    for split, folders in places.classes.items():
        for folder in folders:
            label = canonical(folder.rpartition("/")[2])
            above = ("", places.base, folder.rpartition("/")[0])
            images, notices = walk.images_below(folder, label, split, above)
            found.setdefault((split, label), []).extend(images)
            places.notices += notices
    return _listing(root, said, places, found)


def _listing(root: Path, said: str, places: Places, found: dict[tuple[str, str], list[str]]) -> Listing:
    """Samples sorted by path, with class indices over all splits."""
    classes = natural_order(label for (_, label), images in found.items() if images)
    places.notices += _class_notices(found, classes, list(places.classes))
    _require_two_classes(said, classes, found)
    _require_filled_splits(said, places, found)
    index = {name: k for k, name in enumerate(classes)}
    samples = sorted(
        (path, index[label], SPLITS.index(split) if split else -1)
        for (split, label), images in found.items()
        for path in images
    )
    return Listing(
        name=safe_name(root.resolve().name),
        source=said,
        kind="folder",
        classes=tuple(classes),
        labels=np.array([label for _, label, _ in samples], dtype=np.int64),
        split=np.array([split for _, _, split in samples], dtype=np.int8),
        paths=tuple(path for path, _, _ in samples),
        root=root,
        notices=tuple(places.notices),
    )


def _class_notices(
    found: dict[tuple[str, str], list[str]], classes: Sequence[str], splits: Sequence[str]
) -> list[Notice]:
    """Class folders without an image, and classes that a split lacks."""
    empty = natural_order(label for _, label in found if label not in classes)
    notices = [
        Notice(
            kind="empty-class", path="", detail="no image in it: not a class", action="ignored", label=label
        )
        for label in empty
    ]
    lacking = [(split, label) for split in splits for label in classes if not found.get((split, label))]
    return notices + [
        Notice(
            kind="class-missing-from-split",
            path="",
            detail=f"no image in {split}: class numbers stay as they are",
            action="told",
            label=label,
            split=split,
        )
        for split, label in lacking
        if any(found.get((split, other)) for other in classes)
    ]


def _require_two_classes(said: str, classes: Sequence[str], found: dict[tuple[str, str], list[str]]) -> None:
    if len(classes) > 1:
        return
    labels = natural_order(label for _, label in found)
    if not classes:
        raise NoImages(
            "no image in any folder",
            where=said,
            got=f"folders {some(labels)}" if labels else "no class folder",
            expected=LAYOUT,
        )
    without = [label for label in labels if label not in classes]
    raise OneClass(
        "only one class holds images",
        where=said,
        got=classes[0] + (f"; no image in {some(without)}" if without else ""),
        expected="at least two classes, each a folder with images",
    )


def _require_filled_splits(said: str, places: Places, found: dict[tuple[str, str], list[str]]) -> None:
    """An empty train or val folder is refused; an empty test folder is told."""
    for split in places.classes:
        if any(images for (of, _), images in found.items() if of == split):
            continue
        if split == "test":
            places.notices.append(
                Notice(kind="empty-split", path="", detail="no image in it", action="told", split=split)
            )
            continue
        raise EmptySplit(
            f"the {split} split has no image",
            where=said,
            got="no image in its folder",
            next_step="remove the folder, and a share of train is held out instead"
            if split == "val"
            else None,
        )
