"""A mirror image or a turn that training uses makes one class look like another.

Means: under the transform a 6 becomes a 9, a left arrow a right one; the label stays, so that one picture gets two labels.

Hurts: the classes in question cannot be told apart any more, however long training goes on.

Rule: training uses the transform on 5 % of its images or more, and a judge fitted without it takes at least a quarter of one class for one other after it and
not before, surely more than 15 %, with no third class drawn to the same one. It is established where the flow goes both ways, or train's confusion matrix has the pair
above 5 %; it is a warning unless that matrix shows the pair below 2 %.

Origin: a quarter is the catalogue's, as in the audit of transforms. 15 % is the lower limit at 95 % that 20 of 60 images reach. Own starting values: the rest.

False alarms: a picture that is only unfamiliar is taken for anything, or many classes for one; both have no single pair.

Changes its mind: equal recall of the pair with and without the transform.

Knows nothing about other transforms than mirror images and quarter turns.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from striate.core.data_observation import FlipSeen
from striate.core.diagnosis_records import Evidence, Remedy, Severity, Where
from striate.core.metrics import wilson
from striate.core.wording import percent
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, suspected, unseen

__all__ = ["CONDITION"]

USED = 0.05
FLOW, FLOW_LOW = 0.25, 0.15
LEAST_IMAGES = 15
SOURCES = 2
"""Classes that may flow to one: more, and it is where this judge puts what it does not know."""
CONFUSED, DISTINCT = 0.05, 0.02

WORDS = {
    "flip": "mirroring left to right",
    "vflip": "mirroring upside down",
    "rot90": "turning by 90 degrees",
    "rot180": "turning by 180 degrees",
    "rot270": "turning by 270 degrees",
}


class _Pair(NamedTuple):
    source: int
    target: int
    share: float
    low: float
    high: float


def examine(case: Case) -> Opinion:
    """Each transform that is used; the one with the largest flow is reported."""
    flips = case.seen.data.flips if case.seen.data else ()
    known = [f for f in flips if f.used is not None]
    if not known:
        return unseen("which mirror images and turns training uses was not seen")
    found = [(f, pairs) for f in known if (f.used or 0.0) >= USED and (pairs := _pairs(f))]
    if not found:
        return absent("no mirror image or turn that training uses makes one class look like another")
    flip, pairs = max(found, key=lambda item: max(p.share for p in item[1]))
    return _judged(case, flip, pairs, tuple(f.transform for f, _ in found))


def _pairs(flip: FlipSeen) -> list[_Pair]:
    strong = []
    for source, target, n, moved in flip.flows:
        limits = wilson(moved, n)
        if source != target and n >= LEAST_IMAGES and moved >= FLOW * n and limits.low > FLOW_LOW:
            strong.append(_Pair(source, target, moved / n, limits.low, limits.high))
    into = Counter(p.target for p in strong)
    return [
        p for p in strong if into[p.target] < SOURCES or (into[p.target] == SOURCES and _returns(p, strong))
    ]


def _returns(pair: _Pair, pairs: list[_Pair]) -> bool:
    return any((p.source, p.target) == (pair.target, pair.source) for p in pairs)


def _confusion(case: Case, pair: _Pair) -> float | None:
    """Share of the pair's training images that train takes for the other one; None where not seen."""
    rows = case.seen.data.train_confusion if case.seen.data else ()
    a, b = pair.source, pair.target
    if max(a, b) >= len(rows):
        return None
    return (rows[a][b] + rows[b][a]) / max(1, sum(rows[a]) + sum(rows[b]))


def _name(case: Case, c: int) -> str:
    names = case.seen.setting.class_names
    return names[c] if c < len(names) else str(c)


def _facts(case: Case, flip: FlipSeen, pairs: list[_Pair], confused: list[float]) -> list[Evidence]:
    seen: list[Evidence] = [
        evidence(
            f"{percent(p.share)} of {_name(case, p.source)} become {_name(case, p.target)}",
            "flow",
            p.share,
            low=p.low,
            high=p.high,
            reference=FLOW,
        )
        for p in pairs[:4]
    ]
    seen.append(
        evidence(
            f"{percent(flip.used or 0.0)} of training images come in this form",
            "used",
            flip.used,
            reference=USED,
        )
    )
    if confused:
        words = f"train takes {percent(max(confused))} of such a pair for one another"
        seen.append(evidence(words, "confused", max(confused), reference=CONFUSED))
    return seen


def _judged(case: Case, flip: FlipSeen, pairs: list[_Pair], transforms: tuple[str, ...]) -> Opinion:
    confused = [share for pair in pairs if (share := _confusion(case, pair)) is not None]
    seen = _facts(case, flip, pairs, confused)
    first = max(pairs, key=lambda p: p.share)
    sentence = f"Training uses {WORDS[flip.transform]}, which makes {_name(case, first.source)} look like {_name(case, first.target)}."
    headline = "A transform changes labels."
    where = Where(
        classes=tuple(dict.fromkeys(_name(case, c) for p in pairs for c in (p.source, p.target))),
        transforms=transforms,
    )
    harmless = bool(confused) and max(confused) < DISTINCT
    if any(_returns(p, pairs) for p in pairs) or (confused and max(confused) >= CONFUSED):
        severity: Severity = "info" if harmless else "warning"
        return present(sentence, *seen, headline=headline, severity=severity, confidence=0.85, where=where)
    return suspected(sentence, *seen, headline=headline, where=where)


CONDITION = Condition(
    id="U1",
    name="label-changing-transform",
    title="A transform changes labels",
    group="data",
    examine=examine,
    remedies=(
        Remedy(
            change="Leave the transform out, or keep it from the named classes.",
            effect="recall of these classes rises",
            cost="training again",
            risk="if it was right for other classes, they lose it too",
        ),
    ),
    explains=(
        "underfitting",
        "label-noise",
        "augmentation-too-strong",
        "over-regularised",
        "overfitting",
        "classes-swapped",
        "class-imbalance",
    ),
    rivals=("augmentation-too-strong", "label-noise"),
    probe="train with and without the transform, and compare recall of the pair",
)
