"""`striate scan`: what is broken, doubled or missing in a data set, on one screen.

Knows nothing about decoding.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from striate.cli.flags import size_from
from striate.cli.view import open_view
from striate.core.atomic import advising, check_writable_name
from striate.core.errors import DataError
from striate.core.wording import printable

if TYPE_CHECKING:
    from striate.data.scan_report import ScanReport

__all__ = ["scan"]


def scan(
    data: Annotated[str, Parameter(help="folder, archive, CSV, or a named set", show_default=False)],
    *,
    on_bad: Annotated[
        Literal["skip", "fail"],
        Parameter(
            help="fail ends at the first file that cannot be read [skip]", metavar="NAME", show_default=False
        ),
    ] = "skip",
    img_size: Annotated[
        str | None,
        Parameter(
            help="height and width in pixels; default: read off the images",
            metavar="SIZE",
            show_default=False,
        ),
    ] = None,
    csv: Annotated[
        str | None, Parameter(help="write every notice to this file", metavar="PATH", show_default=False)
    ] = None,
    workers: Annotated[
        int | None,
        Parameter(name=("--workers", "-j"), help="processes that decode", metavar="N", show_default=False),
    ] = None,
    data_dir: Annotated[
        str | None,
        Parameter(help="where local copies of named sets are looked for", metavar="PATH", show_default=False),
    ] = None,
    cache_dir: Annotated[
        str | None, Parameter(help="where unpacked archives are kept", metavar="PATH", show_default=False)
    ] = None,
) -> int:
    """Look through the images of a data set; nothing of it is changed."""
    from striate.verbs.scan import scan as look_through

    size = size_from("img_size", img_size) if img_size else None
    if csv:
        check_writable_name(Path(csv))
    with open_view(sys.stderr) as view:
        found = look_through(
            data,
            on_bad=on_bad,
            data_dir=data_dir,
            cache_dir=cache_dir,
            workers=workers,
            img_size=size,
            progress=view,
        )
    print(found.summary())
    _write_table(found, csv)
    return 0 if sum(1 for n in found.counts if n) > 1 else DataError.exit_code


def _write_table(found: ScanReport, path: str | None) -> None:
    if not path:
        return
    with advising(refused="give --csv a path that you may write to"):
        found.write_csv(Path(path))
    print(f"{printable(path)} has every notice")
