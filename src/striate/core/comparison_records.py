"""Frozen records of two runs beside each other: differences, classes, settings.

A is the run that is compared with, B the one that is judged. Every difference is B minus A, of shares in [0, 1], so it lies
in [-1, 1]; NaN where either run scored no image. Knows nothing about how a run was scored or a class was judged.
"""

from __future__ import annotations

from typing import Literal

from striate.core.records import Interval, Record

__all__ = ["ClassComparison", "ComparedRun", "Comparison", "Difference", "SettingDifference", "Verdict"]

Verdict = Literal["hurt", "helped", "not shown"]


class Difference(Record):
    """B minus A of two shares, with a two-sided interval of `level`; the estimate is NaN where either scored nothing."""

    estimate: float
    low: float
    high: float
    level: float = 0.95
    method: str
    paired: bool
    """True: both were scored on the same images, and each image counts as a pair."""


class ClassComparison(Record):
    """One class in both runs. Its difference has the simultaneous level; the recalls have 95 % each."""

    name: str
    n_a: int
    n_b: int
    recall_a: float
    recall_b: float
    interval_a: Interval
    interval_b: Interval
    difference: Difference
    p: float
    """Of the exact test that both shares are equal."""
    verdict: Verdict


class ComparedRun(Record):
    """One of the two runs: what it is called, what it was trained on, how it did on the split."""

    name: str
    path: str
    model: str
    data: str
    n: int
    correct: int
    accuracy: float
    interval: Interval
    val_accuracy: tuple[float, ...]
    """After each epoch."""
    val_n: int
    best_epoch: int


class SettingDifference(Record):
    """A setting that is not the same in both runs, as args.yaml has it."""

    name: str
    a: str
    b: str


class Comparison(Record):
    """Two runs, class by class: hurt ones first, then those not shown, then those helped; each by difference, worst first."""

    a: ComparedRun
    b: ComparedRun
    same_run: bool
    split: str
    paired: bool
    pairing: str
    """In words: which images were compared, and why as pairs or not."""
    difference: Difference
    """Of the accuracies, at 95 %."""
    p: float
    """Of the exact test that both accuracies are equal."""
    level: float
    """Of the difference of each class, such that all of them together hold with 95 %."""
    classes: tuple[ClassComparison, ...]
    settings: tuple[SettingDifference, ...]
    headline: str
    sentences: tuple[str, ...]

    @property
    def hurt(self) -> tuple[ClassComparison, ...]:
        """The classes that B is shown to do worse on."""
        return tuple(c for c in self.classes if c.verdict == "hurt")

    @property
    def helped(self) -> tuple[ClassComparison, ...]:
        """The classes that B is shown to do better on."""
        return tuple(c for c in self.classes if c.verdict == "helped")
