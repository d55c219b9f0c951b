"""What a rule is, and the few words and checks that rules share.

Knows nothing about any operator.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from striate.analysis.field import Field
from striate.analysis.law import Lawless
from striate.analysis.operations import Operation, Value

__all__ = ["Fields", "Refused", "Rule", "everywhere", "pair", "place", "spatial"]

Fields = Callable[[Value], Field | None]
"""The field of a value; None for one that does not depend on the image, such as a weight."""

Rule = Callable[[Operation, Fields], Sequence[Field | None]]
"""One field for each result. Raises Refused where the operator is known and this use of it is not."""


class Refused(Exception):
    """No rule covers this use of the operator; the text says which."""


def place(op: Operation) -> str:
    """Where the operator stands, for a person: ``layer1.0 (add)``."""
    short = op.op.split(".", 1)[1].rstrip("_").lstrip("_")
    return f"{op.module} ({short})" if op.module else short


def spatial(value: Value, axes: int) -> list[int]:
    """The last `axes` dimensions, where windows move."""
    rank = len(value.shape)
    return list(range(rank - axes, rank))


def pair(argument: Any, axes: int) -> list[int]:
    """One number an axis from what an operator takes: a number, one for all, or one for each."""
    values = [argument] if isinstance(argument, int) else list(argument)
    return values * axes if len(values) == 1 else values


def everywhere(field: Field, shape: Sequence[int], reason: str) -> Field:
    """Of a tensor of `shape` whose every number sees all that anything in `field` sees."""
    one = field.joined_over(range(len(field.shape)), reason).reshaped([1] * len(shape), reason)
    return replace(one.stretched(shape, reason), laws=tuple(Lawless("global", reason) for _ in one.laws))
