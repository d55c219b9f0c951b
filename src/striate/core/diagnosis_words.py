"""A diagnosis in words: what was seen, a finding's evidence, place and remedies.

Each is a sentence. The terminal and the pages say the same things from here. Knows nothing about layout, nor about how anything was judged.
"""

from __future__ import annotations

from collections.abc import Sequence

from striate.core.diagnosis_records import Diagnosis, Evidence, Finding, Remedy, Where
from striate.core.observation_records import Level
from striate.core.wording import count, points, printable, significant

__all__ = [
    "LEVELS",
    "SEVERITIES",
    "candidates_words",
    "evidence_words",
    "nested",
    "not_judged_words",
    "plain_name",
    "remedy_words",
    "status_words",
    "summary_lines",
    "where_words",
]

LEVELS: dict[Level, str] = {
    "curves": "only the curves",
    "config": "the curves and the settings",
    "passive": "the curves, the settings and the inside of the network",
    "data": "the curves, the settings, the images and their labels",
}
"""What was seen, in words."""
SEVERITIES = {"info": "worth knowing", "warning": "warning", "critical": "critical"}
NAMED = 6
"""Layers, images or classes named in a sentence; the records have them all."""
NAME = 48
"""Characters of a name in a sentence."""
MORE = 2
"""Findings told at the end of a training beside the first."""


def plain_name(slug: str) -> str:
    """``train-val-overlap`` -> train val overlap."""
    return printable(slug.replace("-", " "))


def nested(findings: Sequence[Finding]) -> tuple[tuple[Finding, tuple[Finding, ...]], ...]:
    """Each cause with what it explains, in the given order; what explains a secondary finding explains what that explains."""
    by_slug = {f.condition: f for f in findings}

    def root(finding: Finding) -> Finding:
        seen = [finding]
        while seen[-1].because_of in by_slug:
            cause = by_slug[seen[-1].because_of]
            if cause in seen:  # a circle: the one that stands first counts as the cause
                return min(seen, key=findings.index)
            seen.append(cause)
        return seen[-1]

    causes = [f for f in findings if root(f) is f]
    return tuple(
        (cause, tuple(f for f in findings if f is not cause and root(f) is cause)) for cause in causes
    )


def evidence_words(fact: Evidence) -> str:
    """The fact, with its interval where the sentence does not already say a range."""
    text = printable(fact.sentence)
    if fact.low is None or fact.high is None or " to " in text:
        return text
    if fact.value is not None and ("points" in text or "%" in text) and points(fact.value) in text:
        return f"{text} (95 % interval {points(fact.low)} to {points(fact.high)})"
    return f"{text} (95 % interval {significant(fact.low)} to {significant(fact.high)})"


def where_words(where: Where) -> str:
    """``layers conv1, conv2; class cat``; empty for the run as a whole."""
    kinds = (
        ("layer", "layers", where.layers),
        ("image", "images", where.samples),
        ("class", "classes", where.classes),
        ("transform", "transforms", where.transforms),
    )
    return "; ".join(
        f"{one if len(names) == 1 else many} {_named(names)}" for one, many, names in kinds if names
    )


def _named(names: Sequence[str]) -> str:
    shown = ", ".join(printable(name, NAME) for name in names[:NAMED])
    more = len(names) - NAMED
    return f"{shown} and {more:,} more" if more > 0 else shown


def _onset(finding: Finding) -> str:
    """``since epoch 12``, ``since step 340``, or empty."""
    if finding.onset_epoch is not None:
        return f"since epoch {finding.onset_epoch:g}"
    return f"since step {finding.onset_step:,}" if finding.onset_step is not None else ""


def status_words(finding: Finding) -> str:
    """``established, 92 % sure, since epoch 12``."""
    words = (finding.status, f"{100 * finding.confidence:.0f} % sure", _onset(finding))
    return ", ".join(part for part in words if part)


def remedy_words(remedy: Remedy) -> tuple[str, str]:
    """What to do; and what it brings, costs and risks."""
    effects = (("effect", remedy.effect), ("cost", remedy.cost), ("risk", remedy.risk))
    return printable(remedy.change), "; ".join(f"{name}: {printable(text)}" for name, text in effects if text)


def candidates_words(found: Diagnosis) -> str:
    """``one of: overfitting, label noise``; empty where the curves do not leave several open."""
    if len(found.candidates) < 2:
        return ""
    return f"One of: {', '.join(map(plain_name, found.candidates))}. Several conditions draw these curves."


def not_judged_words(found: Diagnosis) -> str:
    """How many conditions were not judged; empty where all were."""
    n = len(found.not_judged)
    return f"{count(n, 'condition')} could not be judged: too little was seen" if n else ""


def summary_lines(found: Diagnosis) -> list[str]:
    """The end of a training in a few plain sentences: headline, main finding, what to do, at most two more."""
    lines = [printable(found.headline)]
    rest: Sequence[Finding] = found.findings
    if rest and rest[0].severity != "info":
        main, *rest = found.findings
        lines.append(printable(main.sentence))
        if main.remedies:
            lines.append(f"Next: {printable(main.remedies[0].change)}")
    else:
        lines += [printable(note) for note in found.notes[:1]]
    if candidates := candidates_words(found):
        lines.append(candidates)
    lines += [f"Also: {_short(finding)}" for finding in rest[:MORE]]
    if len(rest) > MORE:
        lines.append(f"{count(len(rest) - MORE, 'more finding')} in the report.")
    return lines


def _short(finding: Finding) -> str:
    cause = f" (because of {plain_name(finding.because_of)})" if finding.because_of else ""
    unsure = "perhaps " if finding.status == "suspected" else ""
    return f"{unsure}{finding.title.lower()}{cause}: {printable(finding.sentence)}"
