"""From what a user calls their data to a data set that can be trained on, in one call.

source -> listing -> a look at the headers -> scan, or cache -> what is broken -> splits -> mean and std. Knows
nothing about torch, networks or what any step does inside.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from striate.core.progress import SILENT, Progress
from striate.core.records import Notice
from striate.core.wording import count, printable
from striate.data.dataset import Dataset, fingerprint
from striate.data.facts import REASONS
from striate.data.findings import class_notices, file_notices, same_content
from striate.data.left_out import told
from striate.data.listing import SPLITS, Listing
from striate.data.look import choose_channels, choose_img_size, look
from striate.data.pixel_cache import cached_pixels
from striate.data.pixel_errors import AllUnreadable, BadImages, ClassLost, PixelSetting
from striate.data.pixel_statistics import channel_statistics
from striate.data.pixels import PixelSet, default_memory_budget, pixels_of_arrays
from striate.data.places import cache_dir_or_default
from striate.data.preprocess import Preprocess, Resize
from striate.data.scan import Scan
from striate.data.scan_report import ScanReport
from striate.data.sources import open_source
from striate.data.splits import make_splits

__all__ = ["Dataset", "load", "prepare", "scan"]

NAMED = 3
"""Files an error names; `striate scan` lists all."""

ImgSize = int | tuple[int, int] | None


def prepare(
    data: Any,
    *,
    img_size: ImgSize = None,
    at_most: int | None = None,
    channels: int | None = None,
    resize: Resize = "crop",
    val_split: float = 0.2,
    test_split: float = 0.0,
    seed: int = 0,
    on_bad: Literal["skip", "fail"] = "skip",
    memory_budget: float | None = None,
    cache_dir: str | Path | None = None,
    data_dir: str | Path | None = None,
    workers: int | None = None,
    progress: Progress = SILENT,
) -> Dataset:
    """`data` decoded, split and measured: a path, the name of a set, arrays, or a map-style data set.

    `img_size` in pixels, (H, W) or the side of a square, and `channels` are read off the images when not given, the size with sides
    of at most `at_most` pixels. `memory_budget` is in GiB of pixels; more stay on disk. Splits that the data brings are kept; missing ones are held out of what
    would train. `on_bad="fail"` refuses a set with any unreadable file. Raises DataError, UsageError, EnvironmentFailure.
    """
    cache = cache_dir_or_default(cache_dir)
    listing = open_source(data, data_dir=data_dir, cache_dir=cache, progress=progress)
    preprocess = _chosen(listing, img_size, channels, resize, at_most)
    found = _pixels(listing, preprocess, memory_budget, cache, workers, progress)
    _refuse(listing, found.scan, on_bad)
    rows = found.rows
    paths = tuple(listing.paths[i] for i in rows.tolist())
    codes, origin, more = make_splits(
        listing.labels[rows],
        listing.split[rows],
        val=val_split,
        test=test_split,
        seed=seed,
        groups=None if listing.groups is None else [listing.groups[i] for i in rows.tolist()],
        duplicates=same_content(found.scan)[rows],
        paths=paths,
        classes=listing.classes,
        declared=np.unique(listing.split[listing.split >= 0]).tolist(),
    )
    preprocess = preprocess.with_statistics(*channel_statistics(found.pixels, np.flatnonzero(codes == 0)))
    return told(_dataset(listing, found, preprocess, codes, origin, more), progress)


def load(
    data: Any,
    preprocess: Preprocess,
    *,
    on_bad: Literal["skip", "fail"] = "skip",
    memory_budget: float | None = None,
    cache_dir: str | Path | None = None,
    data_dir: str | Path | None = None,
    workers: int | None = None,
    progress: Progress = SILENT,
) -> Dataset:
    """`data` as a network that was trained with `preprocess` sees it, to be scored: nothing chosen, nothing measured.

    Splits are the data's own; samples that have none are `test`.
    """
    cache = cache_dir_or_default(cache_dir)
    listing = open_source(data, data_dir=data_dir, cache_dir=cache, progress=progress)
    found = _pixels(listing, preprocess, memory_budget, cache, workers, progress)
    _refuse(listing, found.scan, on_bad, whole_classes=False)
    given = listing.split[found.rows]
    codes = np.where(given < 0, SPLITS.index("test"), given).astype(np.int8)
    origin = "as in the data" if (given >= 0).all() else "images without a split are test"
    return told(_dataset(listing, found, preprocess, codes, origin, ()), progress)


def scan(
    data: Any,
    *,
    img_size: ImgSize = None,
    channels: int | None = None,
    resize: Resize = "crop",
    cache_dir: str | Path | None = None,
    data_dir: str | Path | None = None,
    workers: int | None = None,
    progress: Progress = SILENT,
) -> ScanReport:
    """What is in `data`, file by file; broken files are findings, not errors. Training afterwards finds it decoded."""
    cache = cache_dir_or_default(cache_dir)
    listing = open_source(data, data_dir=data_dir, cache_dir=cache, progress=progress)
    preprocess = _chosen(listing, img_size, channels, resize)
    found = _pixels(listing, preprocess, 0.0, cache, workers, progress)
    return _report(listing, found, preprocess, _imbalance(listing, found))


def _chosen(
    listing: Listing, img_size: ImgSize, channels: int | None, resize: Resize, at_most: int | None = None
) -> Preprocess:
    """What was asked for; what was not, read off the images."""
    if img_size is None or channels is None:
        seen = look(listing)
        img_size = choose_img_size(seen, at_most) if img_size is None else img_size
        channels = choose_channels(seen) if channels is None else channels
    size = (img_size, img_size) if isinstance(img_size, int) else img_size
    try:
        return Preprocess(img_size=size, channels=channels, resize=resize)
    except ValueError as error:
        raise PixelSetting("images cannot be made so", got=str(error)) from error


def _pixels(
    listing: Listing,
    preprocess: Preprocess,
    memory_budget: float | None,
    cache: Path,
    workers: int | None,
    progress: Progress,
) -> PixelSet:
    if listing.arrays is not None:
        return pixels_of_arrays(listing, preprocess, progress)
    budget = default_memory_budget() if memory_budget is None else int(memory_budget * (1 << 30))
    return cached_pixels(listing, preprocess, cache, memory_budget=budget, workers=workers, progress=progress)


def _refuse(listing: Listing, scan: Scan, on_bad: str, whole_classes: bool = True) -> None:
    """Refuse a set with nothing readable, with a class lost (unless only to be scored), or with any bad file."""
    bad = np.flatnonzero(scan.facts["reason"])
    if len(bad) == 0:
        return
    k = len(listing.classes)
    n, lost = (np.bincount(listing.labels[rows], minlength=k) for rows in (np.arange(len(listing)), bad))
    if len(bad) == len(listing):
        raise AllUnreadable(
            "none of the files can be read as an image",
            where=listing.source,
            got=_first(listing, scan, bad),
            next_step="open one of them in an image viewer; fetch or convert them again",
        )
    if on_bad == "fail":
        raise BadImages(
            f"{count(len(bad), 'file')} cannot be read as {'an image' if len(bad) == 1 else 'images'}",
            where=listing.source,
            got=_first(listing, scan, bad),
            next_step="repair or remove them, or leave them out with --on-bad skip",
        )
    gone = np.flatnonzero((n > 0) & (n == lost))
    if len(gone) and whole_classes:
        names = ", ".join(printable(listing.classes[i], 40) for i in gone[:NAMED].tolist())
        raise ClassLost(
            f"no file of {'this class' if len(gone) == 1 else f'{len(gone)} classes'} can be read: {names}",
            where=listing.source,
            got=_first(listing, scan, bad[np.isin(listing.labels[bad], gone)]),
            next_step="repair the files, or take the class out of the data set",
        )


def _first(listing: Listing, scan: Scan, bad: NDArray[np.int64]) -> str:
    """The first few bad files with their reasons."""
    lines = [
        f"{printable(listing.paths[i], 80)}: {REASONS[scan.facts['reason'][i]]} ({scan.details.get(i, '')})"
        for i in bad[:NAMED].tolist()
    ]
    return "\n".join(lines + ([f"and {len(bad) - NAMED:,} more"] if len(bad) > NAMED else []))


def _imbalance(listing: Listing, found: PixelSet) -> tuple[Notice, ...]:
    """Of the images that train or could: a test split may be as it likes."""
    rows = found.rows[listing.split[found.rows] != SPLITS.index("test")]
    return class_notices(listing.classes, np.bincount(listing.labels[rows], minlength=len(listing.classes)))


def _report(
    listing: Listing, found: PixelSet, preprocess: Preprocess, more: tuple[Notice, ...]
) -> ScanReport:
    k, bad = len(listing.classes), np.flatnonzero(found.scan.facts["reason"])
    return ScanReport(
        source=listing.source,
        classes=listing.classes,
        counts=tuple(np.bincount(listing.labels[found.rows], minlength=k).tolist()),
        skipped=tuple(np.bincount(listing.labels[bad], minlength=k).tolist()),
        img_size=preprocess.img_size,
        channels=preprocess.channels,
        notices=(*listing.notices, *file_notices(listing, found.scan, preprocess), *more),
    )


def _dataset(
    listing: Listing,
    found: PixelSet,
    preprocess: Preprocess,
    codes: NDArray[np.int8],
    origin: str,
    more: tuple[Notice, ...],
) -> Dataset:
    rows = found.rows
    labels = listing.labels[rows]
    return Dataset(
        name=listing.name,
        source=listing.source,
        kind=listing.kind,
        classes=listing.classes,
        pixels=found.pixels,
        labels=labels,
        paths=tuple(listing.paths[i] for i in rows.tolist()),
        codes=codes,
        preprocess=preprocess,
        fingerprint=fingerprint(found.scan.facts["digest"][rows], labels, codes, listing.classes, preprocess),
        split_origin=origin,
        report=_report(listing, found, preprocess, (*_imbalance(listing, found), *more)),
        mirror_safe=listing.mirror_safe,
        root=listing.root,
    )
