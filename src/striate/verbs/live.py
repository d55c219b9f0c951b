"""What is wrong with a run while it goes on: said once, and taken back.

Knows nothing about terminals, nor about how a condition is recognised.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from striate.core.diagnosis_records import Finding
from striate.core.observation_records import Observation
from striate.diagnosis.judge import diagnose

__all__ = ["Live", "shown_by"]

AT_THE_END = frozenset({"validation-too-small", "last-not-best", "stopped-too-early"})
"""Known from the start, or only when it is over: nothing that develops."""
SHARE = 0.02
"""Of an epoch's time, what judging it may take; a run of very short epochs is judged less often."""


class Live:
    """Judges a run after its epochs, and says what has changed."""

    def __init__(self, say: Callable[[str], None], clock: Callable[[], float] = time.perf_counter) -> None:
        self._say, self._clock = say, clock
        self._known: dict[str, Finding] = {}
        self._last, self._cost = clock(), 0.0

    def after_epoch(self, epoch: int, observe: Callable[[], Observation]) -> None:
        """`observe` what was seen so far, and judge it; nothing is done while the last judgement is not yet paid for."""
        begin = self._clock()
        if self._cost > SHARE * (begin - self._last):
            return
        found = {
            f.condition: f
            for f in diagnose(observe()).findings
            if _is_said(f) and f.condition not in AT_THE_END
        }
        self._last = self._clock()
        self._cost = self._last - begin
        for name, finding in found.items():
            if name not in self._known:
                self._say(f"Epoch {epoch}: {finding.sentence} ({finding.title.lower()}, {finding.severity})")
        for name, finding in self._known.items():
            if name not in found:
                self._say(f"Epoch {epoch}: no longer so: {finding.title.lower()}.")
        self._known = found


def shown_by(seen: Observation, conditions: Sequence[str]) -> bool:
    """Whether any of these conditions is established as more than a remark."""
    return any(f.condition in conditions and _is_said(f) for f in diagnose(seen).findings)


def _is_said(finding: Finding) -> bool:
    return finding.status == "established" and finding.severity != "info" and not finding.because_of
