"""Names of classes in the order people expect (1, 2, 10), and safe for a file.

Knows nothing about where the names come from.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

__all__ = ["canonical", "natural_order", "safe_name"]

LONGEST_NAME = 40
"""Characters of a safe name: at four bytes each they stay below the 255 bytes of common file systems."""


def canonical(name: str) -> str:
    """The composed Unicode form (NFC): 'é' as macOS writes it and as Linux does is one class."""
    return unicodedata.normalize("NFC", name)


def natural_order(names: Iterable[str]) -> list[str]:
    """Distinct names, numbers in them by value, letters without regard to case; total and stable.

    >>> natural_order(["10", "b", "2", "1", "A"])
    ['1', '2', '10', 'A', 'b']
    """
    return sorted(set(names), key=_natural_key)


def _natural_key(name: str) -> tuple[list[tuple[int, str]], str]:
    """Alternating text and numbers; a number as (digits without leading zeros, its digits) needs no int()."""
    parts = re.split(r"([0-9]+)", name.casefold())
    digits = [part.lstrip("0") if i % 2 else part for i, part in enumerate(parts)]
    return [(len(part), part) if i % 2 else (0, part) for i, part in enumerate(digits)], name


def safe_name(text: str) -> str:
    """`text` as a file name on every system: letters, digits, '.', '-', '_'; 'data' when nothing is left.

    >>> safe_name("my <photos>")
    'my-photos'
    """
    return re.sub(r"[^\w.-]+", "-", text).strip("-.")[:LONGEST_NAME].rstrip("-.") or "data"
