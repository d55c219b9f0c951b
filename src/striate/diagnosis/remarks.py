"""What looks odd about curves and is normal, or what was taken for granted, in sentences.

Knows nothing about conditions.
"""

from __future__ import annotations

from striate.core.diagnosis_records import Verdict
from striate.core.wording import percent, points
from striate.diagnosis.case import Case
from striate.diagnosis.curves import UNKNOWN_N
from striate.diagnosis.progress import MIN_EPOCHS, level_is_low, lr_spent, still_rising

__all__ = ["assumed", "notes"]

# Augmented accuracy this far under val is worth a word, since it looks odd to newcomers; own starting value.
AUGMENTED_POINTS = 0.02
# Val is at its best when the last epoch is within a point of it; own starting value.
AT_BEST = 0.01


def notes(case: Case, verdict: Verdict) -> tuple[str, ...]:
    """Remarks beside the verdict."""
    c = case.curves
    if c is None or not c.has(c.val):
        return ()
    said = []
    rising = still_rising(c) if len(c) >= MIN_EPOCHS and not lr_spent(c) else 0.0
    best_is_last = float(c.val.max()) - float(c.val[-1]) <= AT_BEST
    # With train accuracy as well, a run that stopped too early is a finding.
    if (
        rising
        and not c.has_both
        and verdict in ("healthy", "unclear")
        and best_is_last
        and not level_is_low(c)
    ):
        said.append(
            f"Val accuracy was still rising at the end; half as many epochs again would add {points(rising)} points at most."
        )
    under = c.end_val.value - c.end(c.train) if c.has(c.train) else 0.0
    if under > AUGMENTED_POINTS and verdict in ("healthy", "problem"):
        said.append(
            f"Train as trained ({percent(c.end(c.train))}) lies under val ({percent(c.end_val.value)}): normal, "
            "because it was measured while the network was still changing, with the augmentation and dropout there are."
        )
    return tuple(said)


def assumed(case: Case) -> tuple[str, ...]:
    """What judging took for granted because nobody said."""
    c = case.curves
    if c is None:
        return ()
    said = []
    if c.has(c.val) and not c.val_n_known:
        said.append(
            f"How many val images there are is not known: {UNKNOWN_N} were assumed for intervals, and the jitter from epoch to epoch was taken as the noise."
        )
    if c.has_both and not c.clean_measured:
        said.append(
            "Training images were not evaluated by themselves: train as trained stands in for them, which lies lower under augmentation and dropout."
        )
    if not case.classes:
        said.append("The number of classes is not known, so nothing was compared with guessing.")
    return tuple(said)
