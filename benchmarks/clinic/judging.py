"""What a judge is: an observation in, names of conditions out, alarms apart from remarks.

Knows nothing about the truth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.clinic.ports.autotrainer import autotrainer
from benchmarks.clinic.ports.deepdiagnosis import deepdiagnosis
from benchmarks.clinic.ports.sagemaker import sagemaker
from benchmarks.clinic.ports.umlaut import umlaut
from striate.core.observation_records import Observation
from striate.diagnosis.judge import diagnose

UNKNOWN = "unknown"


@dataclass(frozen=True)
class Said:
    """What a judge said of one run."""

    alarms: tuple[str, ...]
    """Slugs of what is a warning or worse, the likeliest cause first."""
    remarks: tuple[str, ...] = ()
    """Slugs of what is only worth knowing."""
    candidates: tuple[str, ...] = ()
    """The set of which one is said to be it."""
    causes: int = 0
    """Alarms that nothing else explains."""


Judge = Callable[[Observation], Said]


def striate_says(seen: Observation) -> Said:
    """The diagnosis of striate; "something is wrong, cause unknown" is an alarm, too."""
    diagnosis = diagnose(seen)
    serious = [f for f in diagnosis.findings if f.severity != "info"]
    alarms = tuple(f.condition for f in serious)
    if not alarms and diagnosis.verdict == "unknown problem":
        alarms = (UNKNOWN,)
    return Said(
        alarms=alarms,
        remarks=tuple(f.condition for f in diagnosis.findings if f.severity == "info"),
        candidates=diagnosis.candidates,
        causes=sum(not f.because_of for f in serious),
    )


def ported(rules: Callable[[Observation], tuple[str, ...]]) -> Judge:
    """A port of another tool's rules as a judge: every rule that fires is an alarm."""

    def judge(seen: Observation) -> Said:
        alarms = tuple(dict.fromkeys(rules(seen)))
        return Said(alarms=alarms, candidates=alarms[:3], causes=len(alarms))

    return judge


JUDGES: dict[str, Judge] = {
    "striate": striate_says,
    "SageMaker Debugger": ported(sagemaker),
    "AutoTrainer": ported(autotrainer),
    "DeepDiagnosis": ported(deepdiagnosis),
    "UMLAUT": ported(umlaut),
    "always healthy": ported(lambda _seen: ()),
}
