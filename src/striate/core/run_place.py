"""Where a run may be kept: under a plain name, apart from its data, in no other's folder.

Knows nothing about what a run is.
"""

from __future__ import annotations

import os
from pathlib import Path

from striate.core.errors import RunFolderError, UsageError
from striate.core.run_contents import holds_a_run, is_unused

__all__ = ["FolderTaken", "RunInData", "UnusableName", "place_for"]

# Bytes that the usual disks take for a name, less those of a number that is added to it: -12345.
LONGEST = 255 - 6


class UnusableName(UsageError):
    """The name for a run cannot be the name of one folder.

    Cause: `--name` has a `/` in it, is `.` or `..`, or is longer than a disk takes.

    Cure: a short name without `/`. The folder that it stands in is `--project`.
    """

    slug = "unusable-name"


class RunInData(UsageError):
    """The run would be kept in the folder of the images, or the images lie in the run's folder.

    Cause: `--project` and `--name` lead into the data. The next scan would take the run's pictures for images of
    a class, and what striate replaces in its own folder lies beside the only copy of yours.

    Cure: keep runs elsewhere with `--project DIR`.
    """

    slug = "run-in-data"


class FolderTaken(RunFolderError):
    """The folder for a run holds something that striate did not write.

    Cause: `--exist-ok` was given with the name of a folder that is neither empty nor a run.

    Cure: another `--name`, or no `--exist-ok`: then the run gets the next free name. In a run of its own striate replaces
    only files that it wrote.
    """

    slug = "folder-taken"


def place_for(project: Path, name: str, exist_ok: bool = False, data: Path | None = None) -> Path:
    """`project/name`, or the first free of `name-2`, `name-3`, ...; with `exist_ok` the name as it is.

    data: the folder or file that the run trains on, which the place must be apart from. Nothing is made. Raises
    UnusableName, RunInData, and FolderTaken where `exist_ok` finds something else than a run.
    """
    _check_name(name)
    path, number = project / name, 1
    if exist_ok:
        _check_free(path)
    while not exist_ok and os.path.lexists(path):
        number += 1
        path = project / f"{name}-{number}"
    _check_apart(path, data)
    return path


def _check_name(name: str) -> None:
    """Raise UnusableName where `name` is not the name of one folder."""
    try:
        size = len(os.fsencode(name))
    except UnicodeEncodeError:
        size = 0
    if not 0 < size <= LONGEST or "/" in name or os.sep in name or "\0" in name or name in (".", ".."):
        shown = name if len(name) <= 40 else f"{name[:30]}... ({size:,} bytes)"
        raise UnusableName(
            "a run cannot have this name",
            got=repr(shown),
            expected=f"one folder's name: no '/', and at most {LONGEST} bytes",
            next_step="--project DIR is the folder that it stands in",
        )


def _check_apart(run: Path, data: Path | None) -> None:
    """Raise RunInData where the run's folder is that of the data, or one lies in the other. `data` may be a file."""
    if data is None:
        return
    place, root = (Path(os.path.realpath(path)) for path in (run, data))
    if place == root or place in root.parents or (root in place.parents and root.is_dir()):
        raise RunInData(
            "the run would be kept in the data"
            if place not in root.parents
            else "the data lies in the run's folder",
            where=run,
            got=f"data in {data}",
            expected="a folder apart from the data: files of the run are replaced, those of the data never",
            next_step="keep the run elsewhere with --project DIR",
        )


def _check_free(run: Path) -> None:
    """Raise FolderTaken where `run` exists and is neither empty nor a run of striate's."""
    if not os.path.lexists(run) or (run.is_dir() and (is_unused(run) or holds_a_run(run))):
        return
    raise FolderTaken(
        "this folder holds something else than a run",
        where=run,
        got=_seen(run) if run.is_dir() else "a file, or a link that leads nowhere",
        expected="with --exist-ok an empty folder, or a run that striate made",
        next_step="choose another --name, or leave out --exist-ok",
    )


def _seen(folder: Path) -> str:
    """A few names, to know the folder by."""
    names = sorted(path.name for path in folder.iterdir())
    return ", ".join(names[:3]) + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")
