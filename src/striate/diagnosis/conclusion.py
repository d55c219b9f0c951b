"""The one line about a run: its verdict and headline.

In an order that rules out look-alikes first: what was found, what is plainly wrong, what is too little to judge, what is healthy. Knows nothing about
how conditions are examined.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from striate.core.diagnosis_records import Finding, Verdict
from striate.core.wording import count, points
from striate.diagnosis.breaks import broken
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Opinion
from striate.diagnosis.curve_words import gap_words
from striate.diagnosis.curves import Curves
from striate.diagnosis.divergence import big_gap, fall
from striate.diagnosis.progress import MIN_EPOCHS, level_is_low
from striate.diagnosis.share import difference, images_needed

__all__ = ["Conclusion", "conclude"]

# A val interval wider than +- 5 points cannot show a gap of 5 points (rule G1's least gap).
HALF_WIDTH = 0.05
# Of the findings that are remarks, these leave it open whether the run is well.
OPEN = ("underfitting", "over-regularised", "stopped-too-early")


class Conclusion(NamedTuple):
    """Verdict and headline; `notes` say more about the headline where no finding does."""

    verdict: Verdict
    headline: str
    notes: tuple[str, ...] = ()


def conclude(case: Case, findings: Sequence[Finding], opinions: Mapping[str, Opinion]) -> Conclusion:
    """What the run comes to."""
    serious = [f for f in findings if f.severity != "info"]
    if serious:
        return Conclusion("problem", opinions[serious[0].condition].headline)
    wrong = broken(case)
    c = case.curves
    if wrong and c is not None and not case.finished and c.lr_high:
        return Conclusion("unclear", "It has got worse; too early to say more.", (wrong.sentence,))
    if wrong:
        return Conclusion("unknown problem", wrong.headline, (wrong.sentence,))
    if c is None:
        return Conclusion(
            "unclear", "No epoch has ended yet.", ("No epoch has ended, so there is nothing to read.",)
        )
    return (
        _too_little(c)
        or _dipped(c, case)
        or _too_sure(findings, opinions)
        or _small(c)
        or _open(findings, opinions)
        or _low(c)
        or _healthy(c)
    )


def _too_little(c: Curves) -> Conclusion | None:
    if not c.has(c.val) and not c.has(c.val_loss):
        note = "Without both train and val figures the curves cannot be read. Set some images aside for val."
        return Conclusion("unclear", "Nothing to compare: no val images.", (note,))
    if len(c) < MIN_EPOCHS:
        note = (
            f"{count(len(c), 'epoch')} cannot show a trend; from {MIN_EPOCHS} on there is something to read."
        )
        return Conclusion("unclear", "Too few epochs to read a trend.", (note,))
    if not c.has(c.clean) and not c.has(c.clean_loss):
        note = "Without both train and val figures the curves cannot be read. Log the training loss or accuracy, too."
        return Conclusion("unclear", "Nothing to compare: no train figures.", (note,))
    return None


def _dipped(c: Curves, case: Case) -> Conclusion | None:
    """While a run goes on at a high rate, a fall of val is no more than a dip."""
    if case.finished or not c.lr_high or not c.has_both:
        return None
    fallen = fall(c)
    if fallen is None:
        return None
    note = (
        f"Val has fallen since epoch {c.when(fallen.at)}, but the learning rate is still above half its peak; "
        "such dips often recover as it falls."
    )
    return Conclusion("unclear", "Val has dipped; too early to say more.", (note,))


def _small(c: Curves) -> Conclusion | None:
    if not c.has_both or not c.val_n_known:
        return None
    val = c.end_val
    if val.half_width <= HALF_WIDTH:
        return None
    between = difference(c.end_clean, val)
    need = images_needed(val.value, HALF_WIDTH)
    note = (
        f"{count(val.n, 'val image')} fix the accuracy only to +- {points(val.half_width)} points, so the gap to clean train may be "
        f"anything from {points(between.low)} to {points(between.high)} points. About {need} val images would fix it to "
        f"+- {points(HALF_WIDTH)} points."
    )
    return Conclusion("unclear", "Too few val images to tell.", (note,))


def _open(findings: Sequence[Finding], opinions: Mapping[str, Opinion]) -> Conclusion | None:
    left = [f for f in findings if f.condition in OPEN]
    low = [f for f in left if f.condition != "stopped-too-early" or "are both low" in f.sentence]
    return Conclusion("unclear", opinions[low[0].condition].headline) if low else None


def _too_sure(findings: Sequence[Finding], opinions: Mapping[str, Opinion]) -> Conclusion | None:
    if not any(f.condition == "overconfidence" for f in findings):
        return None
    return Conclusion("healthy", opinions["overconfidence"].headline)


def _low(c: Curves) -> Conclusion | None:
    """Train and val agree, and both are low: nothing shows why, and nothing shows that it must be so."""
    if not level_is_low(c):
        return None
    return Conclusion("unclear", "Train and val agree, and both are low: a hard task, or more is wanted.")


def _healthy(c: Curves) -> Conclusion:
    if not c.has_both:
        return Conclusion("healthy", "Healthy, as far as its losses show.")
    if big_gap(c):
        note = f"Train and val differ by {gap_words(c)}: a gap, but one that val has suffered little from, if at all."
        return Conclusion("healthy", "Healthy, with a gap between train and val.", (note,))
    return Conclusion("healthy", "Healthy: train and val agree.")
