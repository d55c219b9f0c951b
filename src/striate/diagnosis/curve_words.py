"""How levels and gaps of curves are worded, so that every condition says them alike.

Knows nothing about thresholds or conditions.
"""

from __future__ import annotations

from typing import NamedTuple

from striate.core.diagnosis_records import Evidence
from striate.core.wording import count, interval_percent, percent, points
from striate.diagnosis.condition import evidence
from striate.diagnosis.curves import Curves
from striate.diagnosis.share import Share, difference

__all__ = ["Learned", "gap_evidence", "gap_words", "levels", "levels_words"]


class Learned(NamedTuple):
    """What stands for the accuracy on training images, by name."""

    name: str
    title: str

    @classmethod
    def of(cls, c: Curves) -> Learned:
        """Clean train where training images were evaluated by themselves, else train as trained."""
        if c.clean_measured:
            return cls("clean train", "Clean train")
        return cls("train as trained", "Train as trained")


def _level(name: str, share: Share, known: bool) -> str:
    if not known:
        return f"{name} {percent(share.value)}"
    return f"{name} {percent(share.value)} ({interval_percent(share.interval)}, {count(share.n, 'image')})"


def levels_words(c: Curves) -> str:
    """Both levels at the end, with intervals where it is known how many images they are about."""
    return (
        f"at the end: {_level(Learned.of(c).name, c.end_clean, c.clean_n_known)}, "
        f"{_level('val', c.end_val, c.val_n_known)}"
    )


def levels(c: Curves) -> Evidence:
    """The same as evidence: the number is val's."""
    val = c.end_val
    return evidence(levels_words(c), "val_accuracy", val.value, low=val.interval.low, high=val.interval.high)


def gap_words(c: Curves) -> str:
    """The gap between them, with its interval."""
    between = difference(c.end_clean, c.end_val)
    return f"{points(c.end_clean.value - c.end_val.value)} points ({points(between.low)} to {points(between.high)})"


def gap_evidence(c: Curves, reference: float) -> Evidence:
    """The gap as evidence, as a share."""
    between = difference(c.end_clean, c.end_val)
    words = f"{Learned.of(c).name} lies above val by {gap_words(c)}"
    if not c.clean_measured:
        words += ", at least: train as trained was measured while the network still changed, so clean train lies higher"
    return evidence(
        words,
        "gap",
        c.end_clean.value - c.end_val.value,
        low=between.low,
        high=between.high,
        reference=reference,
    )
