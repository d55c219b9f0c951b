"""`striate predict`: say what is on images, as a table, JSON lines or CSV.

Knows nothing about networks.
"""

from __future__ import annotations

import csv
import io
import json as json_text
import shutil
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from striate.cli.arguments import RunPath, Tta, Weights
from striate.cli.columns import shortened, table
from striate.cli.errors import BadArguments
from striate.cli.view import open_view
from striate.core.errors import DataError
from striate.core.run_folder import RunFolder
from striate.core.wording import percent, printable

if TYPE_CHECKING:
    from striate.verbs.predict import Prediction

__all__ = ["predict"]

BAR = 10
# Of a softmax share in JSON and CSV: beyond it float32 has nothing to say.
DIGITS = 6


def predict(
    run: RunPath,
    /,
    *images: Annotated[str, Parameter(help="image files, or folders of them")],
    weights: Weights = None,
    tta: Tta = None,
    top: Annotated[
        int, Parameter(help="classes to tell of each image [5]", metavar="N", show_default=False)
    ] = 5,
    batch_size: Annotated[
        int,
        Parameter(name=("--batch-size", "-b"), help="images at a time [64]", metavar="N", show_default=False),
    ] = 64,
    json: Annotated[
        bool, Parameter(help="print one JSON object a line", negative=(), show_default=False)
    ] = False,
    csv: Annotated[bool, Parameter(help="print CSV", negative=(), show_default=False)] = False,
) -> int:
    """Say what is on images."""
    RunFolder.open(run)
    if not images:
        raise BadArguments("no image was given", next_step="usage: striate predict RUN IMAGE...")
    if json and csv:
        raise BadArguments("--json and --csv cannot both be had", next_step="leave one of them out")
    with open_view(sys.stderr) as view:
        with view.task("Loading torch"):
            from striate.verbs.predict import predict as predict_images
        found = predict_images(
            run, images, weights=weights, tta=tta, top=top, batch_size=batch_size, progress=view
        )
    lines = json_lines(found) if json else csv_lines(found) if csv else table_lines(found)
    for line in lines:
        print(line)
    return _tell_problems(found)


def _tell_problems(found: Sequence[Prediction]) -> int:
    """Name the unreadable files on stderr; 0 when at least one could be read."""
    bad = [p for p in found if p.problem]
    sys.stdout.flush()
    for p in bad:
        sys.stderr.write(f"warning: {printable(p.path)}: {printable(p.problem)}\n")
    if found and len(bad) == len(found):
        sys.stderr.write("error: no image could be read\n")
        return DataError.exit_code
    return 0


def table_lines(found: Sequence[Prediction]) -> list[str]:
    """One image a line: path, label, confidence as a bar and a number, the next best class."""
    read = [p for p in found if not p.problem]
    if not read:
        return []
    # On a terminal a long path makes room for what was asked about; in a file it stays whole.
    room = shutil.get_terminal_size().columns // 2 if sys.stdout.isatty() else sys.maxsize
    rows = []
    for p in read:
        second = p.top[1] if len(p.top) > 1 else None
        rows.append(
            [
                shortened(printable(p.path), room),
                printable(p.label),
                "█" * round(BAR * p.confidence) + "░" * (BAR - round(BAR * p.confidence)),
                percent(p.confidence),
                f"{printable(second[0])} {percent(second[1])}" if second else "",
            ]
        )
    return table(["path", "label", "confidence", "", "then"], rows, right={3})


def json_lines(found: Sequence[Prediction]) -> Iterator[str]:
    """One JSON object for each image asked about, in order; `problem` is empty unless it could not be read."""
    for p in found:
        yield json_text.dumps(
            {
                "path": p.path,
                "label": p.label,
                "confidence": round(p.confidence, DIGITS),
                "top": [{"label": label, "confidence": round(share, DIGITS)} for label, share in p.top],
                "problem": p.problem,
            },
            ensure_ascii=not (sys.stdout.encoding or "").lower().startswith("utf"),
        )


def csv_lines(found: Sequence[Prediction]) -> Iterator[str]:
    """A row for each image asked about, in order, with as many classes as were asked for."""
    places = max((len(p.top) for p in found), default=0)
    more = [f"{what}_{k}" for k in range(2, places + 1) for what in ("label", "confidence")]
    yield _csv_row(["path", "label", "confidence", "problem", *more])
    for p in found:
        rest = [value for label, share in p.top[1:] for value in (label, f"{share:.{DIGITS}f}")]
        confidence = "" if p.problem else f"{p.confidence:.{DIGITS}f}"
        yield _csv_row([p.path, p.label, confidence, p.problem, *rest, *[""] * (len(more) - len(rest))])


def _csv_row(values: Sequence[str]) -> str:
    text = io.StringIO()
    # The writer quotes what is in its line end, so both of its characters must be; print adds the end.
    csv.writer(text, lineterminator="\r\n").writerow(values)
    return text.getvalue().removesuffix("\r\n")
