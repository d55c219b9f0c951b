"""From the facts of a scan to what a person should know, as notices by path and kind.

Something that most of a set has in common is told once, of the set; what a few files have is told of each. Knows
nothing about how the facts were found, or what is shown of the notices.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from striate.core.records import Notice
from striate.data.facts import FLAGS, FORMATS, MODES, REASONS
from striate.data.listing import SPLITS, Listing
from striate.data.look import GREY_MODES
from striate.data.preprocess import Preprocess
from striate.data.scan import Scan

__all__ = ["class_notices", "file_notices", "same_content"]

COMMON = 0.5
"""Above this share of the files a property is the set's, not a file's."""

MOST_LOST = 0.25
"""Share of the area that a crop may cut away before it is told: that of a 4:3 photograph made square."""

TINY = 8
"""Longer side in pixels below which a picture is told as tiny: the smallest common set, digits, has 8 x 8."""

IMBALANCE = 10.0
"""Largest class over smallest: where deepchecks' rule for class imbalance begins."""

FEW = 10
"""Images of a class below which a fifth of them, held out, are fewer than two."""

ODD_SHARE = 0.01
"""A format that fewer files than this have, while one other has the rest but as many, is an odd one."""

_EXTENSIONS = {
    "jpg": "JPEG", "jpeg": "JPEG", "jpe": "JPEG", "jfif": "JPEG", "png": "PNG", "bmp": "BMP", "webp": "WEBP",
    "gif": "GIF", "tif": "TIFF", "tiff": "TIFF", "ppm": "PPM", "pgm": "PPM", "pbm": "PPM", "pnm": "PPM", "mpo": "MPO",
}  # fmt: skip

Where = NDArray[np.int64]


class _Finder:
    """Makes the notices of one scan: `found(kind, where, detail)`, one for each file or one for all."""

    def __init__(self, listing: Listing, scan: Scan) -> None:
        self.listing, self.scan = listing, scan
        self.notices: list[Notice] = []

    def one(self, i: int, kind: str, detail: str, action: Literal["skipped", "used", "told"]) -> None:
        """A notice of file `i` of the listing."""
        code = int(self.listing.split[i])
        self.notices.append(
            Notice(
                kind=kind,
                path=self.listing.paths[i],
                detail=detail,
                action=action,
                label=self.listing.classes[self.listing.labels[i]],
                split=SPLITS[code] if code >= 0 else "",
            )
        )

    def found(self, kind: str, where: Where, detail: Callable[[int], str] | str, common: str) -> None:
        """Files that are used in a declared way; `common` is the sentence for a set that is mostly so."""
        readable = len(self.scan.readable)
        if len(where) > COMMON * readable and readable > 1:
            text = f"{len(where):,} of {readable:,} images: {common}"
            self.notices.append(Notice(kind=kind, path="", detail=text, action="used"))
            return
        for i in where.tolist():
            self.one(i, kind, detail if isinstance(detail, str) else detail(i), "used")


def file_notices(listing: Listing, scan: Scan, preprocess: Preprocess) -> tuple[Notice, ...]:
    """What is worth telling of single files, those without pixels first."""
    finder = _Finder(listing, scan)
    for i in np.flatnonzero(scan.facts["reason"]).tolist():
        finder.one(i, REASONS[scan.facts["reason"][i]], scan.details.get(i, ""), "skipped")
    if listing.arrays is None:
        _of_files(finder)
    _of_shapes(finder, preprocess)
    _duplicates(finder)
    return tuple(finder.notices)


def _of_files(finder: _Finder) -> None:
    facts, details = finder.scan.facts, finder.scan.details
    readable = finder.scan.readable
    told = {
        "damaged": "the decoder painted over damage; part of the picture may be wrong",
        "16-bit": "scaled to 8 bits by v / 257",
        "cmyk": "ink colours converted without a colour profile",
        "alpha": "transparent pixels became the background colour",
    }
    for kind, sentence in told.items():
        where = readable[(facts["flags"][readable] & FLAGS[kind]) != 0]
        finder.found(kind, where, partial(_with_detail, sentence, details), sentence)
    turned = readable[facts["orientation"][readable] > 1]
    finder.found(
        "exif-rotated",
        turned,
        lambda i: f"orientation {facts['orientation'][i]}: turned upright",
        "turned upright as their EXIF says",
    )
    moving = readable[facts["frames"][readable] > 1]
    finder.found(
        "animation",
        moving,
        lambda i: f"the first of {facts['frames'][i]} pictures is used",
        "several pictures in a file; the first is used",
    )
    _formats(finder, readable)


def _with_detail(sentence: str, details: dict[int, str], i: int) -> str:
    return f"{sentence}; {details[i]}" if i in details else sentence


