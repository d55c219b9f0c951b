"""`diagnose`: an observation in, a diagnosis out.

Examines every condition, orders what was found, and says how much could be seen. Knows nothing about files, and never imports torch.
"""

from __future__ import annotations

import striate
from striate.core.diagnosis_records import Diagnosis
from striate.core.observation_records import Observation
from striate.diagnosis.case import Case
from striate.diagnosis.conclusion import conclude
from striate.diagnosis.conditions import all_conditions
from striate.diagnosis.differential import differential, not_judged
from striate.diagnosis.from_curves import candidates
from striate.diagnosis.remarks import assumed, notes

__all__ = ["diagnose"]


def diagnose(seen: Observation) -> Diagnosis:
    """What is wrong with the run that was seen, causes first; "healthy" and "unclear" are answers, too.

    Where neither the inside of the network nor the data was seen, or no condition explains what is wrong, `candidates` names up to three
    conditions that look like this, the likeliest first.
    """
    case = Case(seen)
    conditions = all_conditions()
    opinions = {c.name: c.examine(case) for c in conditions}
    findings = differential(conditions, opinions)
    end = conclude(case, findings, opinions)
    open_to_many = seen.level in ("curves", "config") or end.verdict == "unknown problem"
    return Diagnosis(
        striate_version=striate.__version__,
        level=seen.level,
        verdict=end.verdict,
        headline=end.headline,
        findings=findings,
        candidates=candidates(case, findings) if open_to_many and end.verdict != "healthy" else (),
        notes=(*end.notes, *notes(case, end.verdict)),
        assumed=(*seen.setting.assumed, *assumed(case)),
        not_judged=not_judged(conditions, opinions),
    )
