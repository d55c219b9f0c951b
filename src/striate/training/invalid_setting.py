"""A setting that cannot be what was given: which one, what was given, what it may be.

Knows nothing about any one setting.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from striate.training.errors import InvalidSetting
from striate.training.setting_words import allowed, what_next

__all__ = ["invalid"]


def invalid(error: ValidationError, fields: Mapping[str, FieldInfo]) -> InvalidSetting:
    """The first broken rule of a validation, in words."""
    first = error.errors()[0]
    name = str(first["loc"][0])
    info = fields[name]
    return InvalidSetting(
        f"--{name.replace('_', '-')} cannot be that",
        got=repr(first["input"]),
        expected=allowed(info, first["input"]),
        next_step=what_next(info, first["input"]),
    )
