"""Two runs judged class by class: which classes the second one hurts, and which it helps.

An average can hide what a class loses: augmentation that gains overall may cost single classes a lot (Balestriero, Bottou
and LeCun 2022, "The effects of regularization and data augmentation are class dependent"). A class is hurt when the whole
interval of its difference lies below 0 and an exact test agrees, helped when it lies above, else nothing is shown. With K
classes each has the level 1 - 0.05/K, so that all of them together hold with 95 % (Bonferroni). Knows nothing about files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from striate.core.answers import Answers
from striate.core.comparison_records import (
    ClassComparison,
    ComparedRun,
    Comparison,
    Difference,
    SettingDifference,
    Verdict,
)
from striate.core.differences import independent_difference, paired_difference
from striate.core.exact_tests import fisher_test, sign_test
from striate.core.metrics import wilson
from striate.core.records import DataRecord, RunRecord
from striate.core.wording import printable
from striate.diagnosis.comparison_words import headline_of, pairing_words, sentences_of
from striate.diagnosis.shown import verdict_of

__all__ = ["Arm", "compare_arms", "setting_differences"]

# The chance that any class is called hurt or helped where none is.
ERROR = 0.05
_ORDER: dict[Verdict, int] = {"hurt": 0, "not shown": 1, "helped": 2}


@dataclass(frozen=True)
class Arm:
    """One of the two runs: its records, its settings, and its answers on each split."""

    name: str
    path: str
    run: RunRecord
    data: DataRecord
    settings: Mapping[str, Any]
    answers: Mapping[str, Answers]


def compare_arms(a: Arm, b: Arm, split: str) -> Comparison:
    """B against A on `split`, in which both must have answers, of the same classes.

    Where both answered on the same images each image is a pair; else the shares are compared as if of images that have
    nothing to do with each other. Classes without an image in one of the runs come last and count for nothing.
    """
    shares = _Shares(a.answers[split], b.answers[split])
    seen = [name for name in a.data.classes if shares.a[name][1] and shares.b[name][1]]
    level = 1 - ERROR / max(1, len(seen))
    classes = sorted(
        (_class(name, shares, level) for name in a.data.classes),
        # A class that is not seen has the difference NaN, which has no order: it is put last before that is asked.
        key=lambda c: (c.name not in seen, _ORDER[c.verdict], c.difference.estimate if c.name in seen else 0),
    )
    difference, p = shares.difference(None, 1 - ERROR)
    found = Comparison(
        a=_compared(a, shares.a),
        b=_compared(b, shares.b),
        same_run=a.path == b.path,
        split=split,
        paired=shares.tables is not None,
        pairing=_pairing(a, b, split, paired=shares.tables is not None),
        difference=difference,
        p=p,
        level=level,
        classes=tuple(classes),
        settings=setting_differences(a.settings, b.settings),
        headline="",
        sentences=(),
    )
    return found.model_copy(update={"headline": headline_of(found), "sentences": sentences_of(found)})


def setting_differences(a: Mapping[str, Any], b: Mapping[str, Any]) -> tuple[SettingDifference, ...]:
    """The settings that differ, in the order of `a`; one that only `b` has follows, and what is not there is a dash."""
    return tuple(
        SettingDifference(name=name, a=_shown(a.get(name, "–")), b=_shown(b.get(name, "–")))
        for name in dict.fromkeys((*a, *b))
        if name not in a or name not in b or a[name] != b[name]
    )


def _shown(value: Any) -> str:
    return " × ".join(map(str, value)) if isinstance(value, list | tuple) else printable(str(value), 120)


class _Shares:
    """What both runs had right, by class, and in pairs where they answered on the same images."""

    def __init__(self, a: Answers, b: Answers) -> None:
        self.a, self.b = _right_by_class(a), _right_by_class(b)
        self.tables: Counter[tuple[str, bool, bool]] | None = None
        """Images by (class, right in A, right in B)."""
        right_b = _in_order_of(a, b)
        if right_b is not None:
            self.tables = Counter(zip(a.labels, a.right, right_b, strict=True))

    def difference(self, name: str | None, level: float) -> tuple[Difference, float]:
        """Of one class, or of all of them, with the p of the exact test that there is none."""
        if self.tables is None:
            counts = (*_total(self.a, name), *_total(self.b, name))
            return independent_difference(*counts, level=level), fisher_test(*counts)
        table: Counter[tuple[bool, bool]] = Counter()
        for (label, *right), times in self.tables.items():
            if name in (None, label):
                table[right[0], right[1]] += times
        both, only_a, only_b = table[True, True], table[True, False], table[False, True]
        difference = paired_difference(both, only_a, only_b, table[False, False], level=level)
        return difference, sign_test(only_a, only_b)


def _right_by_class(answers: Answers) -> Mapping[str, tuple[int, int]]:
    """Class -> (right, images); (0, 0) for a class without any."""
    right = Counter(label for label, good in zip(answers.labels, answers.right, strict=True) if good)
    return _Missing({label: (right[label], n) for label, n in Counter(answers.labels).items()})


class _Missing(dict[str, tuple[int, int]]):
    def __missing__(self, name: str) -> tuple[int, int]:
        return 0, 0


def _total(shares: Mapping[str, tuple[int, int]], name: str | None) -> tuple[int, int]:
    if name is not None:
        return shares[name]
    return sum(right for right, _ in shares.values()), sum(n for _, n in shares.values())


def _in_order_of(a: Answers, b: Answers) -> tuple[bool, ...] | None:
    """Whether B had the images of A right, in the order of A; None where they are not the same images."""
    if a.images == b.images:
        return b.right
    right = dict(zip(b.images, b.right, strict=True))
    # Two images of one path and class cannot be told apart, so that nothing says which pairs with which.
    if not len(right) == len(set(a.images)) == len(a) == len(b) or right.keys() != set(a.images):
        return None
    return tuple(right[image] for image in a.images)


def _pairing(a: Arm, b: Arm, split: str, *, paired: bool) -> str:
    one, other = a.answers[split], b.answers[split]
    same = a.data.fingerprint == b.data.fingerprint
    if not paired:
        # Another split has other means of the pixels, and so another fingerprint: the images are counted instead.
        same = same or (a.data.source == b.data.source and _images(a.data) == _images(b.data))
    common = len(set(one.images) & set(other.images))
    return pairing_words(split, (len(one), len(other)), common, paired=paired, same_data=same)


def _images(data: DataRecord) -> dict[str, int]:
    """Images of each class, of all splits together."""
    return {name: sum(counts[i] for counts in data.counts.values()) for i, name in enumerate(data.classes)}


def _class(name: str, shares: _Shares, level: float) -> ClassComparison:
    (right_a, n_a), (right_b, n_b) = shares.a[name], shares.b[name]
    difference, p = shares.difference(name, level)
    return ClassComparison(
        name=name,
        n_a=n_a,
        n_b=n_b,
        recall_a=right_a / n_a if n_a else float("nan"),
        recall_b=right_b / n_b if n_b else float("nan"),
        interval_a=wilson(right_a, n_a),
        interval_b=wilson(right_b, n_b),
        difference=difference,
        p=p,
        verdict=verdict_of(difference, p),
    )


def _compared(arm: Arm, shares: Mapping[str, tuple[int, int]]) -> ComparedRun:
    correct, n = _total(shares, None)
    return ComparedRun(
        name=arm.name,
        path=arm.path,
        model=arm.run.model,
        data=arm.data.name,
        n=n,
        correct=correct,
        accuracy=correct / n,
        interval=wilson(correct, n),
        val_accuracy=tuple(e.val_accuracy for e in arm.run.history),
        val_n=arm.run.history[-1].val_n if arm.run.history else 0,
        best_epoch=arm.run.best_epoch,
    )
