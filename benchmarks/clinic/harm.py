"""Is a planted fault a fault? Paired seeds against the healthy twin say so; what does no harm becomes a hard negative.

A plant in a host at a severity harms when it is one by definition, or when over 5 pairs of runs with the same seed the
accuracy on val after the last epoch falls by 3 points or more on average and a paired t test gives p < 0.05 (after DeepCrime, which counts
a mutant only if repeated runs tell it from the original). Knows nothing about detectors.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from statistics import fmean
from typing import Any

from benchmarks.clinic.cases import Case
from benchmarks.clinic.faults import FAULTS
from benchmarks.clinic.running import run
from benchmarks.clinic.traces import in_turn, place, run_key, stored, write

PAIRS = 5
LEAST_LOSS = 0.03
LEVEL = 0.05
FUTILE_PAIRS, FUTILE_LOSS = 2, 0.01
"""After so many pairs with a mean loss below that, no more are run: the plant is taken for harmless."""


@dataclass(frozen=True)
class Harm:
    """What a plant does to a host."""

    host: str
    fault: str
    severity: str
    pairs: int
    healthy: float
    """Mean accuracy of the twins."""
    sick: float
    p: float
    """NaN with fewer than two pairs."""
    by_definition: bool

    @property
    def loss(self) -> float:
        """Accuracy that the plant costs."""
        return self.healthy - self.sick

    @property
    def proven(self) -> bool:
        """Whether there are enough pairs, or none (or no more) are needed."""
        return self.by_definition or self.pairs >= PAIRS or self.futile

    @property
    def futile(self) -> bool:
        """Whether the first pairs show nothing to prove."""
        return self.pairs >= FUTILE_PAIRS and self.loss < FUTILE_LOSS

    @property
    def harmful(self) -> bool:
        """With too few pairs the mean alone decides for the time being."""
        if self.by_definition:
            return True
        return self.loss >= LEAST_LOSS and (self.p < LEVEL or self.pairs < PAIRS)


def pairs_of(cases: Sequence[Case], pairs: int = PAIRS) -> list[tuple[Case, Case]]:
    """(sick, healthy twin) of every plant, host and severity among the cases that is not one by definition."""
    found: dict[tuple[Case, Case], None] = {}
    for case in cases:
        if case.kind == "fault" and not FAULTS[case.name].by_definition:
            for seed in range(pairs):
                sick = replace(case, seed=seed)
                found[sick, twin_of(sick)] = None
    return list(found)


def twin_of(sick: Case) -> Case:
    """The healthy run with the same seed. A plant whose twin is not the host as it is is a fault by definition."""
    return Case(sick.host, "healthy", "", "", sick.seed)


def run_bare(case: Case) -> str:
    """Runs a case with nobody watching and keeps its accuracies."""
    outcome = run(case.plan(), watched=False)
    write(place(case, "harm"), {"run": run_key(case), "truth": outcome.truth, "fit": outcome.fit})
    return f"val {100 * outcome.truth[-1]:5.1f} %"


def accuracy(case: Case) -> float | None:
    """After the last epoch; a trace of the same run will do, since watching changes nothing."""
    found = stored(case, "harm") or stored(case, "traces")
    return None if found is None else float(found["truth"][-1])


def harm_all(cases: Sequence[Case], jobs: int = 1) -> None:
    """Runs what is missing of all pairs, seed by seed, and no more pairs of a plant that is futile to test."""
    for seed in range(PAIRS):
        pairs = [p for p in pairs_of(cases) if p[0].seed == seed and not harm(p[0]).futile]
        everyone = dict.fromkeys(case for pair in pairs for case in pair)
        todo = [case for case in everyone if accuracy(case) is None]
        print(f"harm, pairs of seed {seed}: {len(todo)} runs are missing")
        in_turn(todo, run_bare, jobs)


def harm(case: Case) -> Harm:
    """What the plant of this case does, as far as there are pairs."""
    fault = FAULTS[case.name]
    both = [(accuracy(a), accuracy(b)) for a, b in pairs_of([case])]
    known = [(sick, well) for sick, well in both if sick is not None and well is not None]
    return Harm(
        host=case.host,
        fault=case.name,
        severity=case.severity,
        pairs=len(known),
        healthy=fmean(well for _, well in known) if known else math.nan,
        sick=fmean(sick for sick, _ in known) if known else math.nan,
        p=paired_p([well - sick for sick, well in known]),
        by_definition=fault.by_definition,
    )


def paired_p(differences: Sequence[float]) -> float:
    """Two-sided p of a paired t test; NaN below two pairs, 0 or 1 where all differences are equal."""
    if len(differences) < 2:
        return math.nan
    if max(differences) - min(differences) < 1e-12:
        return 0.0 if abs(differences[0]) > 1e-12 else 1.0
    from scipy.stats import ttest_1samp

    return float(ttest_1samp(differences, 0.0).pvalue)


def harm_table(found: Sequence[Harm]) -> list[dict[str, Any]]:
    """Rows for printing and for JSON, worst last."""
    return [asdict(h) | {"loss": h.loss, "harmful": h.harmful, "proven": h.proven} for h in found]
