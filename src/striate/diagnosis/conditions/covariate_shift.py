"""Val images look different from train images: darker, blurred, from another source.

Means: both splits went through the same pipeline, and still a judge of small pictures can tell them apart.

Hurts: what was learnt on one kind of image is asked of another; val is behind from the start, and more training does not close it.

Rule: thumbnails tell train from val with an area under the curve above 0.75, surely above 0.7; or means differ by a quarter of a standard deviation, variances
1.25-fold, sharpness 1.5-fold. And val is behind train by more than max(3 points, 3 SE) at every evaluation since train has learnt something.

Origin: the areas are the catalogue's, as are 0.25 and 1.25; the rest are own starting values.

False alarms: augmentation makes train look different, and leaves val no worse; without the lag nothing is said. Another pipeline is a condition of its own,
and explains this one.

Changes its mind: a split at random that shows the same lag.

Knows nothing about where the images come from.
"""

from __future__ import annotations

from striate.core.diagnosis_records import Evidence, Remedy
from striate.core.wording import points, significant
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, suspected, unseen
from striate.diagnosis.outcome import val_lags
from striate.diagnosis.split_differences import LEAST_IMAGES, differences

__all__ = ["CONDITION"]

AREA, AREA_LOW = 0.75, 0.70
LEAST_TOLD = 100
GAP, ERRORS = 0.03, 3.0


def examine(case: Case) -> Opinion:
    """Whether splits differ, then whether val lags from the start."""
    data = case.seen.data
    if data is None or (data.domain_auc is None and (data.train is None or data.val is None)):
        return unseen("the images of train and val were not compared")
    told = _told(case)
    moments = _moments(case)
    if told is None and moments is None:
        return absent("small pictures do not tell train from val, and their moments agree")
    lag = val_lags(case)
    if lag is None or lag.least <= max(GAP, ERRORS * lag.error):
        return absent(
            "train and val look different, as augmentation makes them, and val is not behind train from the start"
        )
    seen = tuple(e for e in (told, moments) if e is not None)
    behind = evidence(
        f"val lies at least {points(lag.least)} points behind train, since epoch {significant(lag.since)}",
        "gap",
        lag.least,
        reference=GAP,
    )
    sentence = "Val images look different from those of train, and val is behind at every evaluation."
    headline = "Val images are of another kind than train's."
    if told is None:
        return suspected(
            sentence,
            *seen,
            behind,
            headline=headline,
            severity="warning",
            confidence=0.75,
            onset_epoch=lag.since,
        )
    return present(
        sentence, *seen, behind, headline=headline, severity="warning", confidence=0.8, onset_epoch=lag.since
    )


def _told(case: Case) -> Evidence | None:
    data = case.seen.data
    if data is None or data.domain_auc is None or data.domain_n < LEAST_TOLD:
        return None
    low = data.domain_auc if data.domain_low is None else data.domain_low
    if data.domain_auc <= AREA or low <= AREA_LOW:
        return None
    return evidence(
        f"small pictures tell train from val with an area of {significant(data.domain_auc)}",
        "domain_auc",
        data.domain_auc,
        low=low,
        reference=AREA,
    )


def _moments(case: Case) -> Evidence | None:
    data = case.seen.data
    if data is None or data.train is None or data.val is None or min(data.train.n, data.val.n) < LEAST_IMAGES:
        return None
    found = differences(data.train, data.val)
    if not found.pictures:
        return None
    words = (
        f"means differ by {significant(found.mean, 2)} standard deviations, variances {significant(found.variance, 2)}-fold, "
        f"sharpness {significant(found.sharp, 2)}-fold"
    )
    return evidence(words, "mean_difference", found.mean, reference=0.25)


CONDITION = Condition(
    id="D5",
    name="covariate-shift",
    title="Val images are of another kind",
    group="data",
    examine=examine,
    remedies=(
        Remedy(
            change="Collect or augment training images towards what val looks like (brightness, blur, source), or split at random if both should be alike.",
            effect="val comes closer to train",
            cost="data, or training again",
            risk="a random split hides what new images will do",
        ),
    ),
    explains=("overfitting", "late-overfitting", "overconfidence", "last-not-best"),
    rivals=("preprocessing-mismatch", "overfitting", "classes-swapped"),
    probe="train on a part of val, and test on the rest of it",
)
