"""Some classes are rare, and their images pay for it; or a class is missing from a split.

Means: the largest class has ten times the images of the smallest, or more; or train or val has none of some class.

Hurts: the network seldom answers a rare class, and accuracy, which is ruled by the common ones, does not show it. What train lacks cannot be
learnt; what val lacks is not measured.

Rule: ratio >= 10, and recall of the classes with a tenth of the largest or less lies 20 points or more below that of the rest, with an interval above 0. Or no image of
a class in a split that should have at least 7 of it.

Origin: both numbers are the catalogue's. 7 expected images are all missed in 1 of 1,000 random splits (e^-7). The interval is Newcombe's.

False alarms: imbalance that does no harm is not reported; a sampler that balances shows in the counts. A small val that lacks a rare class by chance is
only noted.

Changes its mind: recalls that are alike, or a whole pass that has the class.

Knows nothing about how common classes are where the network will be used.
"""

from __future__ import annotations

from striate.core.data_observation import DataSeen, SplitSeen
from striate.core.diagnosis_records import Remedy, Where
from striate.core.differences import independent_difference
from striate.core.wording import count, percent, points, significant
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, unseen

__all__ = ["CONDITION"]

RATIO, WORSE = 10.0, 0.20
WHOLE = 0.9
"""Of a pass: the last batch may be left out."""
EXPECTED = 7.0
LEAST_IMAGES = 10
"""Of rare classes in val, all together: of fewer the interval says too much. Own starting value."""

WEIGH = Remedy(
    change="Draw classes equally often (a weighted sampler), or weigh the loss by 1 / count, and judge by balanced accuracy.",
    effect="recall of rare classes rises",
    cost="none",
    risk="the few images of rare classes are learnt by heart; augment them",
)
COMPLETE = Remedy(
    change="Split again, stratified by class, and check that every class is in both splits.",
    effect="every class is learnt and measured",
    cost="training again",
)


def examine(case: Case) -> Opinion:
    """Missing classes, which are exact, then rare ones."""
    data = case.seen.data
    if data is None or data.train is None or not sum(data.train.counts):
        return unseen("images were not counted by class")
    missing = _missing(case, data)
    if missing is not None:
        return missing
    counts = data.train.counts
    known = [c for c in counts if c]
    ratio = max(known) / min(known)
    if ratio < RATIO:
        return absent(f"the largest class has {significant(ratio)} times the images of the smallest")
    return _rare(case, data, ratio)


def _name(case: Case, c: int) -> str:
    names = case.seen.setting.class_names
    return names[c] if c < len(names) else str(c)


def _missing(case: Case, data: DataSeen) -> Opinion | None:
    train, val = data.train, data.val
    if train is None or val is None or not _whole(train) or not _whole(val):
        return None
    for here, there in ((train, val), (val, train)):
        k = max(len(here.counts), len(there.counts))
        ours, theirs = _padded(here.counts, k), _padded(there.counts, k)
        lacking = [c for c in range(k) if not ours[c] and theirs[c]]
        expected = sum(theirs[c] for c in lacking) / max(1, sum(theirs)) * sum(ours)
        if lacking and expected >= EXPECTED:
            names = tuple(_name(case, c) for c in lacking)
            return present(
                f"{here.split.capitalize()} has no image of {', '.join(names[:6])}; {there.split} has {sum(theirs[c] for c in lacking):,}.",
                evidence(
                    f"{count(len(lacking), 'class', 'classes')} missing from {here.split}",
                    "missing",
                    float(len(lacking)),
                ),
                evidence(
                    f"{significant(expected)} images would be expected",
                    "expected",
                    expected,
                    reference=EXPECTED,
                ),
                headline=f"A class is missing from {here.split}.",
                severity="warning",
                confidence=0.97,
                where=Where(classes=names),
                remedies=(COMPLETE,),
            )
    return None


def _whole(split: SplitSeen) -> bool:
    return sum(split.counts) > 0 and split.n >= WHOLE * split.expected


def _padded(counts: tuple[int, ...], k: int) -> tuple[int, ...]:
    return counts + (0,) * (k - len(counts))


def _right(case: Case, data: DataSeen) -> dict[int, tuple[int, int]]:
    """(right, images) of each class of val: from its confusion matrix, else from its recalls and counts."""
    if data.val_confusion:
        return {c: (row[c], sum(row)) for c, row in enumerate(data.val_confusion) if sum(row)}
    recall = next((p.val_recall for p in reversed(case.seen.epochs) if p.val_recall), ())
    counts = data.val.counts if data.val else ()
    return {
        c: (round(r * n), n) for c, (r, n) in enumerate(zip(recall, counts, strict=False)) if n and r == r
    }


def _rare(case: Case, data: DataSeen, ratio: float) -> Opinion:
    counts = data.train.counts if data.train else ()
    rare = {c for c, n in enumerate(counts) if n and n * RATIO <= max(counts)}
    right = _right(case, data)
    few = [right[c] for c in right if c in rare]
    rest = [right[c] for c in right if c not in rare]
    if not few or not rest:
        return unseen("recall of the rare classes in val is not known")
    (a, n), (b, m) = ((sum(r for r, _ in group), sum(k for _, k in group)) for group in (few, rest))
    if n < LEAST_IMAGES:
        return unseen(f"val has only {count(n, 'image')} of the rare classes")
    worse = independent_difference(a, n, b, m)
    if worse.estimate < WORSE or worse.low <= 0:
        return absent(
            f"the largest class has {significant(ratio)} times the images of the smallest, and rare classes are recognised about as well"
        )
    return present(
        f"Rare classes are recognised {percent(a / n)} of the time, the others {percent(b / m)}.",
        evidence(
            f"recall is {points(worse.estimate)} points lower",
            "recall_difference",
            worse.estimate,
            low=worse.low,
            high=worse.high,
            reference=WORSE,
        ),
        evidence(
            f"the largest class has {significant(ratio)} times the images of the smallest",
            "ratio",
            ratio,
            reference=RATIO,
        ),
        headline="Rare classes are not learnt.",
        severity="warning",
        confidence=0.85,
        where=Where(classes=tuple(_name(case, c) for c in sorted(rare))),
        remedies=(WEIGH,),
    )


CONDITION = Condition(
    id="D4",
    name="class-imbalance",
    title="Classes are imbalanced or missing",
    group="data",
    examine=examine,
    remedies=(WEIGH, COMPLETE),
    explains=("overfitting", "late-overfitting", "overconfidence", "underfitting", "covariate-shift"),
    rivals=("label-noise", "classes-swapped"),
)
