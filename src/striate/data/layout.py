"""Where the class folders are: at the top, below split folders, or one folder deeper.

Where a folder can be read in two ways it is refused: a wrong guess would train on the wrong question.
Knows nothing about the samples in a class folder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from striate.core.records import Notice
from striate.data.errors import EmptyFolder, LooseImages, MixedLayout, NoImages
from striate.data.listing import SPLITS
from striate.data.splits import SPLIT_WORDS
from striate.data.walk import Level, Walk

__all__ = ["LAYOUT", "Places", "find_places", "some"]

LAYOUT = "one folder per class, or train/ and val/ holding such folders"


@dataclass
class Places:
    """Which folders hold which class of which split ('' when there are none)."""

    base: str = ""
    """The folder in which they lie: '' or the wrapper that was entered."""
    classes: dict[str, list[str]] = field(default_factory=dict)
    """split -> class folders, paths relative to the root."""
    notices: list[Notice] = field(default_factory=list)


def find_places(walk: Walk, said: str) -> Places:
    """Read the upper levels and tell class folders from split folders.

    `said` is what messages call the folder. Raises EmptyFolder, LooseImages, NoImages, MixedLayout, OSError.
    """
    places = Places()
    top = walk.level("")
    if top.empty:
        raise EmptyFolder("the folder is empty", where=said, expected=LAYOUT)
    top = _enter_wrappers(walk, top, places)
    places.notices += _stray(places.base, top)
    split_folders = [name for name in top.folders if name.casefold() in SPLIT_WORDS]
    if not split_folders:
        if not top.folders:
            raise _no_class_folders(said, top)
        places.classes[""] = _under(places.base, top.folders)
        return places
    others = [name for name in top.folders if name not in split_folders]
    levels = {
        name: walk.level(path)
        for name, path in zip(split_folders, _under(places.base, split_folders), strict=True)
    }
    if _are_classes(walk, places, levels, others, said):
        places.classes[""] = _under(places.base, top.folders)
    else:
        _read_splits(places, levels, said)
    return places


def _enter_wrappers(walk: Walk, top: Level, places: Places) -> Level:
    """Go down while a folder holds one folder and no image, and that one holds folders itself."""
    while len(top.folders) == 1 and not top.images and top.folders[0].casefold() not in SPLIT_WORDS:
        inner = _under(places.base, top.folders)[0]
        below = walk.level(inner)
        if not below.folders or _identity_repeats(walk, places.base, inner):
            break
        places.notices += _stray(places.base, top)
        places.notices.append(
            Notice(kind="wrapper-folder", path=inner, detail="entered: it holds all the rest", action="told")
        )
        places.base, top = inner, below
    return top


def _identity_repeats(walk: Walk, base: str, inner: str) -> bool:
    """Whether the only folder is a link back to where it lies."""
    return (walk.root / base).samefile(walk.root / inner)


def _stray(base: str, level: Level) -> list[Notice]:
    """What lies beside class or split folders without belonging to one."""
    return (
        level.notices
        + level.others
        + [
            Notice(kind="stray-image", path=path, detail="in no class folder", action="ignored")
            for path in _under(base, level.images)
        ]
    )


def _are_classes(walk: Walk, places: Places, levels: dict[str, Level], others: list[str], said: str) -> bool:
    """Whether folders named like splits are classes after all; refuses where both readings are possible.

    Only `train` can be one, as a picture of trains: when it holds images and no folder, beside other folders with
    images. Folders without any image beside split folders are no classes, and are told.
    """
    filled = []
    for name, path in zip(others, _under(places.base, others), strict=True):
        if walk.images_below(path)[0]:
            filled.append(name)
        else:
            places.notices.append(
                Notice(
                    kind="stray-folder", path=path, detail="beside split folders, no image", action="ignored"
                )
            )
    if not filled:
        return False
    (name, level), *more = levels.items()
    if not more and SPLIT_WORDS[name.casefold()] == 0 and level.images and not level.folders:
        detail = "taken as a class: it holds images and lies beside other class folders"
        path = _under(places.base, [name])[0]
        places.notices.append(Notice(kind="split-name-as-class", path=path, detail=detail, action="used"))
        return True
    raise MixedLayout(
        "folders named like splits lie beside folders named like classes",
        where=said,
        got=f"{some(list(levels))} beside {some(filled)}",
        expected="either split folders or class folders",
        next_step="move the class folders into train/, or rename the folder that is a class",
    )


def _read_splits(places: Places, levels: dict[str, Level], said: str) -> None:
    """Class folders of each split; a split of loose images has no labels and is left out, said."""
    for name, level in levels.items():
        path = _under(places.base, [name])[0]
        split = SPLITS[SPLIT_WORDS[name.casefold()]]
        if split in places.classes:
            raise MixedLayout(
                f"two folders are called like the {split} split",
                where=said,
                got=some([n for n in levels if SPLITS[SPLIT_WORDS[n.casefold()]] == split]),
                expected="one folder for each split",
            )
        if level.images and not level.folders:
            if split == "train":
                raise LooseImages(
                    "the training images lie loose, so nothing says their classes",
                    where=said,
                    got=f"{len(level.images)} images in {path}/ without class folders",
                    expected="train/ and val/ with one folder per class",
                )
            detail = f"{len(level.images)} images without class folders: left out, nothing says their classes"
            places.notices.append(
                Notice(kind="unlabelled-split", path=path, detail=detail, action="ignored", split=split)
            )
            continue
        places.notices += _stray(path, level)
        places.classes[split] = _under(path, level.folders)


def _no_class_folders(said: str, top: Level) -> LooseImages | NoImages:
    if top.images:
        return LooseImages(
            "the images lie loose, so nothing says their classes",
            where=said,
            got=f"{len(top.images)} image{'s' if len(top.images) > 1 else ''} and no folder",
            expected=LAYOUT,
            next_step="sort them into folders, or list them in a CSV with the columns path,label",
        )
    return NoImages(
        "no image in any folder", where=said, got=f"{len(top.others)} other files", expected=LAYOUT
    )


def _under(base: str, names: Sequence[str]) -> list[str]:
    return [f"{base}/{name}" if base else name for name in names]


def some(names: Sequence[str]) -> str:
    """The first few names, and how many more."""
    shown = ", ".join(names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"
