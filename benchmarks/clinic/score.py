"""From traces and judges to figures: recall, false alarms, right names, by condition, group and level, with Wilson intervals.

A faulty run counts where its plant is proven to harm (`benchmarks.clinic.harm`); where it does not, it is a hard negative, on which any alarm
is a false one, kept apart from the alarms on healthy runs. Knows nothing about how a judge comes to what it says.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, Literal

from benchmarks.clinic.cases import Case
from benchmarks.clinic.faults import CORE, FAULTS
from benchmarks.clinic.harm import harm
from benchmarks.clinic.judging import JUDGES, Judge, Said
from benchmarks.clinic.levels import shown
from benchmarks.clinic.traces import Trace
from striate.core.metrics import wilson

Role = Literal["healthy", "harmful", "harmless", "worse"]
"""worse: an odd run that was to be healthy and does worse than its host; it counts for nothing and is listed."""
WORSE = 0.03
LARGEST_SET = 3


@dataclass(frozen=True)
class Judged:
    """One run and what was said of it."""

    case: Case
    role: Role
    truth: tuple[str, ...]
    """Slugs that are right at this level; the first is what was planted."""
    core: bool
    said: Said

    @property
    def first_right(self) -> bool:
        """Whether the first alarm names it."""
        return bool(self.said.alarms[:1]) and self.said.alarms[0] in self.truth

    @property
    def among_three(self) -> bool:
        """Whether one of the first three alarms names it."""
        return any(slug in self.truth for slug in self.said.alarms[:3])

    @property
    def in_set(self) -> bool:
        """Whether a stated set of three or fewer holds it; without a set, the alarms are one."""
        stated = self.said.candidates or self.said.alarms
        return 0 < len(stated) <= LARGEST_SET and any(slug in self.truth for slug in stated)


def roles_of(traces: Sequence[Trace]) -> dict[Case, Role]:
    """What each case is to a detector; an odd run is held against the mean of the plain runs of its host."""
    plain: dict[str, list[float]] = defaultdict(list)
    for trace in traces:
        if trace.case.kind == "healthy":
            plain[trace.case.host].append(trace.truth[-1])
    return {t.case: _role(t, plain[t.case.host]) for t in traces}


def _role(trace: Trace, plain: Sequence[float]) -> Role:
    if trace.case.kind == "fault":
        return "harmful" if harm(trace.case).harmful else "harmless"
    if trace.case.kind == "control" and plain and fmean(plain) - trace.truth[-1] >= WORSE:
        return "worse"
    return "healthy"


def judged(traces: Iterable[Trace], roles: dict[Case, Role], judge: Judge, level: str) -> list[Judged]:
    """What a judge says of all runs at a level."""
    found = []
    for trace in traces:
        assert trace.observation is not None
        fault = FAULTS.get(trace.case.name) if trace.case.kind == "fault" else None
        truth = () if fault is None else fault.truth
        if fault is not None and not trace.finite:
            truth = (*truth, "non-finite")  # whatever was planted, that is what it came to
        if fault is not None and level == "curves":
            truth = (*truth, *fault.curves)
        found.append(
            Judged(
                case=trace.case,
                role=roles[trace.case],
                truth=truth,
                core=fault is not None and fault.id in CORE,
                said=judge(shown(trace.observation, level)),
            )
        )
    return found


def share(hits: int, n: int) -> dict[str, float]:
    """A share with its Wilson interval of 95 %."""
    interval = wilson(hits, n)
    return {
        "hits": hits,
        "n": n,
        "share": hits / n if n else float("nan"),
        "low": interval.low,
        "high": interval.high,
    }


def figures(runs: Sequence[Judged]) -> dict[str, Any]:
    """All figures of one judge at one level; those of faults are over the core conditions."""
    harmful = [r for r in runs if r.role == "harmful" and r.core]
    healthy = [r for r in runs if r.role == "healthy"]
    harmless = [r for r in runs if r.role == "harmless"]
    by_condition = {slug: _named(group) for slug, group in sorted(_grouped(harmful).items())}
    macro = [c["first"]["share"] for c in by_condition.values()]
    return {
        "recall": share(sum(bool(r.said.alarms) for r in harmful), len(harmful)),
        "first": share(sum(r.first_right for r in harmful), len(harmful)),
        "among three": share(sum(r.among_three for r in harmful), len(harmful)),
        "in a set": share(sum(r.in_set for r in harmful), len(harmful)),
        "first, macro": sum(macro) / len(macro) if macro else float("nan"),
        "false alarms per healthy run": sum(len(r.said.alarms) for r in healthy) / max(1, len(healthy)),
        "healthy runs with an alarm": share(sum(bool(r.said.alarms) for r in healthy), len(healthy)),
        "hard negatives with an alarm": share(sum(bool(r.said.alarms) for r in harmless), len(harmless)),
        "other causes named per harmful run": sum(max(0, r.said.causes - r.first_right) for r in harmful)
        / max(1, len(harmful)),
        "by condition": by_condition,
        "by group": {g: _named(rs) for g, rs in sorted(_by_group(harmful).items())},
        "beyond the core": _named([r for r in runs if r.role == "harmful" and not r.core]),
    }


def _named(runs: Sequence[Judged]) -> dict[str, Any]:
    return {
        "recall": share(sum(bool(r.said.alarms) for r in runs), len(runs)),
        "first": share(sum(r.first_right for r in runs), len(runs)),
        "among three": share(sum(r.among_three for r in runs), len(runs)),
        "in a set": share(sum(r.in_set for r in runs), len(runs)),
    }


def _grouped(runs: Sequence[Judged]) -> dict[str, list[Judged]]:
    found: dict[str, list[Judged]] = defaultdict(list)
    for run in runs:
        found[run.truth[0]].append(run)
    return found


def _by_group(runs: Sequence[Judged]) -> dict[str, list[Judged]]:
    found: dict[str, list[Judged]] = defaultdict(list)
    for run in runs:
        found[FAULTS[run.case.name].group].append(run)
    return found


def confusions(runs: Sequence[Judged]) -> list[tuple[str, str, int]]:
    """(planted, said first or "nothing", how often) of harmful runs that were not named first, commonest first."""
    wrong = Counter(
        (r.truth[0], r.said.alarms[0] if r.said.alarms else "nothing")
        for r in runs
        if r.role == "harmful" and not r.first_right
    )
    return [(a, b, n) for (a, b), n in wrong.most_common()]


def false_alarms(runs: Sequence[Judged], of: Role = "healthy") -> list[tuple[str, tuple[str, ...]]]:
    """Every healthy run (or hard negative) with alarms: its label and what was said."""
    return [(r.case.label, r.said.alarms) for r in runs if r.role == of and r.said.alarms]


def misses(runs: Sequence[Judged]) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Every harmful run that was not named first: its label, what was said, and what was only remarked."""
    return [
        (r.case.label, r.said.alarms, r.said.remarks)
        for r in runs
        if r.role == "harmful" and not r.first_right
    ]


def score(traces: Sequence[Trace], levels: Sequence[str], judges: Iterable[str]) -> dict[str, Any]:
    """All figures by judge and level, and the lists of what went wrong, as plain data."""
    roles = roles_of(traces)
    found: dict[str, Any] = {}
    for name in judges:
        for level in levels:
            runs = judged(traces, roles, JUDGES[name], level)
            found.setdefault(name, {})[level] = figures(runs) | {
                "confusions": confusions(runs),
                "false alarms": false_alarms(runs),
                "alarms on hard negatives": false_alarms(runs, "harmless"),
                "misses": misses(runs),
                "odd runs that do worse": [case.label for case, role in roles.items() if role == "worse"],
            }
    return found
