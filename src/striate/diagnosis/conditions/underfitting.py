"""Underfitting: train and val are low, close and level; the network cannot hold the task.

Means: more epochs change nothing and new images are no harder than old ones: the network has learnt what it can, and that is not enough.

Hurts: accuracy stays below what the images would allow.

Rule: accuracy on training images surely below 90 %, better than guessing, no big gap to val (rule G1), val no longer rising. It is suspected, and
a remark, since a hard task looks the same. It is warned of where the reason is seen: other judges, fitted on the same training images and asked about
images they were not fitted on, are right more often than the network on its own training images, by more than max(5 points, 3 standard errors); or
all channels pass a layer at most K / 2 wide after a cut of 8 times; or its convolutions have 4 channels or fewer. It is warned of, as suspected, whatever the
level, where such judges are right on val more often by max(3 points, 3 standard errors), training images fare no better than they do, and half as many epochs again, the slope slowing on as it did,
would not make up for half of that or the learning rate is spent; by less than 10 points, or where most weights are frozen, that is a remark. Else nothing is said where clean train
lies 10 points above train as trained (then augmentation or dropout hold it down), or weights move by less than 1e-4 of their length a step
while the learning rate is high (then it is not done).

Origin: 90 %, 5 points, 3 points, 10 points behind, the half and 4 channels are own starting values; bottleneck, 1e-4 and 10 points are from rules G2, O2 and G3 of the catalogue.

False alarms: small images of few kinds, on which neighbours are hard to beat: a perceptron on digits gets 94 %, they 99 %. A hard task with classes that look alike, and wrong labels, which no network can learn: hence only a remark without a reason.

Changes its mind: a network of twice the width that is no better.

Knows nothing about how accurate the task allows to be, other than what other judges reach.
"""

from __future__ import annotations

from striate.core.diagnosis_records import Evidence, Remedy, Where
from striate.core.wording import percent, points
from striate.diagnosis.breaks import worse_in_eval
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, suspected, unseen
from striate.diagnosis.curve_words import Learned, gap_words, levels
from striate.diagnosis.curves import Curves
from striate.diagnosis.divergence import big_gap
from striate.diagnosis.frozen import mostly_frozen
from striate.diagnosis.progress import (
    LOW,
    MIN_EPOCHS,
    at_chance,
    held_down,
    keeps_rising,
    level_is_low,
    lr_spent,
    rising,
    still_rising,
    typical_update,
)
from striate.diagnosis.simple_judges import beaten, best_judge
from striate.diagnosis.widths import bottleneck, typical_width

__all__ = ["CONDITION"]

# Own starting values; see "Rule".
BETTER_POINTS, BETTER_ERRORS = 0.05, 3.0
NARROW = 4
# O2: below this an optimiser step hardly changes a weight.
TINY_UPDATE = 1e-4
HELD_DOWN_POINTS = 0.10
OF_THE_WAY = 0.5
FAR_BEHIND = 0.10
TOO_SMALL = "Underfitting: the network is too small for the task."
LESS_THAN_JUDGES = "Underfitting: simple judges do better than the network."


def examine(case: Case) -> Opinion:
    """Low, close and level; and whether a reason for it can be seen."""
    c = case.curves
    if c is None:
        return unseen(case.no_curves)
    if len(c) < MIN_EPOCHS or not c.has_both:
        return unseen(f"accuracies of both train and val over {MIN_EPOCHS} evaluations are needed")
    why_not = _why_not(c, case)
    if why_not:
        return _far_behind(c, case) or absent(why_not)
    reason = _other_judges(c, case) or _narrow(case)
    both = f"{Learned.of(c).title} ({percent(c.end_clean.value)}) and val ({percent(c.end_val.value)}) are both low and close"
    seen = (levels(c), evidence(f"the gap is {gap_words(c)}", "gap", c.end_clean.value - c.end_val.value))
    if reason is None:
        return suspected(
            f"{both}, and level: the network may be too small or too strongly regularised, the learning rate "
            "may be off, or the task may also be hard: classes that look alike, or wrong labels.",
            *seen,
            headline="Underfitting, or a hard task: train and val are both low.",
            confidence=0.3,
        )
    fact, where, sure = reason
    headline = TOO_SMALL if case.seen.network and _narrow(case) else LESS_THAN_JUDGES
    sentence = f"{both}, and level: {fact.sentence}."
    if sure:
        return present(sentence, fact, *seen, headline=headline, confidence=0.8, where=where)
    return suspected(
        sentence, fact, *seen, headline=headline, severity="warning", confidence=0.6, where=where
    )


