"""Whole numbers that a verb takes, refused in words below what they can be.

Knows nothing about what they count.
"""

from __future__ import annotations

from typing import Any

from striate.training.errors import InvalidSetting

__all__ = ["at_least"]


def at_least(least: int, **settings: Any) -> None:
    """Refuse each of `settings` that is not a whole number of at least `least`; None says nothing. Raises InvalidSetting."""
    for name, value in settings.items():
        whole = isinstance(value, int) and not isinstance(value, bool)
        if value is not None and not (whole and value >= least):
            raise InvalidSetting(
                f"--{name.replace('_', '-')} cannot be that",
                got=repr(value),
                expected=f"a whole number of at least {least}",
                next_step="leave it out for the default",
            )
