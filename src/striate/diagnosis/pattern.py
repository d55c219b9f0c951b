"""What a pattern in the curves is: a headline, a finding with evidence, advice.

Also how levels and gaps are worded, so that every pattern says them alike. Knows nothing about thresholds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from striate.core.observation_records import EpochPoint
from striate.core.records import EpochRecord, Finding
from striate.core.wording import count, interval_percent, percent, points
from striate.diagnosis.curves import Curves
from striate.diagnosis.share import difference

__all__ = ["Named", "gap_words", "levels", "named", "points_of"]


class Named(NamedTuple):
    """A pattern that was found, and how to say it in a headline."""

    headline: str
    finding: Finding


def named(
    headline: str,
    condition: Literal["overfit", "underfit", "non-finite", "late-overfit", "healthy", "unclear"],
    severity: Literal["ok", "info", "warning", "error"],
    sentence: str,
    evidence: Sequence[str],
    advice: str,
) -> Named:
    """A `Named` from its parts; no advice when that is empty."""
    finding = Finding(
        condition=condition,
        severity=severity,
        sentence=sentence,
        evidence=tuple(evidence),
        advice=(advice,) if advice else (),
    )
    return Named(headline, finding)


def points_of(history: Sequence[EpochRecord]) -> tuple[EpochPoint, ...]:
    """The evaluations of a history; what had no images was not measured."""
    return tuple(
        EpochPoint(
            epoch=e.epoch,
            train_loss=e.train_loss,
            train_accuracy=e.train_accuracy,
            clean_loss=e.clean_loss if e.clean_n else None,
            clean_accuracy=e.clean_accuracy if e.clean_n else None,
            clean_n=e.clean_n,
            val_loss=e.val_loss if e.val_n else None,
            val_accuracy=e.val_accuracy if e.val_n else None,
            val_n=e.val_n,
            lr=e.lr,
        )
        for e in history
    )


def levels(c: Curves) -> str:
    """Both levels at the end, with intervals."""
    clean, val = c.end_clean, c.end_val
    return (
        f"at the end: clean train {percent(clean.value)} ({interval_percent(clean.interval)}, "
        f"{count(clean.n, 'image')}), val {percent(val.value)} ({interval_percent(val.interval)}, {count(val.n, 'image')})"
    )


def gap_words(c: Curves) -> str:
    """The gap between them, with its interval."""
    between = difference(c.end_clean, c.end_val)
    return f"{points(c.end_clean.value - c.end_val.value)} points ({points(between.low)} to {points(between.high)})"
