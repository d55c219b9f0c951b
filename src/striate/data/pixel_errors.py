"""What can be wrong with the pixels of a data set, each with its page in docs/errors.

Knows nothing about decoders; what is wrong with a source as a whole stands in `data/errors.py`.
"""

from __future__ import annotations

import os
from pathlib import Path

from striate.core.errors import DataError, EnvironmentFailure, UsageError
from striate.data.facts import RefusedFile

__all__ = [
    "AllUnreadable",
    "BadImages",
    "ClassLost",
    "PixelSetting",
    "UnreadableImage",
    "WorkersFailed",
    "unreadable",
]


class UnreadableImage(DataError):
    """This file gives no picture.

    Cause: a copy or download that was cut short, a web page or text under an image's name, a format or pixel type that
    striate does not read, or more pixels than it agrees to decode. The error says which.

    Cure: fetch or export the file again, as JPEG or PNG. `striate scan DATA` lists every such file of a data set.
    """

    slug = "unreadable-image"


class BadImages(DataError):
    """Some files give no picture, and `--on-bad fail` asks to stop at that.

    Cause: truncated, empty, foreign or damaged files among the images; the error names the first ones.

    Cure: repair or remove them (`striate scan DATA` lists all), or let striate leave them out with `--on-bad skip`: it
    counts them per class and says so in the report.
    """

    slug = "bad-images"


class AllUnreadable(DataError):
    """Not one file gives a picture.

    Cause: a download that fetched web pages or pointers in place of images, a disk with errors, a format that is not
    read, or missing permissions.

    Cure: open one of the files that the error names in an image viewer; fetch or convert them again.
    """

    slug = "all-images-unreadable"


class ClassLost(DataError):
    """A class has files, but not one of them gives a picture.

    Cause: a folder whose copy failed. Leaving the class out would train on another question than the one asked, so
    striate does not.

    Cure: repair the files, or take the class out of the data set yourself.
    """

    slug = "class-lost"


class PixelSetting(UsageError):
    """An image size, number of channels or way of resizing that cannot be.

    Cause: a value outside what the setting can be.

    Cure: `--img-size` takes one whole number or height and width, 1 to 16384; `--channels` 1 or 3; `--resize` crop,
    squash or pad.
    """

    slug = "pixel-setting"


class WorkersFailed(EnvironmentFailure):
    """The processes that decode images could not be started.

    Cause: no memory or process left, or a Python that cannot be started a second time (some embedded ones).

    Cure: `--workers 0` decodes in the main process; the error shows what the worker said.
    """

    slug = "workers-failed"


def unreadable(source: str | os.PathLike[str] | None, refusal: RefusedFile) -> UnreadableImage:
    """The error for one file that was asked for by itself."""
    return UnreadableImage(
        "cannot read this image",
        where=None if source is None else Path(source),
        got=f"{refusal.reason}: {refusal.detail}",
        next_step="fetch or export it again, as JPEG or PNG",
    )
