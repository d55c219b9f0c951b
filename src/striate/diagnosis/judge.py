"""`diagnose`: an observation in, a diagnosis out.

Examines every condition, orders what was found, and says how much could be seen. Knows nothing about files, and never imports torch.
"""

from __future__ import annotations

import striate
from striate.core.diagnosis_records import Diagnosis
from striate.core.observation_records import Observation
from striate.diagnosis.case import Case
from striate.diagnosis.conclusion import conclude
from striate.diagnosis.condition import Condition, Opinion, unseen
from striate.diagnosis.conditions import all_conditions
from striate.diagnosis.differential import calm_findings, differential, not_judged
from striate.diagnosis.from_curves import candidates, leaves_open
from striate.diagnosis.mending import mended
from striate.diagnosis.remarks import assumed, notes

__all__ = ["diagnose"]

LEFT_OUT = "Figures under {} that contradict each other were taken as not seen."


def diagnose(seen: Observation) -> Diagnosis:
    """What is wrong with the run that was seen, causes first; "healthy" and "unclear" are answers, too.

    Where neither the inside of the network nor the data was seen, or no condition explains what is wrong, `candidates` names up to three
    conditions that look like this, the likeliest first.
    """
    seen, left_out = mended(seen)
    case = Case(seen)
    conditions = all_conditions()
    opinions = {c.name: _examined(c, case) for c in conditions}
    findings = differential(conditions, opinions)
    end = conclude(case, findings, opinions)
    open_to_many = seen.level in ("curves", "config") or end.verdict == "unknown problem"
    calm = end.verdict == "healthy" and not leaves_open(case, findings)
    return Diagnosis(
        striate_version=striate.__version__,
        level=seen.level,
        verdict=end.verdict,
        headline=end.headline,
        findings=calm_findings(findings) if end.verdict == "healthy" else findings,
        candidates=candidates(case, findings) if open_to_many and not calm else (),
        notes=(*end.notes, *notes(case, end.verdict)),
        assumed=(*seen.setting.assumed, *assumed(case), *(LEFT_OUT.format(part) for part in left_out)),
        not_judged=not_judged(conditions, opinions),
    )


def _examined(condition: Condition, case: Case) -> Opinion:
    """One rule that breaks, on values that nobody foresaw, leaves the others standing."""
    try:
        return condition.examine(case)
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is said and the diagnosis goes on
        return unseen(f"its rule failed: {type(error).__name__}: {error}")
