"""How much time watching may take: a share of the loop's own, and a start.

Every look has a cost that is learnt as it goes; a look is taken only when the budget affords it. So a slow look is taken seldom, a cheap
one often, and a loop of fast steps is looked at less. Time is the thread's own, so that a machine busy with other things changes
nothing. Knows nothing about what is looked at.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["Budget"]

SHARE = 0.01
"""Of the loop's time, the aim. Half of what is promised (2 %), since a look is only known to be dear after it was taken."""
ALLOWANCE = 1.0
"""Seconds that may be spent before anything was earned: a run of ten seconds must be seen well, too, and of a longer one it is little."""
MEMORY = 0.5
"""Weight of the newest cost in its running mean."""


class Budget:
    """Seconds earned and spent.

    >>> budget = Budget(share=0.5, allowance=0.0)
    >>> budget.affords("look"), budget.earn(1.0), budget.affords("look")
    (False, None, True)
    """

    def __init__(
        self,
        share: float = SHARE,
        allowance: float = ALLOWANCE,
        clock: Callable[[], float] = time.thread_time,
    ) -> None:
        """`share` of the loop's time may be spent; infinity means that everything is always looked at."""
        self._share = 0.0 if math.isinf(share) else share
        self.balance = math.inf if math.isinf(share) else allowance
        self.spent = 0.0
        self.costs: dict[str, float] = {}
        self._clock = clock

    def part(self, share: float) -> Budget:
        """A budget of its own for one purpose, cut off from this one: what others spend does not starve it."""
        other = Budget(self._share * share, self.balance * share, self._clock)
        self._share, self.balance = self._share * (1 - share), self.balance * (1 - share)
        return other

    def earn(self, seconds: float) -> None:
        """The loop has worked for so long."""
        self.balance += self._share * seconds

    def affords(self, look: str, times: float = 1.0) -> bool:
        """Whether a look of this name (`times` as large as the one that was timed) fits; one never timed needs a balance above 0."""
        return self.balance > times * self.costs.get(look, 0.0)

    @contextmanager
    def paying(self, look: str, times: float = 1.0) -> Iterator[None]:
        """Time what is done inside, and pay for it."""
        begin = self._clock()
        try:
            yield
        finally:
            self.pay(self._clock() - begin, look, times)

    def pay(self, seconds: float, look: str, times: float = 1.0) -> None:
        """Time that was spent on a look."""
        self.spent += seconds
        self.balance -= seconds
        before, each = self.costs.get(look), seconds / times
        # The first time of anything holds what is done only once, so it is forgotten soon.
        self.costs[look] = each if before is None else (1 - MEMORY) * before + MEMORY * each
