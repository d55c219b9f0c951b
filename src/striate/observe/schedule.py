"""At which steps to look: densely at the start, then seldom.

Knows nothing about what is looked at or what it costs.
"""

from __future__ import annotations

__all__ = ["due"]

DENSE = 64
EVERY = 50


def due(step: int) -> bool:
    """Whether step number `step` (from 1) is one to look at: 1, 2, 4, 8, ... 64, then every 50th.

    >>> [step for step in range(1, 151) if due(step)]
    [1, 2, 4, 8, 16, 32, 64, 100, 150]
    """
    return step & (step - 1) == 0 if step <= DENSE else step % EVERY == 0
