"""`diagnose`: an observation in, a diagnosis out.

Examines every condition, orders what was found, and says how much could be seen. Knows nothing about files, and never imports torch.
"""

from __future__ import annotations

import striate
from striate.core.diagnosis_records import Diagnosis
from striate.core.observation_records import Observation
from striate.diagnosis.case import Case
from striate.diagnosis.conditions import all_conditions
from striate.diagnosis.differential import differential, not_judged

__all__ = ["diagnose"]


def diagnose(seen: Observation) -> Diagnosis:
    """What is wrong with the run that was seen, causes first; "healthy" and "unclear" are answers, too."""
    case = Case(seen)
    conditions = all_conditions()
    opinions = {c.name: c.examine(case) for c in conditions}
    findings = differential(conditions, opinions)
    serious = [f for f in findings if f.severity != "info"]
    return Diagnosis(
        striate_version=striate.__version__,
        level=seen.level,
        verdict="problem" if serious else "healthy",
        headline=opinions[serious[0].condition].headline if serious else "Healthy.",
        findings=findings,
        assumed=seen.setting.assumed,
        not_judged=not_judged(conditions, opinions),
    )
