"""A CSV of images and labels as a listing: `path,label[,split[,group]]`.

Paths are relative to the CSV's folder, or absolute. Rows that cannot be samples are named in notices, with their line;
what could put one image on two sides is refused. Knows nothing about decoding or torch.
"""

from __future__ import annotations

import csv
import io
import os
import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NoReturn

import numpy as np

from striate.core.records import Notice
from striate.data.class_names import canonical, natural_order, safe_name
from striate.data.errors import CannotRead, ManifestUnreadable, OneClass
from striate.data.listing import SPLITS, Listing
from striate.data.splits import SPLIT_WORDS

__all__ = ["read_manifest"]

COLUMNS = {
    "path": (
        "file",
        "filename",
        "file_name",
        "filepath",
        "file_path",
        "image",
        "image_path",
        "img",
        "img_path",
    ),
    "label": ("class", "class_name", "label_name", "category", "target"),
    "split": ("set", "subset", "partition"),
    "group": ("groups", "group_id"),
}
"""Our name for each column, and what others call it."""


@dataclass(frozen=True)
class _Row:
    line: int
    path: str
    label: str
    split: int
    group: str


def read_manifest(path: str | Path, *, source: str | None = None) -> Listing:
    """The samples of a CSV. Separated by commas, semicolons or tabs; UTF-8 or UTF-16 with a mark.

    Missing files, empty labels, repeated rows and images with two labels are left out, with a notice each.
    Raises ManifestUnreadable, OneClass, CannotRead.
    """
    path = Path(path)
    said = str(path) if source is None else source
    notices: list[Notice] = []
    rows = _distinct(_rows(_text(path, said), said), said, notices)
    kept = [row for row in rows if _is_sample(path.parent, row, notices)]
    if not kept:
        _refuse(said, "no row names a file that is there", *_example(path.parent, rows))
    classes = natural_order(row.label for row in kept)
    if len(classes) < 2:
        raise OneClass("only one class has images", where=said, got=classes[0], expected="two labels or more")
    kept.sort(key=lambda row: row.path)
    index = {name: k for k, name in enumerate(classes)}
    return Listing(
        name=safe_name(path.stem),
        source=said,
        kind="csv",
        classes=tuple(classes),
        labels=np.array([index[row.label] for row in kept], dtype=np.int64),
        split=np.array([row.split for row in kept], dtype=np.int8),
        paths=tuple(row.path for row in kept),
        root=path.parent,
        groups=tuple(row.group for row in kept) if any(row.group for row in kept) else None,
        notices=tuple(notices),
    )


def _text(path: Path, said: str) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CannotRead("the CSV cannot be read", where=said, got=error.strerror) from error
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        _refuse(said, "the CSV is not UTF-8", f"line {line}: {error.reason}", "save it as UTF-8")


def _rows(text: str, said: str) -> list[_Row]:
    """All rows with a path, as written."""
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        columns = _columns(next(reader, []), said)
        filled = (cells for cells in reader if any(cell.strip() for cell in cells))
        rows = [_row(cells, columns, reader.line_num, said) for cells in filled]
    except csv.Error as error:
        _refuse(said, "the CSV cannot be read", f"line {reader.line_num}: {error}")
    if not rows:
        _refuse(said, "the CSV lists no image", "no row below the first line")
    return rows


def _columns(header: Sequence[str], said: str) -> dict[str, int]:
    """Which column holds what; our own name first, else the one synonym that is there."""
    names = [cell.strip().lower() for cell in header]
    found: dict[str, int] = {}
    for ours, theirs in COLUMNS.items():
        here = [ours] if ours in names else [name for name in theirs if name in names]
        if len(here) > 1 or (here and names.count(here[0]) > 1):
            _refuse(said, f"two columns could be the {ours}", ", ".join(here), f"one of them called {ours}")
        if here:
            found[ours] = names.index(here[0])
        elif ours in ("path", "label"):
            got = ", ".join(header)[:200] or "an empty file"
            _refuse(said, f"the first line names no {ours} column", got, "path,label[,split[,group]]")
    return found


def _row(cells: Sequence[str], columns: dict[str, int], line: int, said: str) -> _Row:
    if len(cells) <= max(columns["path"], columns["label"]):
        _refuse(
            said, "a row is too short", f"line {line}: {len(cells)} cells", "a path and a label in every row"
        )
    cell = {name: cells[at].strip() if at < len(cells) else "" for name, at in columns.items()}
    word = cell.get("split", "").lower()
    if word and word not in SPLIT_WORDS:
        _refuse(said, "an unknown word for a split", f"line {line}: {word}", "train, val, test or nothing")
    if not cell["path"]:
        _refuse(said, "a row names no file", f"line {line}", "a path and a label in every row")
    code = SPLIT_WORDS[word] if word else -1
    return _Row(line, _normal(cell["path"]), canonical(cell["label"]), code, cell.get("group", ""))


def _normal(path: str) -> str:
    """One spelling of each path: './a//b.jpg' and 'a/b.jpg' are one file; backslashes as Windows writes them."""
    return posixpath.normpath(path.replace("\\", "/") if "/" not in path else path)


def _distinct(rows: Sequence[_Row], said: str, notices: list[Notice]) -> list[_Row]:
    """Each path once. Repeated rows are ignored; of two labels neither is believed; two splits are refused."""
    first: dict[str, _Row] = {}
    doubtful: set[str] = set()
    for row in rows:
        before = first.setdefault(row.path, row)
        if before is row:
            continue
        if before.split != row.split or before.group != row.group:
            got = f"lines {before.line} and {row.line}: {row.path}"
            _refuse(said, "an image is listed with two splits or groups", got, "one row for each image")
        if before.label != row.label:
            doubtful.add(row.path)
            detail = f"lines {before.line} and {row.line} say {before.label} and {row.label}: left out"
            notices.append(_notice("conflicting-label", row, detail, "skipped"))
        else:
            notices.append(
                _notice("duplicate-row", row, f"line {row.line} repeats line {before.line}", "ignored")
            )
    return [row for row in first.values() if row.path not in doubtful]


def _is_sample(folder: Path, row: _Row, notices: list[Notice]) -> bool:
    """Whether the row has a label and a file; a notice where not."""
    path = folder / row.path
    if not row.label:
        notices.append(_notice("empty-label", row, f"line {row.line} has no label", "skipped"))
    elif os.path.isfile(path):  # noqa: PTH113 - False, not an error, for a name that no disk can hold
        return True
    elif os.path.lexists(path):
        notices.append(_notice("not-a-regular-file", row, f"line {row.line}: no regular file", "skipped"))
    else:
        notices.append(_notice("missing-file", row, f"line {row.line}: no such file", "skipped"))
    return False


def _notice(kind: str, row: _Row, detail: str, action: Literal["skipped", "ignored"]) -> Notice:
    split = SPLITS[row.split] if row.split >= 0 else ""
    return Notice(kind=kind, path=row.path, detail=detail, action=action, label=row.label, split=split)


def _example(folder: Path, rows: Sequence[_Row]) -> tuple[str, str]:
    """What was looked for, and where, for the first row."""
    got = (
        f"{len(rows)} rows; the first, line {rows[0].line}, means {folder / rows[0].path}"
        if rows
        else "no usable row"
    )
    return got, "paths relative to the folder of the CSV, or absolute"


def _refuse(said: str, what: str, got: str, expected: str | None = None) -> NoReturn:
    raise ManifestUnreadable(what, where=said, got=got, expected=expected)
