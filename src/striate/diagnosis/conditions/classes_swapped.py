"""Classes are exchanged between train and val: what is 3 in one is 5 in the other.

Means: the number of a class stands for other images in val than in train, for all classes or for some.

Hurts: right answers are counted as wrong ones; val accuracy of these classes is near 0, or 1 at its worst reading.

Rule: in val's confusion matrix, the assignment of predicted to given classes with the most agreement moves a cycle of classes; most images of such a class go to
its new one (more than 40 %, and surely more than stay), and most of what is taken for the new one is of that class (more than 40 %, classes counted alike). In train they do
not.

Origin: an optimal assignment (Kuhn 1955). 40 % is the catalogue's for pairs. In train the network learnt the names it was given, so that a pair that is
only hard to tell apart is confused there, too.

False alarms: classes that look alike, which train's confusion shows; networks near chance, where no class goes anywhere with 40 %.

Changes its mind: train's confusion of the same classes, or a class map that is the same in both.

Knows nothing about which of the two maps is the right one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from striate.core.diagnosis_records import Remedy, Where
from striate.core.metrics import wilson
from striate.core.wording import percent, points
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, unseen
from striate.diagnosis.outcome import learnt

__all__ = ["CONDITION"]

MOVED = 0.4
LEAST_IMAGES = 5
IN_TRAIN = 0.5
"""Of val's rate: from there on train confuses them as well."""
FITTED = 0.5
HALF = 0.5

ONE_MAP = "Use one class-to-number map for both splits, stored with the weights; look at a few images of the named classes."
COST = "none if val is wrong; training again if train is"

Counts = NDArray[np.float64]


def examine(case: Case) -> Opinion:
    """Cycles of the best assignment, against train."""
    data = case.seen.data
    if data is None or len(data.val_confusion) < 2:
        return unseen("val's confusion matrix was not seen")
    val = np.asarray(data.val_confusion, dtype=np.float64)
    # SciPy is not waited for where no two classes could have moved.
    target = _assignment(val) if _may_have_moved(val) else list(range(len(val)))
    moved = [c for cycle in _cycles(target) for c in cycle if _goes(val, cycle, target)]
    if not moved:
        return absent("in val every class is taken for itself more often than for another one")
    train = np.asarray(data.train_confusion, dtype=np.float64)
    if not _only_val(case, train, val, moved, target):
        return absent("train confuses the same classes")
    return _found(case, val, moved, target)


def _rates(counts: Counts) -> Counts:
    rates: Counts = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return rates


def _may_have_moved(counts: Counts) -> bool:
    """Whether at least two classes are taken for one other class more than `MOVED`, and more than for themselves."""
    others = _rates(counts) - np.diag(np.full(len(counts), 2.0))
    return bool(np.sum(others.max(axis=1) > np.maximum(MOVED, np.diag(_rates(counts)))) >= 2)


def _assignment(counts: Counts) -> list[int]:
    from scipy.optimize import linear_sum_assignment

    return [int(c) for c in linear_sum_assignment(_rates(counts), maximize=True)[1]]


def _cycles(target: Sequence[int]) -> list[list[int]]:
    seen: set[int] = set()
    found = []
    for start in range(len(target)):
        cycle, at = [], start
        while at not in seen:
            seen.add(at)
            cycle.append(at)
            at = target[at]
        if len(cycle) > 1:
            found.append(cycle)
    return found


def _goes(val: Counts, cycle: list[int], target: list[int]) -> bool:
    """Whether at least two classes, and more than half of the cycle, clearly go where it says."""
    clear, rates = 0, _rates(val)
    for c in cycle:
        there, here, n = int(val[c, target[c]]), int(val[c, c]), int(val[c].sum())
        # An exchange is one to one: whoever is taken for a class is mostly this one. What a network cannot read ends in few classes.
        alone = rates[c, target[c]] > MOVED * rates[:, target[c]].sum()
        clear += n >= LEAST_IMAGES and there > MOVED * n and alone and wilson(there, there + here).low > HALF
    return clear >= 2 and clear > len(cycle) / 2


def _only_val(case: Case, train: Counts, val: Counts, moved: list[int], target: list[int]) -> bool:
    if train.shape != val.shape:
        level = learnt(case)
        return level is not None and level > FITTED
    rows, columns = np.array(moved), np.array([target[c] for c in moved])
    there, before = _rates(val)[rows, columns].mean(), _rates(train)[rows, columns].mean()
    return bool(before < IN_TRAIN * there and before < _rates(train)[rows, rows].mean())


def _found(case: Case, val: Counts, moved: list[int], target: list[int]) -> Opinion:
    n = max(1.0, float(val.sum()))
    gain = float(sum(val[c, target[c]] - val[c, c] for c in moved)) / n
    share = float(val[moved].sum()) / n
    names = case.seen.setting.class_names

    def name(c: int) -> str:
        return names[c] if c < len(names) else str(c)

    pairs = ", ".join(f"{name(c)} as {name(target[c])}" for c in moved[:6])
    return present(
        f"Val gives {len(moved)} of {len(target)} classes other numbers than train: it is answered {pairs}.",
        evidence(
            f"renaming them would raise val accuracy by {points(gain)} points; train does not confuse them",
            "gain",
            gain,
        ),
        headline="Classes are exchanged between train and val.",
        severity="critical" if share >= HALF else "warning",
        confidence=0.95,
        where=Where(classes=tuple(name(c) for c in moved)),
        remedies=(
            Remedy(
                change=ONE_MAP,
                effect=f"val accuracy rises by about {points(gain)} points",
                cost=COST,
                risk=f"{percent(share)} of val is concerned: find out which side is right first",
            ),
        ),
    )


CONDITION = Condition(
    id="D2",
    name="classes-swapped",
    title="Classes are swapped",
    group="data",
    examine=examine,
    remedies=(Remedy(change=ONE_MAP, effect="val says what the network can do", cost=COST),),
    explains=(
        "overfitting",
        "late-overfitting",
        "overconfidence",
        "label-noise",
        "class-imbalance",
        "covariate-shift",
        "labels-unrelated",
        "last-not-best",
    ),
    rivals=("overfitting", "label-noise", "preprocessing-mismatch"),
)
