"""How much of a network is meant to stay as it is. Knows nothing about why it was frozen."""

from __future__ import annotations

from striate.diagnosis.case import Case

__all__ = ["mostly_frozen"]


def mostly_frozen(case: Case) -> bool:
    """Whether more than half of the weights want no gradient."""
    parameters = case.seen.loop.parameters if case.seen.loop else ()
    total = sum(p.numel for p in parameters if not p.shared_with)
    return 2 * sum(p.numel for p in parameters if not p.requires_grad and not p.shared_with) > total
