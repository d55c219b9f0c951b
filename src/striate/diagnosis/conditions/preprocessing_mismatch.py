"""Train and val images are prepared differently: scale, channel order or type.

Means: val goes through another pipeline than train, so that the same picture gives different numbers in each.

Hurts: the network is tested on inputs it never saw; val is poor from the first evaluation and training on does not help.

Rule: a difference of preparation, and val behind train by more than max(3 points, 3 SE) at every evaluation since train has learnt something; where no augmentation could
make that difference (train comes unaugmented, or variances differ twofold and means by a quarter of a standard deviation), by more than max(2 points, 2 SE) at the end. Differences:
a low end that lies elsewhere by a quarter of the range, a range twice as long, another type or number of channels, channels of which another order
fits, by their moments or their mean images, or mean images that are each other's negatives (both with 0.1 standard deviations of structure, correlation below -0.5); suspected where means of channels are off by 0.1 standard deviations in both directions.

Origin: a pipeline moves the low end of the range, or all of it; pictures that are darker, paler or blurred keep their black, and are judged as a shift.
Own starting values.

False alarms: augmentation makes small differences, and larger ones with erasing or padding; val is then no worse than train. Overfitting opens a
gap later, batch norm closes one early: the smallest gap of all evaluations is judged. Without a gap a difference is only noted.

Changes its mind: val going through train's pipeline, without its random parts, and staying as poor.

Knows nothing about which step of a pipeline differs.
"""

from __future__ import annotations

from striate.core.diagnosis_records import Remedy
from striate.core.wording import percent, points, significant
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, suspected, unseen
from striate.diagnosis.outcome import Lag, unaugmented, val_ends_behind, val_lags, worthless
from striate.diagnosis.split_differences import (
    LEAST_IMAGES,
    MEAN,
    MEAN_MIXED,
    OFFSET,
    SHARP,
    SPAN,
    VARIANCE,
    Differences,
    differences,
)

__all__ = ["CONDITION"]

GAP, ERRORS = 0.03, 3.0
END_GAP, END_ERRORS = 0.02, 2.0
VARIANCE_CLEAR = 2.0


def examine(case: Case) -> Opinion:
    """The difference, then whether val lags from the start."""
    data = case.seen.data
    if data is None or data.train is None or data.val is None or not data.train.mean or not data.val.mean:
        return unseen("the images of train and val were not both seen")
    if min(data.train.n, data.val.n) < LEAST_IMAGES:
        return unseen(f"fewer than {LEAST_IMAGES} images of a split were seen")
    found = differences(data.train, data.val)
    words = _words(found)
    if not found.recipe and not found.mixed:
        return absent(
            f"{words}: pictures may differ so, and their ranges agree"
            if found.pictures
            else "train and val images have the same range, means and variances"
        )
    lag = val_lags(case)
    if lag is not None and _unmistakable(case, found):
        lag = (val_ends_behind(case) or lag)._replace(since=lag.since)
        enough = max(END_GAP, END_ERRORS * lag.error)
    else:
        enough = max(GAP, ERRORS * lag.error) if lag is not None else GAP
    if lag is None or lag.least <= enough:
        if not found.recipe:
            return absent(f"{words}, as augmentation does, and val is not behind train from the start")
        return suspected(
            f"Train and val images differ ({words}), without harm that would show.",
            evidence(words),
            headline="Train and val images differ.",
            confidence=0.3,
        )
    return _lagging(case, found, lag, words)


def _unmistakable(case: Case, found: Differences) -> bool:
    """Whether no augmentation of train makes such a difference: then it is enough that val is behind at the end."""
    moved = found.variance > VARIANCE_CLEAR and found.mean > MEAN
    return found.recipe and (unaugmented(case) or bool(found.kind or found.order or found.inverted) or moved)


def _lagging(case: Case, found: Differences, lag: Lag, words: str) -> Opinion:
    sentence = f"Train and val images are prepared differently ({words}), and val is behind train."
    seen = (
        evidence(words, "mean_difference", found.mean, reference=MEAN),
        evidence(
            f"val lies at least {points(lag.least)} points behind train",
            "gap",
            lag.least,
            reference=GAP,
        ),
    )
    headline = "Train and val images are prepared differently."
    if not found.recipe:
        return suspected(
            sentence, *seen, headline=headline, severity="warning", confidence=0.6, onset_epoch=lag.since
        )
    return present(
        sentence,
        *seen,
        headline=headline,
        severity="critical" if worthless(case) else "warning",
        confidence=0.92,
        onset_epoch=lag.since,
    )


def _words(found: Differences) -> str:
    parts = [found.kind] if found.kind else []
    if found.order:
        parts.append(f"channels in the order {', '.join(map(str, found.order))}")
    if found.inverted:
        parts.append("mean images of which one is dark where the other is light")
    if found.offset > OFFSET:
        parts.append(f"ranges that begin {percent(found.offset)} of train's apart")
    if found.span > SPAN:
        parts.append(f"ranges that differ {significant(found.span, 2)}-fold in length")
    if found.mean > MEAN_MIXED:
        parts.append(f"means that differ by {significant(found.mean, 2)} standard deviations")
    if found.variance > VARIANCE:
        parts.append(f"variances that differ {significant(found.variance, 2)}-fold")
    if found.sharp > SHARP:
        parts.append(f"sharpness that differs {significant(found.sharp, 2)}-fold")
    return ", ".join(parts) or "no difference"


CONDITION = Condition(
    id="N4",
    name="preprocessing-mismatch",
    title="Train and val are prepared differently",
    group="data",
    examine=examine,
    remedies=(
        Remedy(
            change="Build both transforms from one function: same decoding, channel order, size and normalisation; only the random parts are train's.",
            effect="val is tested on what the network was trained for",
            cost="none",
        ),
    ),
    explains=(
        "covariate-shift",
        "overfitting",
        "late-overfitting",
        "overconfidence",
        "batch-norm-mismatch",
        "last-not-best",
        "classes-swapped",
    ),
    rivals=("covariate-shift", "overfitting", "batch-norm-mismatch", "classes-swapped"),
    probe="evaluate val images through the pipeline of train without its random parts",
)
