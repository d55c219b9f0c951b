"""What is wrong with a run as a section of a page: a card for each cause, and plots.

What a cause explains is folded under it. Knows nothing about how anything was judged, nor about files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from striate.core.diagnosis_records import Diagnosis, Finding
from striate.core.diagnosis_words import (
    LEVELS,
    SEVERITIES,
    candidates_words,
    evidence_words,
    nested,
    not_judged_words,
    plain_name,
    remedy_words,
    status_words,
    where_words,
)
from striate.core.observation_records import Observation
from striate.core.wording import printable
from striate.report.diagnosis_plots import Plot, Plots

__all__ = ["DiagnosisSection", "FindingCard", "diagnosis_section", "finding_card"]


@dataclass(frozen=True)
class FindingCard:
    """One finding; lists are empty where there is nothing to say."""

    slug: str
    title: str
    severity: str
    severity_words: str
    status: str
    sentence: str
    evidence: tuple[str, ...]
    where: str
    ruled_out: tuple[tuple[str, str], ...]
    remedies: tuple[tuple[str, str], ...]
    probe: str
    plots: tuple[Plot, ...] = ()
    suspects: tuple[tuple[str, str, str, str], ...] = ()
    """(sample, given, suggested, how sure) of images whose labels others contradict, where they are named only."""
    pictures: bool = False
    """Whether this card shows the suspects' pictures, where the page has them."""
    secondary: tuple[FindingCard, ...] = ()


@dataclass(frozen=True)
class DiagnosisSection:
    """Everything the section shows."""

    headline: str
    lead: str
    """What stands under the headline: the main finding, or what is odd and normal."""
    advice: str
    severity: str
    level: str
    cards: tuple[FindingCard, ...]
    candidates: str
    notes: tuple[str, ...]
    assumed: tuple[str, ...]
    not_judged: str
    unjudged: tuple[tuple[str, str], ...]
    version: str


def diagnosis_section(found: Diagnosis | None, seen: Observation | None) -> DiagnosisSection | None:
    """The section, with plots of what was seen; None where nothing was judged yet."""
    if found is None:
        return None
    return DiagnosisSection(
        headline=printable(found.headline),
        lead=printable(_lead(found)),
        advice=printable(_advice(found)),
        severity=_severity(found),
        level=LEVELS[found.level],
        cards=_cards(found.findings, seen),
        candidates=candidates_words(found),
        notes=tuple(map(printable, found.notes)),
        assumed=tuple(map(printable, found.assumed)),
        not_judged=not_judged_words(found),
        unjudged=tuple((plain_name(e.condition), printable(e.why)) for e in found.not_judged),
        version=found.striate_version,
    )


def _main(found: Diagnosis) -> Finding | None:
    first = found.findings[0] if found.findings else None
    return first if first is not None and first.severity != "info" else None


def _lead(found: Diagnosis) -> str:
    main = _main(found)
    return main.sentence if main is not None else "".join(found.notes[:1])


def _advice(found: Diagnosis) -> str:
    main = _main(found)
    return main.remedies[0].change if main is not None and main.remedies else ""


def _severity(found: Diagnosis) -> str:
    main = _main(found)
    if main is not None:
        return main.severity
    return {"healthy": "ok", "unclear": "info"}.get(found.verdict, "warning")


def _cards(findings: Sequence[Finding], seen: Observation | None) -> tuple[FindingCard, ...]:
    plots = Plots(seen)
    return tuple(
        finding_card(
            cause,
            plots=plots.of(cause, *explained),
            suspects=plots.suspects(cause, *explained),
            pictures=plots.pictures(cause, *explained),
            secondary=tuple(finding_card(f) for f in explained),
        )
        for cause, explained in nested(findings)
    )


def finding_card(
    finding: Finding,
    *,
    plots: tuple[Plot, ...] = (),
    suspects: tuple[tuple[str, str, str, str], ...] = (),
    pictures: bool = False,
    secondary: tuple[FindingCard, ...] = (),
) -> FindingCard:
    """The finding in words."""
    return FindingCard(
        slug=finding.condition,
        title=printable(finding.title),
        severity=finding.severity,
        severity_words=SEVERITIES[finding.severity],
        status=status_words(finding),
        sentence=printable(finding.sentence),
        evidence=tuple(map(evidence_words, finding.evidence)),
        where=where_words(finding.where),
        ruled_out=tuple((plain_name(e.condition), printable(e.why)) for e in finding.ruled_out),
        remedies=tuple(map(remedy_words, finding.remedies)),
        probe=printable(finding.probe),
        plots=plots,
        suspects=suspects,
        pictures=pictures,
        secondary=secondary,
    )
