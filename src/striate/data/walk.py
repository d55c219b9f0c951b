"""What lies in a folder and below it: images, other files, folders; the rest is named.

Hidden names are ignored; links are followed, but no folder is read twice below one start, so that loops and
diamonds of links end. Only files whose name does not say that they are images are opened.
Knows nothing about classes, splits or decoding.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from striate.core.records import Notice
from striate.data.file_types import HEAD_BYTES, foreign_image, has_image_name, is_image
from striate.data.signatures import what_it_is

__all__ = ["Level", "Walk", "head_of", "storable"]

HIDDEN_NAMES = frozenset(
    (
        *("__MACOSX", "Thumbs.db", "ehthumbs.db", "desktop.ini", "$RECYCLE.BIN"),
        *("System Volume Information", "@eaDir", "lost+found", "__pycache__"),
    )
)
"""Left behind by macOS, Windows, Synology, ext4 and Python; names that begin with a dot are hidden too."""


@dataclass
class Level:
    """One folder, not what is below it. Names, sorted; `notices` speak of what is none of the three."""

    folders: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    """Regular files that are named like an image, or begin like one."""
    others: list[Notice] = field(default_factory=list)
    """Regular files that are no samples."""
    notices: list[Notice] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Nothing here but, perhaps, hidden things."""
        return not (self.folders or self.images or self.others) and all(
            n.kind == "hidden" for n in self.notices
        )


@dataclass(frozen=True)
class Walk:
    """Reads below `root`; all paths it takes and gives are relative to it, with '/'."""

    root: Path

    def level(self, folder: str, label: str = "", split: str = "") -> Level:
        """What lies in `folder` ('' is the root). Raises OSError where it cannot be read."""
        found = Level()
        prefix = f"{folder}/" if folder else ""
        with os.scandir(self.root / folder if folder else self.root) as entries:
            for entry in entries:
                _sort_in(entry, prefix, found, label, split)
        found.folders.sort()
        found.images.sort()
        for notices in (found.others, found.notices):
            notices.sort(key=lambda notice: notice.path)
        return found

    def images_below(
        self, folder: str, label: str = "", split: str = "", above: tuple[str, ...] = ()
    ) -> tuple[list[str], list[Notice]]:
        """Every image in and below `folder` ('' is the root), sorted, and what else was there.

        `above` are folders that a link must not lead back to: those that hold `folder`.
        """
        images: list[str] = []
        notices: list[Notice] = []
        seen = {self._identity(other) for other in above}
        pending = [folder]
        while pending:
            here = pending.pop()
            try:
                identity = self._identity(here)
                if identity in seen:
                    notices.append(
                        _notice("symlink-loop", here, "a link to a folder already read", label, split)
                    )
                    continue
                seen.add(identity)
                found = self.level(here, label, split)
            except OSError as error:
                notices.append(
                    _notice("unreadable", here, error.strerror or str(error), label, split, "skipped")
                )
                continue
            prefix = f"{here}/" if here else ""
            images += [prefix + name for name in found.images]
            notices += found.notices + found.others
            pending += [prefix + name for name in reversed(found.folders)]
        return sorted(images), notices

    def _identity(self, folder: str) -> tuple[int, int]:
        """The folder itself, whatever name or link leads to it."""
        status = os.stat(self.root / folder)  # noqa: PTH116 - the walk's hot path: no Path object per folder
        return status.st_dev, status.st_ino


def storable(name: str) -> str:
    """A file name as text that can be stored: bytes that are not UTF-8 become backslash escapes."""
    return name if _decodable(name) else os.fsencode(name).decode("utf-8", "backslashreplace")


def head_of(path: str | Path) -> bytes:
    """The first bytes of a regular file."""
    with open(path, "rb") as file:  # noqa: PTH123 - DirEntry.path is text
        return file.read(HEAD_BYTES)


def _decodable(name: str) -> bool:
    if name.isascii():
        return True
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _notice(
    kind: str,
    path: str,
    detail: str,
    label: str,
    split: str,
    action: Literal["skipped", "ignored", "told"] = "ignored",
) -> Notice:
    return Notice(kind=kind, path=path, detail=detail, action=action, label=label, split=split)


def _sort_in(entry: os.DirEntry[str], prefix: str, found: Level, label: str, split: str) -> None:
    """Put one entry where it belongs. Asks the directory only: no `stat` except through links."""
    name = entry.name
    if name.startswith(".") or name in HIDDEN_NAMES:
        found.notices.append(_notice("hidden", prefix + storable(name), "a hidden name", label, split))
    elif not _decodable(name):
        inside = ", so nothing in it was read" if _is(entry.is_dir) else ""
        detail = "its name is not valid UTF-8" + inside
        path = prefix + storable(name)
        found.notices.append(_notice("undecodable-name", path, detail, label, split, "skipped"))
    elif _is(entry.is_file):
        if has_image_name(name):
            found.images.append(name)
        else:
            _sort_in_unnamed(entry, prefix + name, found, label, split)
    elif _is(entry.is_dir):
        found.folders.append(name)
    else:
        action: Literal["skipped", "ignored"] = "skipped" if has_image_name(name) else "ignored"
        found.notices.append(
            _notice("not-a-regular-file", prefix + name, _nature(entry), label, split, action)
        )


def _is(question: Callable[[], bool]) -> bool:
    """False where a link cannot be followed: one that leads to itself raises ELOOP."""
    try:
        return question()
    except OSError:
        return False


def _sort_in_unnamed(entry: os.DirEntry[str], path: str, found: Level, label: str, split: str) -> None:
    """A file whose name does not say image: its first bytes may."""
    try:
        head = head_of(entry.path)
    except OSError as error:
        detail = error.strerror or str(error)
        found.notices.append(_notice("unreadable", path, detail, label, split, "skipped"))
        return
    if foreign := foreign_image(entry.name, head):
        found.others.append(_notice("unsupported-format", path, foreign, label, split, "skipped"))
    elif is_image(head):
        found.images.append(entry.name)
    else:
        found.others.append(_notice("stray-file", path, what_it_is(head)[0], label, split))


def _nature(entry: os.DirEntry[str]) -> str:
    """What a thing that is neither file nor folder is, in words."""
    try:
        mode = entry.stat().st_mode
    except OSError:
        return "a link that leads nowhere" if entry.is_symlink() else "cannot be read"
    kinds = ((stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"), (stat.S_ISCHR, "a device"))
    return next((words for test, words in kinds if test(mode)), "a device")
