"""Which samples train, validate and test: own splits kept, missing ones made by class.

A split that the data brings is never changed, a test split above all: samples are only ever held out of what
would train. Knows nothing about pixels or where samples come from.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.core import seeds
from striate.core.atomic import write_atomic
from striate.core.records import Notice
from striate.data.errors import ClassPerImage, EmptySplit, NoTrainingSplit, SplitImpossible
from striate.data.hold_out import components, hold_out, quotas
from striate.data.listing import SPLITS

__all__ = ["SPLIT_WORDS", "make_splits", "read_splits", "write_splits"]

SPLIT_WORDS = {"train": 0, "val": 1, "valid": 1, "validation": 1, "test": 2}
"""What folders and CSV rows call the splits, in lower case, with the code in `Listing.split`."""

UNSAID, TRAIN, VAL, TEST = -1, 0, 1, 2

SMALL_VAL = 100
"""Below this the 95 % interval of an accuracy is wider than +-10 points in the worst case: 0.98 / sqrt(n)."""

Codes = NDArray[np.int8]


def make_splits(
    labels: NDArray[np.int64],
    split_codes: Codes,
    *,
    val: float,
    test: float,
    seed: int,
    groups: Sequence[str] | None = None,
    duplicates: NDArray[np.int64] | None = None,
    paths: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
    declared: Collection[int] = (),
) -> tuple[Codes, str, tuple[Notice, ...]]:
    """The split code (0 train, 1 val, 2 test) of every sample, where it comes from in words, and notices.

    Where the data has no val (test) split, the share `val` (`test`) of its training samples is held out by class,
    each class within one of its share, at least one sample of each class left to train on. Samples of one group
    ('' is none) and samples with equal `duplicates` ids (negative is none) stay together. With `paths` the
    choice depends on (seed, path) and not on the order of the samples. `declared` are codes that the source
    has, even if none of their samples was usable: train and val among them must not be empty.

    Samples that the data itself puts on two sides are not moved: a notice tells. Raises NoTrainingSplit, EmptySplit,
    SplitImpossible, ClassPerImage.
    """
    codes = np.array(split_codes, dtype=np.int8)
    together = components(len(labels), groups, duplicates)
    _require_usable(codes, declared, val, test)
    notices = _straddling(codes, components(len(labels), groups), paths) if groups is not None else []
    origin = _origin(codes, val, test, seed, groups is not None or duplicates is not None)
    fixed = np.isin(together, together[codes > TRAIN])
    _follow(codes, together)
    codes[codes == UNSAID] = TRAIN
    pool = np.bincount(labels[codes == TRAIN], minlength=int(labels.max()) + 1)
    for code, share in ((TEST, test), (VAL, val)):
        if (codes == code).any() or share == 0.0:
            continue
        training = codes == TRAIN
        spare = np.maximum(np.bincount(labels[training], minlength=len(pool)) - 1, 0)
        words = seeds.bits(seed, f"split-{SPLITS[code]}", 0, _keys(len(labels), paths))[:, 0]
        rows = hold_out(labels, together, training & ~fixed, quotas(pool, share, spare), spare, words)
        if len(rows) == 0:
            raise _cannot_hold_out(code, pool)
        codes[rows] = code
        notices += _missing_classes(code, pool, labels[rows], classes)
    return codes, origin, (*notices, *_small(codes))


def _keys(n: int, paths: Sequence[str] | None) -> NDArray[np.uint64]:
    """A 64-bit key for each sample: of its path, so that it survives other files coming and going."""
    if paths is None:
        return np.arange(n, dtype=np.uint64)
    digests = b"".join(hashlib.blake2b(path.encode(), digest_size=8).digest() for path in paths)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def _require_usable(codes: Codes, declared: Collection[int], val: float, test: float) -> None:
    """Refuse what no choice of samples can mend."""
    here = {int(code) for code in np.unique(codes)}
    for code in (TRAIN, VAL):
        if code in declared and code not in here:
            raise EmptySplit(
                f"the {SPLITS[code]} split has no usable image",
                got="0 images after unreadable ones were left out",
                next_step="look at scan.csv for the reason of each file",
            )
    if not here & {UNSAID, TRAIN}:
        raise NoTrainingSplit(
            "no image is left to train on",
            got=f"every image is {' or '.join(SPLITS[code] for code in sorted(here))}"
            if here
            else "no image",
            expected="a train split, or no splits at all",
        )
    shares = (0.0 if VAL in here else val) + (0.0 if TEST in here else test)
    if not (VAL in here or val > 0.0) or min(val, test) < 0.0 or shares >= 1.0:
        raise SplitImpossible(
            "these shares leave nothing to validate or to train on",
            got=f"val {val:g}, test {test:g}",
            expected="val above 0, and below 1 together with test",
            next_step="use --val-split 0.2",
        )


def _origin(codes: Codes, val: float, test: float, seed: int, tied: bool) -> str:
    """Where the splits come from, for the report."""
    given = [SPLITS[code] for code in (TRAIN, VAL, TEST) if (codes == code).any()]
    made = [
        f"{100 * share:g} % held out for {SPLITS[code]}"
        for code, share in ((VAL, val), (TEST, test))
        if share > 0.0 and not (codes == code).any()
    ]
    parts = []
    if given:
        parts.append(f"{' and '.join(given)} as in the data")
    if given and (codes == UNSAID).any():
        parts.append("images without a split train")
    if made:
        parts.append(f"{' and '.join(made)}, by class, seed {seed}")
    if made and tied:
        parts.append("groups and exact duplicates kept together")
    return "; ".join(parts)


def _sides(codes: Codes, component: NDArray[np.int64]) -> dict[int, set[int]]:
    """The splits that the data itself names for each component."""
    sides: dict[int, set[int]] = {}
    for name, code in zip(component.tolist(), codes.tolist(), strict=True):
        if code != UNSAID:
            sides.setdefault(name, set()).add(code)
    return sides


def _follow(codes: Codes, together: NDArray[np.int64]) -> None:
    """Samples without a split go where the rest of their component is, when that is one held-out split."""
    unsaid = np.flatnonzero(codes == UNSAID)
    if len(unsaid) == 0:
        return
    sides = _sides(codes, together)
    for i in unsaid:
        side = sides.get(int(together[i]), set())
        codes[i] = next(iter(side)) if len(side) == 1 else UNSAID


def _straddling(codes: Codes, group: NDArray[np.int64], paths: Sequence[str] | None) -> list[Notice]:
    """One notice for each group that the data itself spreads over splits."""
    return [
        Notice(
            kind="group-across-splits",
            path="" if paths is None else paths[component],
            detail=f"its group is in {' and '.join(SPLITS[code] for code in sorted(side))}: left as given",
            action="told",
        )
        for component, side in sorted(_sides(codes, group).items())
        if len(side) > 1
    ]


def _cannot_hold_out(code: int, pool: NDArray[np.int64]) -> ClassPerImage | SplitImpossible:
    if pool.max() <= 1:
        return ClassPerImage(
            "every class has one image, so none can be held out",
            got=f"{int(pool.sum())} images of {int((pool > 0).sum())} classes",
            expected="at least two images in some class",
            next_step="add images, or a val folder of your own",
        )
    return SplitImpossible(
        f"no group can be spared for {SPLITS[code]}",
        got="groups so large that a class would have nothing left to train on",
        expected="at least two groups in a class",
        next_step="use smaller groups, or give a val split of your own",
    )


def _missing_classes(
    code: int, pool: NDArray[np.int64], held: NDArray[np.int64], classes: Sequence[str] | None
) -> list[Notice]:
    """Classes that train but are not in a split that was made: too few images."""
    absent = np.flatnonzero((pool > 0) & (np.bincount(held, minlength=len(pool)) == 0))
    return [
        Notice(
            kind="class-missing-from-split",
            path="",
            detail=f"{int(pool[k])} image{'s' if pool[k] > 1 else ''}: too few to hold one out for {SPLITS[code]}",
            action="told",
            label=str(k) if classes is None else classes[k],
            split=SPLITS[code],
        )
        for k in absent.tolist()
    ]


def _small(codes: Codes) -> list[Notice]:
    n = int((codes == VAL).sum())
    if n >= SMALL_VAL:
        return []
    detail = f"{n} images: an accuracy on them is known to about +-{98 / n**0.5:.0f} points"
    return [Notice(kind="small-split", path="", detail=detail, action="told", split="val")]


def write_splits(
    path: Path, paths: Sequence[str], labels: NDArray[np.int64], classes: Sequence[str], codes: Codes
) -> None:
    """Write `path,label,split`, one row a sample, atomically. A CSV that striate itself takes as data."""
    text = io.StringIO(newline="")
    rows: csv.Writer = csv.writer(text, lineterminator="\n")  # type: ignore[name-defined]
    rows.writerow(("path", "label", "split"))
    for name, label, code in zip(paths, labels.tolist(), codes.tolist(), strict=True):
        rows.writerow((name, classes[label], SPLITS[code]))
    write_atomic(path, text.getvalue())


def read_splits(path: Path) -> tuple[tuple[str, ...], tuple[str, ...], Codes]:
    """What `write_splits` wrote: paths, class names, codes. Raises ValueError for anything else."""
    with path.open(encoding="utf-8", newline="") as file:
        rows: Any = csv.reader(file)
        if next(rows, None) != ["path", "label", "split"]:
            raise ValueError(f"{path} is not a splits.csv")
        table = list(rows)
    if any(len(row) != 3 or row[2] not in SPLITS for row in table):
        raise ValueError(f"{path} has a row that is not path,label,split")
    codes = np.array([SPLITS.index(row[2]) for row in table], dtype=np.int8)
    return tuple(row[0] for row in table), tuple(row[1] for row in table), codes