def _far_behind(c: Curves, case: Case) -> Opinion | None:
    """Nearly there, or still on its way, and yet simple judges are out of reach."""
    behind = beaten(case)
    if behind is None or at_chance(c) or worse_in_eval(c) or big_gap(c) or held_down(c) >= HELD_DOWN_POINTS:
        return None
    if not lr_spent(c) and rising(c).gain * keeps_rising(c) >= OF_THE_WAY * behind.by:
        return None
    neck = _narrow(case)
    return suspected(
        f"{Learned.of(c).title} ({percent(c.end_clean.value)}) and val ({percent(c.end_val.value)}) are close, and {behind.fact.sentence}.",
        behind.fact,
        *([neck[0]] if neck else []),
        levels(c),
        headline=TOO_SMALL if neck else LESS_THAN_JUDGES,
        severity="warning" if behind.by >= FAR_BEHIND and not mostly_frozen(case) else "info",
        confidence=0.6,
        where=neck[1] if neck else None,
    )


def _why_not(c: Curves, case: Case) -> str:
    """What speaks against it, as a clause; "" for nothing."""
    if at_chance(c):
        return "it is no better than guessing: something keeps it from learning at all"
    if not level_is_low(c):
        return f"{Learned.of(c).name} is not surely below {percent(LOW)}"
    if worse_in_eval(c):
        return "clean train lies far under train as trained: eval mode is what is wrong"
    if big_gap(c):
        return f"train lies above val by {gap_words(c)}"
    if still_rising(c):
        return "val is still rising"
    down = held_down(c)
    if down >= HELD_DOWN_POINTS:
        return (
            f"without augmentation and dropout it gets {points(down)} points more right: they hold train down"
        )
    update = typical_update(case.seen.inside)
    if update is not None and update < TINY_UPDATE:
        return f"a step changes weights by {update:.1g} of their length only: it is not done learning"
    return ""


def _other_judges(c: Curves, case: Case) -> tuple[Evidence, Where, bool] | None:
    """Simple judges that do better out of sample than the network does on what it was trained on."""
    best = best_judge(case)
    if best is None:
        return None
    more = best.value - c.end_clean.value
    if more <= max(BETTER_POINTS, BETTER_ERRORS * best.error_of_difference(c.end_clean)):
        return None
    words = f"simple judges get {percent(best.value)} of images right that they were not fitted on, {points(more)} points more"
    return evidence(words, "other_judges", best.value, reference=c.end_clean.value), Where(), True


def _narrow(case: Case) -> tuple[Evidence, Where, bool] | None:
    network = case.seen.network
    if network is None:
        return None
    neck = bottleneck(network, case.classes)
    if neck is not None:
        words = f"everything passes {neck.layer}, which is {neck.width} wide after {neck.before}, for {case.classes} classes"
        fact = evidence(words, "width", float(neck.width), reference=case.classes / 2)
        return fact, Where(layers=(neck.layer,)), True
    width = typical_width(network)
    if 0 < width <= NARROW:
        return (
            evidence(f"its layers are {width} channels wide", "width", float(width), reference=NARROW),
            Where(),
            False,
        )
    return None


CONDITION = Condition(
    id="G2",
    name="underfitting",
    title="Underfitting",
    group="capacity",
    examine=examine,
    remedies=(
        Remedy(
            change="Look at the confident mistakes first: if their labels are wrong, no network helps.",
            cost="some minutes",
        ),
        Remedy(
            change="Use a network of twice the width, or a deeper one with residual connections.",
            effect="train accuracy rises, and val with it as long as they stay close",
            cost="up to four times the time",
            risk="a gap where there are few images",
            settings={"model": "resnet18"},
        ),
        Remedy(
            change="Use less augmentation, dropout and weight decay.",
            effect="train accuracy rises",
            cost="none",
            risk="a gap",
            settings={"augment": "light", "dropout": 0.0},
        ),
    ),
    rivals=(
        "learning-rate-too-low",
        "learning-rate-too-high",
        "label-noise",
        "stopped-too-early",
        "over-regularised",
        "augmentation-too-strong",
        "parameters-not-updated",
    ),
    probe="a paired run with a network of twice the width",
)
