"""One setting of the recipe: its help text, group, synonyms and bounds in one place.

Knows nothing about which settings there are.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

__all__ = ["LARGEST", "setting"]

LARGEST = 1e18
"""Of a number without an upper bound of its own: the product of two still fits float32, which ends at 3.4e38."""


def setting(group: str, why: str, *, also: tuple[str, ...] = (), **bounds: Any) -> Any:
    """Field metadata: help text, help group, accepted synonyms, bounds; a bound that is a float is of a finite number."""
    if any(isinstance(bound, float) for bound in bounds.values()):
        bounds |= {"allow_inf_nan": False} | ({} if "lt" in bounds else {"le": LARGEST})
    return Field(description=why, json_schema_extra={"group": group, "also": list(also)}, **bounds)
