"""What can be wrong with a source of images, each with its page in docs/errors.

Knows nothing about pixels: what is wrong inside a file that decodes badly stands in `data/pixel_errors.py`.
"""

from __future__ import annotations

from striate.core.errors import DataError, EnvironmentFailure, UsageError

__all__ = [
    "ArchiveDamaged",
    "ArraysUnusable",
    "CannotRead",
    "ClassPerImage",
    "DownloadFailed",
    "EmptyFolder",
    "EmptySplit",
    "LooseImages",
    "ManifestUnreadable",
    "MixedLayout",
    "NoImages",
    "NoSuchData",
    "NoTrainingSplit",
    "OneClass",
    "SetDamaged",
    "SplitImpossible",
    "UnknownSource",
    "UnsafeArchive",
]


class NoSuchData(UsageError):
    """The data is neither a path that exists nor the name of a set.

    Cause: a typo, or a path relative to another folder.

    Cure: the error names what is nearest, beside the path and among the named sets.
    """

    slug = "no-such-data"


class UnknownSource(UsageError):
    """Something was given as data that striate cannot take as a set of labelled images.

    Cause: a file that is neither an archive nor a CSV, or a Python object without labels.

    Cure: give a folder of class folders, a `.tar`, `.tar.gz`, `.zip` of one, a CSV with the columns
    `path,label`, the name of a set, or from Python `(images, labels)` or a map-style dataset.
    """

    slug = "unknown-source"


class CannotRead(EnvironmentFailure):
    """A folder or file that was given cannot be read.

    Cause: no permission, or a disk that fails.

    Cure: change its permissions, or copy it to a place that you may read.
    """

    slug = "cannot-read"


# Folders


class EmptyFolder(DataError):
    """The folder holds nothing, hidden files apart.

    Cause: the wrong folder, or a copy that did not finish.

    Cure: give the folder in which the class folders lie.
    """

    slug = "empty-folder"


class NoImages(DataError):
    """There are folders, but no image in any of them.

    Cause: the wrong folder, or images in a format that striate does not read.

    Cure: JPEG, PNG, BMP, WebP, GIF, TIFF, PPM and PGM are read; convert others.
    """

    slug = "no-images"


class LooseImages(DataError):
    """Images lie in the folder itself, so nothing says which class they belong to.

    Cause: a flat folder, or one of a layout whose labels are in a file.

    Cure: one folder per class, named like the class; or a CSV with the columns `path,label`.
    """

    slug = "loose-images"


class MixedLayout(DataError):
    """Folders named like splits and folders named like classes lie side by side.

    Cause: `train/` or `val/` next to `cat/` and `dog/`; either could be the class of something. A wrong guess
    would train on the wrong question, so striate does not guess.

    Cure: move the class folders into `train/`, or rename the folder that is a class.
    """

    slug = "mixed-layout"


class OneClass(DataError):
    """All images are of one class, so there is nothing to tell apart.

    Cause: a single class folder with images, or a single label in the CSV or array.

    Cure: at least two classes; the error lists folders that held no image, where there are some.
    """

    slug = "one-class"


class EmptySplit(DataError):
    """The data has a `train` or `val` split, but no usable image in it.

    Cause: an empty split folder, or one whose files are all unreadable. striate does not fill a split
    that was meant to hold images of your choice.

    Cure: fill it; or remove an empty `val` folder, and striate holds out a share of `train` instead.
    """

    slug = "empty-split"


class UnsafeArchive(DataError):
    """The archive holds something that should not be unpacked, so nothing of it was kept.

    Cause: a path that leaves the archive's folder, a link, a device, the same path twice, or more files or bytes
    than a data set has: how archives attack the machine that unpacks them.

    Cure: if you trust it, unpack it yourself and give the folder.
    """

    slug = "unsafe-archive"


class ArchiveDamaged(DataError):
    """The archive cannot be read to its end.

    Cause: a copy or download that was cut short, or a file that is not what its name says.

    Cure: fetch it again and compare its size or checksum with the source's.
    """

    slug = "archive-damaged"


class ManifestUnreadable(DataError):
    """The CSV cannot be used as a list of labelled images.

    Cause: no columns named `path` and `label` in its first line, an unknown word in `split`, one image in two
    splits, no row whose file exists, or a text encoding other than UTF-8.

    Cure: `path,label[,split,group]`; paths relative to the CSV's folder; splits `train`, `val`, `test` or empty.
    """

    slug = "manifest-unreadable"


# Named sets


class SetDamaged(DataError):
    """A local copy of a named set is not what that set is published as.

    Cause: a copy that was cut short, or another set under the same file names.

    Cure: delete the file that the error names; the set is then looked for elsewhere or fetched again.
    """

    slug = "set-damaged"


class DownloadFailed(EnvironmentFailure):
    """A named set is not on this machine and could not be fetched.

    Cause: no network, a server that does not answer, or files with a wrong checksum.

    Cure: fetch the files that the error lists on another machine and put them where it says.
    """

    slug = "download-failed"


# Arrays and Python data sets


class ArraysUnusable(DataError):
    """Arrays or a Python data set have a shape, type or range that could mean more than one thing.

    Cause: float images outside [0, 1], labels of another length than the images, axes that may be channels or
    rows, images of unequal size.

    Cure: uint8, or float in [0, 1]; (N, H, W), (N, H, W, C) or (N, C, H, W); one label for each image.
    """

    slug = "arrays-unusable"


# Splits


class NoTrainingSplit(DataError):
    """The data says which images validate or test, and leaves none to train on.

    Cause: every row or folder is `val` or `test`.

    Cure: a `train` split, or no splits at all: striate then makes them.
    """

    slug = "no-training-split"


class ClassPerImage(DataError):
    """No class has an image to spare, so nothing can be held out to validate.

    Cause: one image in each class. What a network learns from it cannot be checked on another image.

    Cure: more images per class, or a `val` split of your own.
    """

    slug = "class-per-image"


class SplitImpossible(DataError):
    """The images cannot be divided as asked.

    Cause: no share is left for validation, the shares leave nothing to train on, or the groups are so few
    or large that one side would be empty.

    Cure: `--val-split` between 0.05 and 0.5; more groups; or a `val` split of your own.
    """

    slug = "split-impossible"
