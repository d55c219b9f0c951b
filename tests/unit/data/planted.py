"""Folders of files that begin like images, and what a listing says of them. Knows nothing about what is right."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from striate.core.errors import StriateError
from striate.data.listing import Listing

JPEG = b"\xff\xd8\xff\xe0" + bytes(20)


def plant(root: Path, *names: str, content: bytes = JPEG) -> Path:
    """Files (or, with a trailing '/', folders) below `root`."""
    for name in names:
        path = root / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return root


def told(listing: Listing) -> list[tuple[str, str, str, str]]:
    return [(n.kind, n.path, n.label, n.split) for n in listing.notices]


def kinds(listing: Listing) -> Counter[str]:
    return Counter(n.kind for n in listing.notices)


def text_of(error: pytest.ExceptionInfo[StriateError], root: Path) -> str:
    return str(error.value).replace(str(root), "ROOT")
