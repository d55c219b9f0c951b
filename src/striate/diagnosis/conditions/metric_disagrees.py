"""The reported accuracy is not that of the outputs, or not about all images.

Means: accuracy was recomputed from the same outputs and labels, and the loop says something else; or it looked at a part of val only.

Hurts: every decision that rests on the figure, from early stopping to the choice of a network, rests on a wrong one.

Rule: |logged - recomputed| is 2 points or more at two evaluations, or 1 point to the same side at each of three evaluations, or 0.5 points or more in the same ratio; or one
pass over val gave less than 90 % of its images.

Origin: both figures are about the same images, so that they have no sampling error of their own. 0.5 points is the catalogue's; 2 points is its gate for
any comparison. An accuracy averaged over batches, the last of them smaller, is off by less.

False alarms: averaged weights are another network, whose outputs are not seen, and quiet when declared, as is test-time augmentation. A logged figure in percent is read as such.
Two samplers that share one data set each see a part of it. A last batch that is left out is only noted.

Changes its mind: an evaluation where both agree.

Knows nothing about which line of the metric is wrong.
"""

from __future__ import annotations

from statistics import median

from striate.core.diagnosis_records import Remedy
from striate.core.wording import count, percent, points
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, unseen

__all__ = ["CONDITION"]

LARGE, SMALL = 0.02, 0.005
CLEAR = 0.01
STEADY_LEAST, STEADY = 3, 0.005
"""Evaluations that must have one ratio, and how much it may vary: a wrong denominator has the same effect each time."""
SEEN_SHARE = 0.9
PERCENT = 1.5
"""A logged accuracy above this is in percent."""

RECOMPUTE = Remedy(
    change="Count (outputs.argmax(1) == labels).sum() over all batches, and divide by the number of images at the end.",
    effect="the figure is that of the network",
    cost="none",
    risk="if averaged weights are validated, say so: declare(average=True)",
)
ALL_IMAGES = Remedy(
    change="Let the validation loop run to its end: look for a break, a return inside the loop, or a limit of batches.",
    effect="the figure is about all of val",
    cost="the time of a whole validation",
)


def examine(case: Case) -> Opinion:
    """Numbers of images first: they explain a difference."""
    part = _part(case)
    if part is not None:
        return part
    loop, declared = case.seen.loop, case.seen.declared
    if loop is not None and not loop.val_forwards:
        return unseen("val went through another network than the watched one, such as averaged weights")
    if declared.average or declared.test_time_augmentation:
        return absent("val is declared to use averaged weights or random images")
    pairs = _pairs(case)
    if not pairs:
        val = case.seen.data.val if case.seen.data else None
        if val is not None and val.expected:
            return absent("every image of val was evaluated; the loop's own accuracy is not known")
        return unseen("the loop's own accuracy is not known beside the recomputed one")
    return _difference(pairs)


def _part(case: Case) -> Opinion | None:
    data = case.seen.data
    val = data.val if data else None
    if data is None or val is None or not case.finished or val.n >= val.expected:
        return None
    # Samplers that share one data set, where only the size of that is known.
    if (
        data.train is not None
        and data.train.expected == val.expected
        and data.train.n + val.n <= val.expected
    ):
        return None
    share = val.n / val.expected
    return present(
        f"One validation pass looked at {val.n:,} of {count(val.expected, 'image')}.",
        evidence(f"{percent(share)} of val was evaluated", "evaluated", share, reference=1.0),
        headline="Validation looks at a part of val only.",
        severity="warning" if share < SEEN_SHARE else "info",
        confidence=0.9,
        remedies=(ALL_IMAGES,),
    )


def _pairs(case: Case) -> list[tuple[float, float, float]]:
    """(epoch, logged, recomputed)."""
    found = []
    for point in case.seen.epochs:
        logged, own = point.logged_val_accuracy, point.val_accuracy
        if logged is not None and own is not None:
            found.append((point.epoch, logged / 100 if logged > PERCENT else logged, own))
    return found


def _shifted(pairs: list[tuple[float, float, float]]) -> bool:
    """Whether every logged figure is that of the evaluation before or after: then it is only written down elsewhere."""
    logged, own = [p[1] for p in pairs], [p[2] for p in pairs]
    if len(pairs) < STEADY_LEAST:
        return False
    turns = ((logged[1:], own[:-1]), (logged[:-1], own[1:]))
    return any(max(abs(a - b) for a, b in zip(*turn, strict=True)) < SMALL for turn in turns)


def _difference(pairs: list[tuple[float, float, float]]) -> Opinion:
    differences = [logged - own for _, logged, own in pairs]
    large = sum(abs(d) >= LARGE for d in differences)
    ratios = [logged / own for _, logged, own in pairs if own > 0]
    # A wrong denominator has one ratio; answers counted by another rule err to one side.
    one_sided = len(differences) >= STEADY_LEAST and (min(differences) >= CLEAR or max(differences) <= -CLEAR)
    steady = (
        len(ratios) >= STEADY_LEAST
        and max(ratios) - min(ratios) <= STEADY
        and min(abs(d) for d in differences) >= SMALL
    )
    if _shifted(pairs) or not (large >= min(2, len(pairs)) or steady or one_sided):
        return absent(
            f"the logged val accuracy is that which was recomputed, within {points(max(map(abs, differences)))} points"
        )
    _, logged, own = pairs[-1]
    return present(
        f"The loop reports a val accuracy of {percent(logged)}; its own outputs and labels give {percent(own)}.",
        evidence(
            f"logged minus recomputed, at the end: {points(logged - own)} points",
            "difference",
            logged - own,
            reference=SMALL,
        ),
        *(
            (
                evidence(
                    f"logged / recomputed is the same at {len(ratios)} evaluations", "ratio", median(ratios)
                ),
            )
            if steady
            else ()
        ),
        headline="The reported accuracy is not that of the outputs.",
        severity="warning",
        confidence=0.93,
        onset_epoch=next(e for (e, _, _), d in zip(pairs, differences, strict=True) if abs(d) >= SMALL),
        remedies=(RECOMPUTE,),
    )


CONDITION = Condition(
    id="E1",
    name="metric-disagrees",
    title="The metric disagrees with the outputs",
    group="integrity",
    examine=examine,
    remedies=(RECOMPUTE, ALL_IMAGES),
    explains=("validation-too-small", "class-imbalance", "last-not-best", "covariate-shift"),
    rivals=("wrong-mode", "random-validation"),
)
