"""Where the clinic finds data and keeps what it computed, both outside the repository.

Knows nothing about what is in the files.
"""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def cache() -> Path:
    """The folder that ``STRIATE_CLINIC`` names, else ``striate/clinic`` in the user's cache."""
    named = os.environ.get("STRIATE_CLINIC")
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = Path(named) if named else base / "striate" / "clinic"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def given(name: str) -> Path | None:
    """A file of real data: below ``STRIATE_DATA``, else ``shared/data`` beside the repository; None where it is not."""
    folder = Path(os.environ.get("STRIATE_DATA", ROOT.parent / "shared" / "data"))
    path = folder / name
    return path if path.exists() else None
