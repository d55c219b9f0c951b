"""Images without content: of one single value all over.

Means: some images hold nothing, because a file was not decoded, a crop fell outside, or a mask covered all.

Hurts: their labels can only be learnt by guessing, which teaches the network to guess; in val they put a ceiling on accuracy.

Rule: 5 % of the images of a split or more are constant, and the other split has less than a quarter of that share. From 1 % on it is noted.

Origin: 1 % is the catalogue's. 5 %: below it the harm to a network is smaller than the noise between seeds. Own starting value, as is the quarter.

False alarms: a class that is blank by design is in both splits. Crops that are enlarged, and far shifts, make blank ones: with such transforms, or where transforms change the
sharpness of the other training images, the sign is only suspected, and the strength of augmentation is the matter.

Changes its mind: the named images, when looked at.

Knows nothing about images that are not finite, which are a condition of their own, nor about wrong but lively pictures.
"""

from __future__ import annotations

from striate.core.data_observation import SplitSeen
from striate.core.diagnosis_records import Remedy, Severity
from striate.core.metrics import wilson
from striate.core.wording import count, percent
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, suspected, unseen
from striate.diagnosis.split_differences import drowned

__all__ = ["CONDITION"]

NOTED, WARNED = 0.01, 0.05
LEAST = 3
BY_DESIGN = 0.25
LEAST_LOOKED = 50
BLANKING = ("resizedcrop", "affine", "translate", "zoom")


def examine(case: Case) -> Opinion:
    """Each split against the other."""
    data = case.seen.data
    splits = [
        s for s in ((data.train, data.val) if data else ()) if s is not None and s.hashed >= LEAST_LOOKED
    ]
    if not splits:
        return unseen("images were not looked at one by one")
    worst = max(splits, key=_share)
    others = [_share(s) for s in splits if s is not worst]
    share = _share(worst)
    if share < NOTED or worst.constant < LEAST:
        return absent(
            f"{worst.constant} of {count(worst.hashed, 'image')} of {worst.split} hold one single value"
        )
    if others and max(others) >= BY_DESIGN * share:
        return absent("blank images are in both splits alike, as of a class that is blank by design")
    return _found(case, worst, share)


def _share(split: SplitSeen) -> float:
    return split.constant / split.hashed


def _found(case: Case, split: SplitSeen, share: float) -> Opinion:
    limits = wilson(split.constant, split.hashed)
    fact = evidence(
        f"{split.constant:,} of {count(split.hashed, 'image')} of {split.split} hold one single value",
        "constant",
        share,
        low=limits.low,
        high=limits.high,
        reference=WARNED,
    )
    sentence = f"{percent(share)} of the {split.split} images are blank."
    headline = "Some images are blank."
    named = any(word in name.lower() for name in case.seen.setting.augmentation for word in BLANKING)
    if split.split == "train" and (named or drowned(case)):
        return suspected(
            f"{sentence} Augmentation may have made them.", fact, headline=headline, confidence=0.4
        )
    severity: Severity = "warning" if share >= WARNED else "info"
    return present(sentence, fact, headline=headline, severity=severity, confidence=0.9)


CONDITION = Condition(
    id="D8",
    name="corrupt-images",
    title="Images are corrupt",
    group="data",
    examine=examine,
    remedies=(
        Remedy(
            change="Look at the blank images, decode them again or drop them, and let the reader raise an error in place of returning zeros.",
            effect="every image says something about its label",
            cost="one pass over the data",
        ),
    ),
    explains=("underfitting", "label-noise", "overfitting", "overconfidence", "covariate-shift"),
    rivals=("augmentation-too-strong", "label-noise"),
    probe="look at the files of the blank images",
)
