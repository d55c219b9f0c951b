"""The golden page: the report of a small made-up run, without what may differ between machines.

Pictures depend on the version of the codec and the style sheet is read by eye: both are left out. Accepting a new page is
``python scripts/accept_report.py``, which never passes.
"""

from __future__ import annotations

import re
from pathlib import Path

from tests.unit.report.fabricate import fabricate, write

__all__ = ["GOLDEN", "current"]

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "report.html"


def current(folder: Path) -> str:
    """The page as the code writes it now, scrubbed."""
    from striate.report.page import write_report

    run = write(folder, *fabricate(("ant", "bee", "<wasp>"), epochs=5, name="insects"))
    page = write_report(run).read_text(encoding="utf-8")
    page = re.sub(r"base64,[A-Za-z0-9+/=]+", "base64,(picture)", page)
    return re.sub(r"<style>.*?</style>", "<style>(report.css)</style>", page, flags=re.DOTALL)