def _formats(finder: _Finder, readable: Where) -> None:
    """Names that say another format than the bytes; formats that hardly any other file has."""
    codes = finder.scan.facts["format"]
    paths = finder.listing.paths
    wrong = []
    for i in readable.tolist():
        said = _EXTENSIONS.get(paths[i].rpartition(".")[2].lower())
        if said and said != _still(FORMATS[codes[i]]):
            wrong.append(i)
    finder.found(
        "wrong-extension",
        np.array(wrong, np.int64),
        lambda i: f"the content is {_still(FORMATS[codes[i]])}, and decoded as such",
        "named as another format than they are; decoded by content",
    )
    counts = np.bincount(codes[readable], minlength=len(FORMATS))
    for code in np.flatnonzero(counts).tolist():
        few, main = int(counts[code]), int(counts.max())
        if few < ODD_SHARE * len(readable) and few + main >= (1 - ODD_SHARE) * len(readable):
            others = FORMATS[int(counts.argmax())]
            for i in readable[codes[readable] == code].tolist():
                alone = "the only" if few == 1 else f"one of {few}"
                text = f"{alone} {FORMATS[code]} among {main:,} {others}: used; is it a picture of its class?"
                finder.one(i, "odd-format", text, "used")


def _still(name: str) -> str:
    """MPO is a JPEG with more behind it: the same to whoever names a file."""
    return "JPEG" if name == "MPO" else name


def _of_shapes(finder: _Finder, preprocess: Preprocess) -> None:
    facts, readable = finder.scan.facts, finder.scan.readable
    width, height = (facts[side][readable].astype(np.float64) for side in ("width", "height"))

    def size(i: int) -> str:
        return f"{facts['width'][i]} x {facts['height'][i]}"

    tiny = readable[np.maximum(width, height) < TINY]
    finder.found("tiny", tiny, lambda i: f"{size(i)} pixels", f"smaller than {TINY} x {TINY} pixels")
    grey = np.isin(facts["mode"][readable], [MODES.index(mode) for mode in GREY_MODES])
    if preprocess.channels == 3:
        finder.found(
            "grey-in-colour-set",
            readable[grey],
            "grey in all three channels",
            "grey in all three channels",
        )
    else:
        finder.found("colour-in-grey-set", readable[~grey], "converted to grey", "converted to grey")
    if preprocess.resize == "crop":
        target = preprocess.img_size[1] / preprocess.img_size[0]
        aspect = width / height
        lost = 1 - np.minimum(aspect / target, target / aspect)
        share = dict(zip(readable.tolist(), lost.tolist(), strict=True))
        cut = readable[lost > MOST_LOST + 1e-9]
        finder.found(
            "elongated",
            cut,
            lambda i: f"{size(i)}: the centre crop loses {100 * share[i]:.0f} % of the area",
            f"the centre crop loses more than {100 * MOST_LOST:.0f} % of the area; --resize pad keeps all of it",
        )


def _duplicates(finder: _Finder) -> None:
    """Files with the same bytes: each after the first of its kind gets a notice that names the first."""
    listing, readable = finder.listing, finder.scan.readable
    group = same_content(finder.scan)[readable]
    for i, first in zip(readable.tolist(), group.tolist(), strict=True):
        if first < 0 or first == i:
            continue
        kind, why = "duplicate", ""
        if listing.labels[i] != listing.labels[first]:
            kind, why = "duplicate-different-labels", f" of class {listing.classes[listing.labels[first]]}"
        elif listing.split[i] != listing.split[first]:
            kind, why = (
                "duplicate-across-splits",
                f" in {SPLITS[listing.split[first]]}" if listing.split[first] >= 0 else "",
            )
        finder.one(i, kind, f"the same bytes as {listing.paths[first]}{why}", "used")


def same_content(scan: Scan) -> NDArray[np.int64]:
    """For each file the first file with the same bytes; -1 for those whose bytes no other has."""
    group = np.full(len(scan.facts), -1, np.int64)
    readable = scan.readable
    if len(readable) == 0:
        return group
    words = np.ascontiguousarray(scan.facts["digest"][readable]).view("<u8").reshape(-1, 2)
    order = np.lexsort((readable, words[:, 1], words[:, 0]))
    same = np.concatenate([[False], (words[order][1:] == words[order][:-1]).all(axis=1)])
    starts = np.maximum.accumulate(np.where(same, 0, np.arange(len(order))))
    member = same | np.concatenate([same[1:], [False]])
    group[readable[order[member]]] = readable[order[starts[member]]]
    return group


def class_notices(classes: tuple[str, ...], counts: NDArray[np.int64]) -> tuple[Notice, ...]:
    """Classes that are few against the others, by `counts[k]` readable images that train or could."""
    notices = []
    present = counts[counts > 0]
    if len(present) > 1 and present.max() >= IMBALANCE * present.min():
        most, least = int(counts.argmax()), int(np.where(counts > 0, counts, counts.max()).argmin())
        text = f"{classes[most]} has {counts[most]:,} images, {classes[least]} {counts[least]:,}: {counts[most] / counts[least]:.0f} to 1"
        notices.append(Notice(kind="imbalance", path="", detail=text, action="told"))
    for k in np.flatnonzero((counts > 0) & (counts < FEW)).tolist():
        text = f"{counts[k]} image{'s' if counts[k] > 1 else ''}: results for it are a matter of luck"
        notices.append(Notice(kind="few-images", path="", detail=text, action="told", label=classes[k]))
    return tuple(notices)
