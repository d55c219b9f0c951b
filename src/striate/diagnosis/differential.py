"""From opinions to one diagnosis: what comes first, what explains what.

Order: integrity, data, dynamics, capacity, efficiency; what is established before what is suspected, what is only worth knowing last. A finding that
another one explains is secondary and stands after all causes. Knows nothing about how an opinion was reached.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from striate.core.diagnosis_records import Excluded, Finding
from striate.diagnosis.condition import GROUPS, Condition, Group, Opinion

__all__ = ["calm_findings", "differential", "in_order", "not_judged"]


def differential(conditions: Sequence[Condition], opinions: Mapping[str, Opinion]) -> tuple[Finding, ...]:
    """Findings for every opinion that makes one, in the order in which a person should read them.

    `opinions` by slug. Raises KeyError when a condition has no opinion.
    """
    found = [c for c in conditions if opinions[c.name].found]
    causes = {c.name: _cause(c, found, opinions) for c in found}
    findings = [_finding(c, opinions, causes[c.name]) for c in found]
    return in_order(findings, {c.name: c.group for c in found})


def in_order(findings: Iterable[Finding], groups: Mapping[str, Group]) -> tuple[Finding, ...]:
    """The same in the order in which a person should read them; `groups` by slug."""
    return tuple(sorted(findings, key=lambda f: _rank(f, GROUPS.index(groups[f.condition]))))


def calm_findings(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Of a run that is well, at most one remark: what the verdict speaks of, else the surest established fact, else that more may be gained by going on."""
    for wanted in ("overconfidence", "overfitting"):
        named = [f for f in findings if f.condition == wanted]
        if named:
            return (named[0],)
    sure = [f for f in findings if f.status == "established"]
    if sure:
        return (max(sure, key=lambda f: f.confidence),)
    return tuple(f for f in findings if f.condition == "stopped-too-early")[:1]


def not_judged(conditions: Sequence[Condition], opinions: Mapping[str, Opinion]) -> tuple[Excluded, ...]:
    """Conditions that could not be judged, and why."""
    return tuple(
        Excluded(condition=c.name, why=opinions[c.name].why)
        for c in conditions
        if opinions[c.name].state == "unseen"
    )


def _rank(finding: Finding, group: int) -> tuple[bool, bool, bool, int, float]:
    return (
        finding.severity == "info",
        bool(finding.because_of),
        finding.status == "suspected",
        group,
        -finding.confidence,
    )


def _cause(condition: Condition, found: Sequence[Condition], opinions: Mapping[str, Opinion]) -> str:
    """The first found condition that explains this one: itself no mere remark, and standing no later in the order."""
    for other in sorted(found, key=lambda c: (GROUPS.index(c.group), -opinions[c.name].confidence)):
        if other.name == condition.name or condition.name not in other.explains:
            continue
        if opinions[other.name].severity == "info" and opinions[condition.name].severity != "info":
            continue
        # Of two that explain each other, the earlier group (then the surer one) is the cause.
        if other.name in condition.explains and _before(condition, other, opinions):
            continue
        return other.name
    return ""


def _before(a: Condition, b: Condition, opinions: Mapping[str, Opinion]) -> bool:
    def key(c: Condition) -> tuple[int, float, str]:
        return (GROUPS.index(c.group), -opinions[c.name].confidence, c.name)

    return key(a) < key(b)


def _finding(condition: Condition, opinions: Mapping[str, Opinion], cause: str) -> Finding:
    opinion = opinions[condition.name]
    rivals = [(name, opinions[name]) for name in condition.rivals if name in opinions]
    return Finding(
        id=condition.id,
        condition=condition.name,
        title=condition.title,
        status="established" if opinion.state == "present" else "suspected",
        severity=opinion.severity,
        confidence=opinion.confidence,
        sentence=opinion.sentence,
        evidence=opinion.evidence,
        where=opinion.where,
        onset_epoch=opinion.onset_epoch,
        onset_step=opinion.onset_step,
        remedies=condition.remedies if opinion.remedies is None else opinion.remedies,
        ruled_out=tuple(Excluded(condition=name, why=o.why) for name, o in rivals if o.state == "absent"),
        because_of=cause,
        probe=condition.probe if opinion.state == "suspected" else "",
    )
