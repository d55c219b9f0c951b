"""Frozen records of a judgement: findings with evidence, and what they come to.

Severities: info is worth knowing; warning costs accuracy or trust; critical makes the run worthless as it stands. Knows nothing about
how anything was measured or decided.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from striate.core.observation_records import Level
from striate.core.records import Record

__all__ = ["Diagnosis", "Evidence", "Excluded", "Finding", "Remedy", "Severity", "Verdict", "Where"]

Severity = Literal["info", "warning", "critical"]
Verdict = Literal["healthy", "problem", "unknown problem", "unclear"]
"""unknown problem: something is wrong and no condition explains it; unclear: too little was seen to say."""


class Evidence(Record):
    """One observed fact that speaks for a finding."""

    sentence: str
    """Readable alone, without a full stop."""
    name: str = ""
    """What was measured, a slug such as ``gap``; empty for a fact without a number."""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    """A 95 % interval, where there is one."""
    reference: float | None = None
    """What it is held against: the threshold, or the value of a healthy run."""


class Where(Record):
    """What a finding is about; empty for the run as a whole."""

    layers: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    transforms: tuple[str, ...] = ()


class Remedy(Record):
    """One thing to try."""

    change: str
    """A sentence that says what to do."""
    effect: str = ""
    cost: str = ""
    risk: str = ""
    settings: dict[str, Any] = Field(default_factory=dict)
    """The change as settings of a striate recipe, where it is one: what a verified trial would run."""


class Excluded(Record):
    """A condition that might have explained the same signs, and why it does not; or why it could not be judged."""

    condition: str
    why: str


class Finding(Record):
    """A named condition with the evidence for it."""

    id: str
    """Number in the catalogue of conditions, such as ``G1``; several conditions may share one."""
    condition: str
    """Slug, the name of its page under docs/conditions."""
    title: str
    status: Literal["established", "suspected"]
    """suspected: the signs are there, and only an active probe or a paired run can decide."""
    severity: Severity
    confidence: float
    """Share of runs with these signs in which the condition is right, as far as the benchmark tells."""
    sentence: str
    evidence: tuple[Evidence, ...] = ()
    where: Where = Where()
    onset_epoch: float | None = None
    onset_step: int | None = None
    remedies: tuple[Remedy, ...] = ()
    ruled_out: tuple[Excluded, ...] = ()
    because_of: str = ""
    """Slug of the finding that explains this one; empty for a cause."""
    probe: str = ""
    """What would decide, where the status is suspected."""


class Diagnosis(Record):
    """What is wrong with a run, in order of importance: causes first, then what they explain."""

    striate_version: str
    level: Level
    verdict: Verdict
    headline: str
    findings: tuple[Finding, ...] = ()
    candidates: tuple[str, ...] = ()
    """Slugs. From curves alone several conditions look the same; one of these is it."""
    notes: tuple[str, ...] = ()
    """What looks odd and is normal, in sentences."""
    assumed: tuple[str, ...] = ()
    not_judged: tuple[Excluded, ...] = ()
    """Conditions for which too little was seen."""

    def __str__(self) -> str:
        """What is wrong, in words, as `striate diagnose` prints it."""
        from striate.core.diagnosis_text import diagnosis_lines

        return "\n".join(diagnosis_lines(self))
