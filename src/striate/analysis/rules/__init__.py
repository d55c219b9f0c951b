"""What every operator lets its results see: one rule a name, one family a file.

A rule gets the operator and the fields of its arguments and gives a field for each result. An operator without a rule has
none: it is never guessed. Knows nothing about networks or numbers in tensors.
"""

from __future__ import annotations

from striate.analysis.rules import layout, pieces, pointwise, products, resampling, statistics, windows
from striate.analysis.rules.rule import Fields, Rule, place

__all__ = ["Fields", "Rule", "place", "rule_for"]

_RULES: dict[str, Rule] = {
    **pointwise.RULES,
    **windows.RULES,
    **resampling.RULES,
    **layout.RULES,
    **pieces.RULES,
    **statistics.RULES,
    **products.RULES,
}


def rule_for(op: str) -> Rule | None:
    """The rule of ``aten.relu``; ``aten.relu_``, which works in place, has the same. None where there is none."""
    return _RULES.get(op) or _RULES.get(op.removesuffix("_"))
