"""The validation set is too small for its accuracy to mean much.

Means: with so few val images the accuracy could be several points higher or lower by chance alone.

Hurts: the best epoch, the better of two settings and the size of the gap are decided by luck.

Rule: the 95 % interval of val accuracy reaches more than 3 points to each side: a remark. It is a warning with fewer
than 100 images: at an accuracy of 50 %, where it is widest, it would reach more than 9.6, and a set serves for early epochs, worse settings and single
classes, too.

Origin: 3 points are rule E2 of the catalogue; 100 images are an own starting value. Wilson's interval.

False alarms: none, it is arithmetic; but a task on which only large differences matter can live with it.

Changes its mind: more val images.

Knows nothing about whether the val images are like those that the network will meet.
"""

from __future__ import annotations

from striate.core.diagnosis_records import Remedy
from striate.core.wording import count, interval_percent, percent, points
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, unseen
from striate.diagnosis.share import Share, images_needed

__all__ = ["CONDITION"]

# See "Origin".
WORTH_KNOWING, ENOUGH = 0.03, 100


def examine(case: Case) -> Opinion:
    """How far the interval of val accuracy reaches."""
    c = case.curves
    if c is None:
        return unseen(case.no_curves)
    if not c.has(c.val):
        return unseen("no val accuracy was seen")
    if not c.val_n_known:
        return unseen("it is not known how many val images there are")
    val = c.end_val
    half = val.half_width
    if half <= WORTH_KNOWING and val.n >= ENOUGH:
        return absent(f"val accuracy is known to +- {points(half)} points")
    need = images_needed(val.value, WORTH_KNOWING)
    return present(
        f"{count(val.n, 'val image')} fix the accuracy only to +- {points(half)} points. About {need:,} would fix it to "
        f"+- {points(WORTH_KNOWING)} points.",
        evidence(
            f"val accuracy {percent(val.value)} ({interval_percent(val.interval)}, {count(val.n, 'image')})",
            "val_accuracy",
            val.value,
            low=val.interval.low,
            high=val.interval.high,
        ),
        evidence(
            f"half of the interval is {points(half)} points", "half_width", half, reference=WORTH_KNOWING
        ),
        evidence(
            f"at an accuracy of 50 % it would be {points(Share(0.5, val.n).half_width)} points",
            "widest_half_width",
            Share(0.5, val.n).half_width,
            reference=Share(0.5, ENOUGH).half_width,
        ),
        headline="Too few val images to tell small differences.",
        severity="warning" if val.n < ENOUGH else "info",
        confidence=0.95,
    )


CONDITION = Condition(
    id="E2",
    name="validation-too-small",
    title="Validation set too small",
    group="capacity",
    examine=examine,
    remedies=(
        Remedy(
            change="Set more images aside for val, or train once for each of several splits and average.",
            effect="differences between settings can be told from luck",
            cost="fewer training images, or several runs",
            risk="none",
            settings={"val_split": 0.4},
        ),
    ),
)
