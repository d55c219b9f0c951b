"""`striate scan`: what is in a data set, file by file, before anything is trained.

Knows nothing about terminals.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from striate.core.progress import SILENT, Progress
from striate.core.wording import count
from striate.data import prepare
from striate.data.pixel_errors import BadImages
from striate.data.scan_report import ScanReport
from striate.verbs.bounds import at_least

__all__ = ["scan"]

SHOWN = 3


def scan(
    data: Any,
    *,
    on_bad: Literal["skip", "fail"] = "skip",
    img_size: int | tuple[int, int] | None = None,
    data_dir: str | None = None,
    cache_dir: str | Path | None = None,
    workers: int | None = None,
    progress: Progress = SILENT,
) -> ScanReport:
    """Decode every file of `data` once and report what a person should know; files are only read.

    The decoded pixels are kept, so a training right after begins at once. With ``on_bad="fail"`` unreadable files
    are an error, for scripts. Raises InvalidSetting, and what listing the data raises; broken files are findings.
    """
    at_least(0, workers=workers)
    report = prepare.scan(
        data, img_size=img_size, data_dir=data_dir, cache_dir=cache_dir, workers=workers, progress=progress
    )
    if on_bad == "fail":
        _refuse(report)
    return report


def _refuse(report: ScanReport) -> None:
    """An error that names the first few unreadable files, if there are any."""
    bad = [notice for notice in report.notices if notice.action == "skipped"]
    if bad:
        lines = [f"{notice.path}: {notice.kind}" for notice in bad[:SHOWN]]
        raise BadImages(
            f"{count(len(bad), 'file')} cannot be read as images",
            where=report.source,
            got="\n".join(lines + ([f"and {len(bad) - SHOWN:,} more"] if len(bad) > SHOWN else [])),
            next_step="repair or remove them, or leave them out with --on-bad skip",
        )
