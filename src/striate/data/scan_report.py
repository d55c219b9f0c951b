"""What a scan found, as one record: for a table of every notice, and for a terminal.

Knows nothing about how files were read.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from striate.core.atomic import check_writable_name, write_atomic
from striate.core.records import Notice, Record
from striate.core.wording import count, printable

__all__ = ["ScanReport"]

WORST_FIRST = (
    "decoder-crashed", "decoder-hung", "truncated", "zero-bytes", "not-an-image", "broken", "huge", "32-bit",
    "unsupported-format", "unsupported-mode", "no-permission", "missing", "not-a-file", "read-failed",
    "duplicate-different-labels", "duplicate-across-splits", "group-across-splits", "damaged", "odd-format",
    "class-missing-from-split", "empty-split", "small-split", "few-images", "imbalance", "tiny", "elongated",
    "duplicate", "wrong-extension", "animation", "alpha", "cmyk", "16-bit", "grey-in-colour-set",
    "colour-in-grey-set", "exif-rotated",
)  # fmt: skip
"""Order of the summary: what costs images, what makes figures wrong, what may, what was merely handled. Kinds
that are not listed (of stray files and folders, say) come last."""

ACTIONS = ("skipped", "told", "used", "ignored")


class ScanReport(Record):
    """A data set as its files are."""

    source: str
    """The path or name as given."""
    classes: tuple[str, ...]
    counts: tuple[int, ...]
    """Readable images of each class."""
    skipped: tuple[int, ...]
    """Unreadable files of each class."""
    img_size: tuple[int, int]
    """Height and width that the images are resized to."""
    channels: int
    notices: tuple[Notice, ...]

    @property
    def counts_by_kind(self) -> dict[str, int]:
        """Notices of each kind, worst kind first."""
        rank = {kind: place for place, kind in enumerate(WORST_FIRST)}
        found = Counter(notice.kind for notice in self.notices)
        return dict(sorted(found.items(), key=lambda item: (rank.get(item[0], len(rank)), item[0])))

    def to_csv(self) -> str:
        """All notices as `path,kind,detail,action,label,split`."""
        text = io.StringIO(newline="")
        table = csv.writer(text, lineterminator="\n")
        table.writerow(("path", "kind", "detail", "action", "label", "split"))
        table.writerows((n.path, n.kind, n.detail, n.action, n.label, n.split) for n in self.notices)
        return text.getvalue()

    def to_bytes(self) -> bytes:
        """`to_csv` as a file holds it: UTF-8, with escapes where a name is no text."""
        return self.to_csv().encode("utf-8", "backslashreplace")

    def write_csv(self, path: Path) -> None:
        """`to_bytes` to a file, atomically. Raises CannotWrite, also where its folder does not exist, and DiskFull."""
        check_writable_name(path)
        write_atomic(path, self.to_bytes())

    def summary(self, most: int = 12) -> str:
        """At most `most` lines for a terminal: the totals, then one line for each kind, worst first."""
        lines = [self._headline()]
        kinds = self.counts_by_kind
        room = most - 1 if len(kinds) <= most - 1 else most - 2
        lines += [_line(kind, [n for n in self.notices if n.kind == kind]) for kind in list(kinds)[:room]]
        if left := list(kinds)[room:]:
            lines.append(
                f"  and {count(sum(kinds[k] for k in left), 'notice')} of {count(len(left), 'more kind')}: scan.csv has all"
            )
        return "\n".join(lines)

    def _headline(self) -> str:
        used, lost = sum(self.counts), sum(self.skipped)
        text = f"{count(used, 'image')} in {count(len(self.classes), 'class', 'classes')}"
        text += f", as {self.img_size[0]} x {self.img_size[1]} {'grey' if self.channels == 1 else 'colour'}"
        if lost:
            worst = sorted(zip(self.skipped, self.classes, strict=True), key=lambda pair: (-pair[0], pair[1]))
            named = ", ".join(f"{printable(name, 30)} {n:,}" for n, name in worst[:3] if n)
            more = sum(n > 0 for n, _ in worst) - 3
            text += f"; {count(lost, 'file')} skipped ({named}{f', {more} more classes' if more > 0 else ''})"
        return text


def _line(kind: str, notices: Sequence[Notice]) -> str:
    """`  truncated  3 skipped  train/ants/a.jpg: ...`."""
    actions: Counter[str] = Counter(n.action for n in notices)
    done = ", ".join(f"{actions[a]:,} {a}" for a in ACTIONS if actions[a])
    first = notices[0]
    where = first.path or first.label
    example = printable(f"{where}: {first.detail}" if where and first.detail else where or first.detail, 110)
    return f"  {kind:<26} {done:<12} {example}{' ...' if len(notices) > 1 else ''}"
