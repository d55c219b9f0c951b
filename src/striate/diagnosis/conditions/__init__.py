"""The conditions, one module each; adding one is adding a file.

Knows nothing about the order in which they are sought.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING

from striate.diagnosis.condition import GROUPS

if TYPE_CHECKING:
    from striate.diagnosis.condition import Condition

__all__ = ["all_conditions"]


@cache
def all_conditions() -> tuple[Condition, ...]:
    """Every condition, by group and then by number."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    found: list[Condition] = [importlib.import_module(f"{__name__}.{name}").CONDITION for name in names]
    return tuple(sorted(found, key=lambda c: (GROUPS.index(c.group), c.id, c.name)))
