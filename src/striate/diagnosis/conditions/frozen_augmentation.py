"""Augmentation is frozen: random transforms give the same image in every epoch.

Means: each training image was transformed once and kept, or the random numbers start anew each epoch.

Hurts: the network sees one version of each image in place of many, which is a data set as small as before, and odder.

Rule: transforms with random parts are known to be used, and 98 % of the training images of one pass come again bit by bit in another. Draws that whole batches share are only
noted.

Origin: equality is exact; two draws of a flip alone agree for half of the images, so 98 % are no accident. Own starting value.

False alarms: caching on purpose; transforms whose names sound random and that are not.

Changes its mind: a second pass with other versions.

Knows nothing about transforms whose names could not be read off a loader.
"""

from __future__ import annotations

from striate.core.diagnosis_records import Remedy, Where
from striate.core.wording import percent
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, suspected, unseen

__all__ = ["CONDITION"]

SAME = 0.98
LEAST_IMAGES = 20
RANDOM = (
    "random",
    "jitter",
    "flip",
    "augment",
    "erasing",
    "cutout",
    "augmix",
    "noise",
    "elastic",
    "rotat",
    "affine",
    "trivial",
)
SHARED = 0.5
"""Of the images of a batch that carry the same draw: own starting value."""


def examine(case: Case) -> Opinion:
    """Whether anything random is used, and whether it shows."""
    names = tuple(n for n in case.seen.setting.augmentation if any(word in n.lower() for word in RANDOM))
    repeats = case.seen.data.repeats if case.seen.data else ()
    found = next(
        (r for r in repeats if r.split == "train" and r.passes >= 2 and r.images >= LEAST_IMAGES), None
    )
    if found is None:
        return unseen("train was not seen in two passes")
    if not names:
        return absent("no random transform of training images is known")
    share = found.same / found.images
    if share >= SAME:
        return present(
            f"Training uses {', '.join(names[:4])}, and {percent(share)} of its images are the same in two passes.",
            evidence(
                f"{percent(share)} of training images are the same in two passes",
                "same",
                share,
                reference=SAME,
            ),
            headline="Augmentation is the same in every epoch.",
            severity="warning",
            confidence=0.93,
            where=Where(transforms=names),
        )
    batch = case.seen.setting.batch_size
    if batch and found.within_batch >= max(2, SHARED * batch):
        return suspected(
            f"{found.within_batch} images of a batch carry the same random draw.",
            evidence("images of a batch share their draw", "within_batch", float(found.within_batch)),
            headline="Images of a batch share their random draw.",
            where=Where(transforms=names),
        )
    return absent("training images differ from one pass to the next")


CONDITION = Condition(
    id="U4",
    name="frozen-augmentation",
    title="Augmentation is frozen",
    group="data",
    examine=examine,
    remedies=(
        Remedy(
            change="Transform when an image is asked for, not before it is cached, and do not set the seed again each epoch or in each worker.",
            effect="every epoch shows other versions",
            cost="some time for each image",
        ),
    ),
    explains=("overfitting", "late-overfitting", "overconfidence"),
    rivals=("overfitting",),
)
