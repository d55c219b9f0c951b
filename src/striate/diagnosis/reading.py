"""A first cautious reading of a run's curves: which pattern is there, or why none shows.

`read_curves` asks the patterns in an order that rules out look-alikes first: broken numbers, too little to
judge, a fall from a peak, a gap that hurts, over-confidence, then low levels. What is not shown is not said.
Knows nothing about files, networks or drawing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from striate.core.records import EpochRecord, Finding, Reading
from striate.core.wording import count, percent, points
from striate.diagnosis.breakdown import batch_norm_mismatch, non_finite
from striate.diagnosis.curves import Curves
from striate.diagnosis.overfitting import big_gap, late_overfit, over_confident, overfit, unstable
from striate.diagnosis.pattern import Named, gap_words, levels, points_of
from striate.diagnosis.share import difference, images_needed
from striate.diagnosis.underfitting import lr_spent, nothing_learned, still_rising, underfit

__all__ = ["read_curves"]

# Four epochs are the least in which a value can stay risen for three evaluations (rule G1).
MIN_EPOCHS = 4
# A val interval wider than +- 5 points cannot show a gap of 5 points (rule G1's least gap).
HALF_WIDTH = 0.05
# Augmented accuracy this far under val is worth a word, since it looks odd to newcomers; own starting value.
AUGMENTED_POINTS = 0.02


def read_curves(
    history: Sequence[EpochRecord], *, classes: int, finished: bool, failure: str = ""
) -> Reading:
    """What the curves of `history` show, most important first, each with evidence and one piece of advice.

    `classes` is the number of classes K (guessing gets 1 / K); `finished` is False while training goes on
    or when it was interrupted, which makes the wording more careful; `failure` is why a run failed, if it
    did. A gap is clean train accuracy - val accuracy, with Newcombe's interval. An empty history gives an
    'unclear' reading; so do epochs without val images.

    >>> read_curves([], classes=10, finished=False).headline
    'No epoch has ended yet.'
    """
    broken = non_finite(history, failure)
    if broken:
        return _reading(broken)
    if failure:
        return _reading(
            _unclear(
                "The run failed.", f"The run failed: {failure}", "Fix that, then `striate resume`.", "error"
            )
        )
    if not history:
        return _reading(
            _unclear("No epoch has ended yet.", "No epoch has ended, so there is nothing to read.", "")
        )
    if history[-1].val_n == 0 or history[-1].clean_n == 0:
        return _reading(
            _unclear(
                "Nothing to compare: no val images.",
                "Without both clean train and val figures the curves cannot be read.",
                "Set some images aside with --val-split 0.2.",
            )
        )
    return _read(Curves(points_of(history), classes), finished)


def _read(c: Curves, finished: bool) -> Reading:
    main = (
        _too_few_epochs(c, finished)
        or batch_norm_mismatch(c)
        or unstable(c)
        or late_overfit(c, finished)
        or overfit(c, finished)
        or over_confident(c)
        or nothing_learned(c)
        or _too_few_val_images(c)
        or underfit(c, finished)
        or _healthy(c)
    )
    return _reading(main, *_remarks(c, main.finding, finished))


def _reading(main: Named, *more: Finding) -> Reading:
    return Reading(headline=main.headline, findings=(main.finding, *more))


def _unclear(headline: str, sentence: str, advice: str, severity: str = "info", *evidence: str) -> Named:
    finding = Finding.model_validate(
        {
            "condition": "unclear",
            "severity": severity,
            "sentence": sentence,
            "evidence": evidence,
            "advice": (advice,) if advice else (),
        }
    )
    return Named(headline, finding)


def _too_few_epochs(c: Curves, finished: bool) -> Named | None:
    if len(c) >= MIN_EPOCHS:
        return None
    return _unclear(
        "Too few epochs to read a trend.",
        f"{count(len(c), 'epoch')} cannot show a trend; from {MIN_EPOCHS} on there is something to read.",
        f"Train for {MIN_EPOCHS} epochs or more." if finished else "Let it go on.",
        "info",
        levels(c),
    )


def _too_few_val_images(c: Curves) -> Named | None:
    val = c.end_val
    half = (val.interval.high - val.interval.low) / 2
    if half <= HALF_WIDTH:
        return None
    need = images_needed(val.value, HALF_WIDTH)
    between = difference(c.end_clean, val)
    return _unclear(
        "Too few val images to tell.",
        f"{count(val.n, 'val image')} fix the accuracy only to +- {points(half)} points, so the gap to clean train may be "
        f"anything from {points(between.low)} to {points(between.high)} points. About {need} val images would fix it to "
        f"+- {points(HALF_WIDTH)} points.",
        f"Set more images aside (about {need} for val), or read the figures with their intervals.",
        "info",
        levels(c),
    )


def _healthy(c: Curves) -> Named:
    """Nothing else was shown; a gap without harm is mentioned."""
    wide = big_gap(c)
    sentence = f"Clean train and val differ by {gap_words(c)}"
    finding = Finding(
        condition="healthy",
        severity="info" if wide else "ok",
        sentence=sentence
        + (
            ": a gap, but val has not suffered from it: neither a fall nor a lasting rise of its loss."
            if wide
            else ", and nothing in the curves points to a problem."
        ),
        evidence=(levels(c),),
        advice=(
            "Augmentation or more images may close part of the gap."
            if wide
            else "Use it; the most confident mistakes show what is left to win.",
        ),
    )
    return Named(
        "Healthy, with a gap between train and val." if wide else "Healthy: train and val agree.", finding
    )


def _remarks(c: Curves, main: Finding, finished: bool) -> list[Finding]:
    """What is worth saying beside the main finding."""
    remarks: list[Finding] = []
    rising = still_rising(c) if len(c) >= MIN_EPOCHS and not lr_spent(c) else 0.0
    if (
        rising
        and main.condition in ("healthy", "unclear")
        and math.isclose(float(c.val.max()), float(c.val[-1]), abs_tol=0.01)
    ):
        remarks.append(
            Finding(
                condition=main.condition,
                severity="info",
                sentence=f"Val accuracy was still rising at the end; half as many epochs again would add "
                f"{points(rising)} points at most.",
                evidence=(),
                advice=("A longer run is worth a try.",) if finished else (),
            )
        )
    under = c.end_val.value - c.end(c.train)
    if under > AUGMENTED_POINTS and main.condition != "unclear":
        remarks.append(
            Finding(
                condition="healthy",
                severity="ok",
                sentence=f"Train as trained ({percent(c.end(c.train))}) lies under val ({percent(c.end_val.value)}): normal, "
                "because it was measured on augmented images, with dropout, while the network was still changing.",
                evidence=(),
                advice=(),
            )
        )
    return remarks
