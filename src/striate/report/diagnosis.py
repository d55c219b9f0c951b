"""What is wrong with a run as a section of a page: a card for each cause, what it explains folded under it, plots.

Knows nothing about how anything was judged, nor about files.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from striate.core.diagnosis_records import Diagnosis, Finding
from striate.core.observation_records import Observation
from striate.core.wording import percent, printable
from striate.report.dead_map import dead_map
from striate.report.diagnosis_charts import gap_picture, profile_picture
from striate.report.diagnosis_words import (
    LEVELS,
    SEVERITIES,
    candidates_words,
    evidence_words,
    nested,
    not_judged_words,
    onset_words,
    plain_name,
    remedy_words,
    where_words,
)

__all__ = ["DiagnosisSection", "FindingCard", "Plot", "diagnosis_section", "finding_card"]

GAP = frozenset(
    {
        "overfitting",
        "late-overfitting",
        "overconfidence",
        "over-regularised",
        "label-noise",
        "labels-unrelated",
    }
)
DEPTH = frozenset(
    {
        *("vanishing-gradient", "depth-without-skips", "bad-initialisation", "saturated-activations"),
        *(
            "learning-rate-too-high",
            "learning-rate-too-low",
            "parameters-not-updated",
            "gradients-not-zeroed",
        ),
    }
)
DEAD = frozenset({"dead-relu", "learning-rate-too-high", "bad-initialisation"})
SUSPECTS = frozenset({"label-noise", "classes-swapped", "corrupt-images"})
"""Conditions whose card shows that plot, the first that is found."""


@dataclass(frozen=True)
class Plot:
    """A picture and what it shows."""

    picture: Markup
    caption: str


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


def _severity(found: Diagnosis) -> str:
    if found.findings:
        return found.findings[0].severity
    return "ok" if found.verdict == "healthy" else "info"


def _cards(findings: Sequence[Finding], seen: Observation | None) -> tuple[FindingCard, ...]:
    plots = _Plots(seen)
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
    status = [finding.status, f"{percent(finding.confidence)} sure", onset_words(finding)]
    return FindingCard(
        slug=finding.condition,
        title=printable(finding.title),
        severity=finding.severity,
        severity_words=SEVERITIES[finding.severity],
        status=", ".join(words for words in status if words),
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


class _Plots:
    """Each plot of an observation once: in the first card that it belongs to."""

    def __init__(self, seen: Observation | None) -> None:
        self.seen = seen
        self.drawn: set[str] = set()

    def of(self, *findings: Finding) -> tuple[Plot, ...]:
        if self.seen is None:
            return ()
        wanted: tuple[tuple[str, frozenset[str], Callable[[Observation], Markup], str], ...] = (
            (
                "gap",
                GAP,
                gap_picture,
                "The gap between train and val in percentage points; the band is its 95 % interval.",
            ),
            (
                *("depth", DEPTH, profile_picture),
                f"Medians over the sampled steps, {self._layers()}. Far to the left of a healthy profile nothing falls by powers of ten.",
            ),
            (
                *("dead", DEAD, lambda seen: dead_map(seen.inside)),
                "Share of channels that were 0 for every probe image, from the first layer down; the last figure stands at the right.",
            ),
        )
        plots = []
        for name, conditions, draw, caption in wanted:
            if not self._first(name, conditions, findings):
                continue
            if picture := draw(self.seen):
                self.drawn.add(name)
                plots.append(Plot(picture, caption))
        return tuple(plots)

    def suspects(self, *findings: Finding) -> tuple[tuple[str, str, str, str], ...]:
        """Named suspects, surest first, of the card that their pictures belong to."""
        agreement = self.seen.data.agreement if self.seen and self.seen.data else None
        if agreement is None or not self._first("names", SUSPECTS, findings):
            return ()
        self.drawn.add("names")
        names = self.seen.setting.class_names if self.seen else ()

        def label(i: int) -> str:
            return printable(names[i] if 0 <= i < len(names) else f"class {i}", 28)

        return tuple(
            (printable(s.sample), label(s.given), label(s.suggested), percent(s.score))
            for s in agreement.suspects
        )

    def pictures(self, *findings: Finding) -> bool:
        first = self._first("pictures", SUSPECTS, findings)
        if first:
            self.drawn.add("pictures")
        return first

    def _first(self, name: str, conditions: frozenset[str], findings: Sequence[Finding]) -> bool:
        return name not in self.drawn and any(f.condition in conditions for f in findings)

    def _layers(self) -> str:
        layers = (
            sorted(self.seen.inside.layers, key=lambda s: s.depth) if self.seen and self.seen.inside else []
        )
        return (
            f"from {printable(layers[0].name, 40)} to {printable(layers[-1].name, 40)}"
            if layers
            else "by depth"
        )
