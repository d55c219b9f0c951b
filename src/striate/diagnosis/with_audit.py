"""What an audit of a run's own transforms found, joined to the diagnosis of the run.

Knows nothing about how an audit is made, nor where it is kept.
"""

from __future__ import annotations

from collections.abc import Sequence

from striate.core.diagnosis_records import Diagnosis, Finding
from striate.diagnosis.condition import Group
from striate.diagnosis.conditions import all_conditions
from striate.diagnosis.differential import in_order

__all__ = ["with_audit"]


def with_audit(diagnosis: Diagnosis, found: Sequence[Finding]) -> Diagnosis:
    """`found` stands in the place of what the same conditions were judged to be without the audit, which saw more.

    A finding that one of them explains, and that had no cause, becomes secondary. The headline follows the first finding.
    """
    if not found:
        return diagnosis
    audited = {f.condition: f for f in found}
    explained = {slug: c.name for c in all_conditions() if c.name in audited for slug in c.explains}
    others = (_because(f, explained) for f in diagnosis.findings if f.condition not in audited)
    groups: dict[str, Group] = {f.condition: "data" for f in found}
    groups |= {c.name: c.group for c in all_conditions()}
    findings = in_order([*others, *found], groups)
    first = findings[0]
    leads = first.condition in audited
    return diagnosis.model_copy(
        update={
            "findings": findings,
            "verdict": "problem" if first.severity != "info" else diagnosis.verdict,
            "headline": f"{': '.join(part for part in (first.title, ', '.join(first.where.transforms)) if part)}."
            if leads
            else diagnosis.headline,
            "candidates": tuple(slug for slug in diagnosis.candidates if not leads or slug in audited),
            "not_judged": tuple(e for e in diagnosis.not_judged if e.condition not in audited),
        }
    )


def _because(finding: Finding, explained: dict[str, str]) -> Finding:
    cause = explained.get(finding.condition, "")
    return finding if finding.because_of or not cause else finding.model_copy(update={"because_of": cause})
