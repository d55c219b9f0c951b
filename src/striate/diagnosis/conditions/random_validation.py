"""Validation images are random: they differ from one evaluation to the next.

Means: val goes through random transforms, so that the same image comes out otherwise each time; or each evaluation draws other images.

Hurts: val accuracy has a noise of its own, is about altered images, and which epoch is best depends on luck.

Rule: of the val images of one pass, fewer than 98 % are found again bit by bit in another.

Origin: the catalogue asks for equality; 98 % leaves room for a last batch that is left out of a shuffled pass. At least 20 images are compared.

False alarms: shuffled validation, as images are looked for wherever they come; test-time augmentation, when declared.

Changes its mind: two passes with the same images.

Knows nothing about which transform is random, nor how much it matters.
"""

from __future__ import annotations

from striate.core.diagnosis_records import Remedy
from striate.core.wording import count, percent
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, unseen

__all__ = ["CONDITION"]

SAME = 0.98
LEAST_IMAGES = 20


def examine(case: Case) -> Opinion:
    """How many come again."""
    repeats = case.seen.data.repeats if case.seen.data else ()
    found = next(
        (r for r in repeats if r.split == "val" and r.passes >= 2 and r.images >= LEAST_IMAGES), None
    )
    if found is None:
        return unseen("val was not seen in two passes")
    if case.seen.declared.test_time_augmentation:
        return absent("random val images are declared to be meant")
    share = found.same / found.images
    if share >= SAME:
        return absent("val images are the same in each pass")
    return present(
        f"Of {count(found.images, 'val image')}, {percent(share)} come again unchanged in another pass.",
        evidence(f"{percent(share)} of val images are the same in two passes", "same", share, reference=1.0),
        headline="Validation images are random.",
        severity="warning",
        confidence=0.95 if share < 0.5 else 0.9,
    )


CONDITION = Condition(
    id="U3",
    name="random-validation",
    title="Validation is random",
    group="data",
    examine=examine,
    remedies=(
        Remedy(
            change="Give val a transform without random parts: decode, resize, centre crop, normalise; and the same images each time.",
            effect="val figures can be compared between epochs",
            cost="none",
            risk="if it is meant, say so: declare(test_time_augmentation=True)",
        ),
    ),
    explains=(
        "last-not-best",
        "covariate-shift",
        "schedule-fault",
        "validation-too-small",
    ),
    rivals=("wrong-mode", "validation-too-small"),
)
