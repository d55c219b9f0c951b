"""What a verb that looks at a network writes: the measurement, and what was looked at.

Knows nothing about torch, figures or terminals.
"""

from __future__ import annotations

from striate.core.network_records import (
    ConsistencyRecord,
    EffectiveField,
    EquivarianceRecord,
    FilterRecord,
)
from striate.core.records import Record

__all__ = ["EquivarianceFinding", "FieldFinding", "FilterFinding", "LookedAt"]


class LookedAt(Record):
    """A network and what was shown to it."""

    network: str
    weights: str
    """Where they come from, in words."""
    input_size: tuple[int, int, int]
    images: str
    """What they show and how many, in words; empty where none were needed."""
    normalisation: str
    """Where mean and standard deviation come from, in words."""


class FieldFinding(Record):
    """What `striate field` found."""

    subject: LookedAt
    field: EffectiveField
    theoretical_from: str = ""
    """Why there is no theoretical field, or what it is; in words."""


class FilterFinding(Record):
    """What `striate filters` found."""

    subject: LookedAt
    filters: FilterRecord


class EquivarianceFinding(Record):
    """What `striate equivariance` found."""

    subject: LookedAt
    layers: EquivarianceRecord
    consistency: tuple[ConsistencyRecord, ...]
