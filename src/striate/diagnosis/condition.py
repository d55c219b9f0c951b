"""What a condition is: a thing that can be wrong with a run, and how one tells.

A condition is one module of `striate.diagnosis.conditions` with a `CONDITION`; its page under docs/conditions is made from the
docstring of that module, which has the paragraphs listed in `PARAGRAPHS`. An examination reads a `Case` and
returns an `Opinion`: present, suspected, absent or unseen, each with its reason, so that whatever is reported can list
what was ruled out. Knows nothing about which conditions there are, and never measures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from striate.core.diagnosis_records import Evidence, Remedy, Severity, Where
from striate.diagnosis.case import Case

__all__ = [
    "GROUPS",
    "PARAGRAPHS",
    "Condition",
    "Group",
    "Opinion",
    "absent",
    "evidence",
    "present",
    "suspected",
    "unseen",
]

Group = Literal["integrity", "data", "dynamics", "capacity", "efficiency"]
GROUPS: tuple[Group, ...] = ("integrity", "data", "dynamics", "capacity", "efficiency")
"""In the order in which causes are sought: a broken loop makes every later number meaningless, and so on."""

PARAGRAPHS = ("Means", "Hurts", "Rule", "Origin", "False alarms", "Changes its mind")
"""Each begins a paragraph of a condition's module docstring, as ``Means: ...``."""


@dataclass(frozen=True)
class Opinion:
    """What one examination came to. `why` is for absent and unseen; the rest for present and suspected."""

    state: Literal["present", "suspected", "absent", "unseen"]
    why: str = ""
    severity: Severity = "warning"
    confidence: float = 0.0
    sentence: str = ""
    headline: str = ""
    evidence: tuple[Evidence, ...] = ()
    where: Where = field(default_factory=Where)
    onset_epoch: float | None = None
    onset_step: int | None = None
    remedies: tuple[Remedy, ...] | None = None
    """None: those of the condition."""

    @property
    def found(self) -> bool:
        """Whether it makes a finding."""
        return self.state in ("present", "suspected")


@dataclass(frozen=True)
class Condition:
    """A condition of the catalogue."""

    id: str
    name: str
    """Slug; also the name of its module, with ``_`` for ``-``."""
    title: str
    group: Group
    examine: Callable[[Case], Opinion]
    remedies: tuple[Remedy, ...]
    explains: tuple[str, ...] = ()
    """Slugs of conditions whose signs this one brings about: found beside it, they are secondary."""
    rivals: tuple[str, ...] = ()
    """Slugs of conditions with similar signs; what speaks against them is listed with the finding."""
    probe: str = ""
    """What would decide where passive signs cannot, in words."""


def present(
    sentence: str,
    *seen: Evidence,
    headline: str,
    severity: Severity = "warning",
    confidence: float = 0.9,
    where: Where | None = None,
    onset_epoch: float | None = None,
    onset_step: int | None = None,
    remedies: Sequence[Remedy] | None = None,
) -> Opinion:
    """It is there. `headline` and `sentence` are sentences; the headline says it in under 70 characters."""
    return Opinion(
        "present",
        severity=severity,
        confidence=confidence,
        sentence=sentence,
        headline=headline,
        evidence=seen,
        where=where or Where(),
        onset_epoch=onset_epoch,
        onset_step=onset_step,
        remedies=None if remedies is None else tuple(remedies),
    )


def suspected(
    sentence: str,
    *seen: Evidence,
    headline: str,
    severity: Severity = "info",
    confidence: float = 0.5,
    where: Where | None = None,
    onset_epoch: float | None = None,
    remedies: Sequence[Remedy] | None = None,
) -> Opinion:
    """The signs are there, and a probe or a paired run must decide."""
    found = present(
        sentence,
        *seen,
        headline=headline,
        severity=severity,
        confidence=confidence,
        where=where,
        onset_epoch=onset_epoch,
        remedies=remedies,
    )
    return replace(found, state="suspected")


def absent(why: str) -> Opinion:
    """It is not there; `why` is a clause that can follow "ruled out:"."""
    return Opinion("absent", why=why)


def unseen(why: str) -> Opinion:
    """Too little was seen to say; `why` names what is missing."""
    return Opinion("unseen", why=why)


def evidence(
    sentence: str,
    name: str = "",
    value: float | None = None,
    *,
    low: float | None = None,
    high: float | None = None,
    reference: float | None = None,
) -> Evidence:
    """An `Evidence`, shorter to write."""
    return Evidence(sentence=sentence, name=name, value=value, low=low, high=high, reference=reference)
