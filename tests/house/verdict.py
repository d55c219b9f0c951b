"""A house rule's verdict: silence, or the rule and every file that breaks it, none cut off.

Knows nothing about the rules.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["none_breaks"]


def none_breaks(rule: str, offenders: Iterable[str]) -> None:
    """Fails with the rule and all offenders, one on a line."""
    found = sorted(offenders)
    assert not found, "\n  ".join([rule, *found])
