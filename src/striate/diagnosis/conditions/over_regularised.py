"""Over-regularised: dropout holds the network down more than it protects it.

Means: with dropout on, the network gets far less right than the same network without it, and even then it stays low.

Hurts: what it could learn is rubbed out while it learns, and val stays below what a milder setting reaches.

Rule: clean train (val, where training images were not evaluated by themselves) lies above train as trained by 10 points and 4 standard errors,
neither rises any longer, and it is surely below 95 %. It is warned of, as suspected, where the network drops 60 % of its features or more, and where it drops
90 % and is no better than guessing with them and without.
A remark where neither dropout nor augmentation is known; nothing where augmentation is there and can explain it.

Origin: 10 points are rule G3 of the catalogue; 60, 90 and 95 % are own starting values (0.5 is the usual rate before a head).

False alarms: train under val is normal with augmentation and dropout of usual strength, since training images are made harder than val images
and measured while the network still changes.

Changes its mind: a paired run with half the rate that is no better.

Knows nothing about augmentation, which has a condition of its own.
"""

from __future__ import annotations

from striate.core.diagnosis_records import Remedy
from striate.core.wording import percent, points
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, suspected, unseen
from striate.diagnosis.curve_words import levels
from striate.diagnosis.curves import Curves
from striate.diagnosis.progress import MIN_EPOCHS, at_chance, held_down, still_rising
from striate.diagnosis.share import Share

__all__ = ["CONDITION"]

# G3.
HELD_DOWN_POINTS, HELD_DOWN_ERRORS = 0.10, 4.0
# Own starting values; see "Rule".
HIGH, STRONG_DROPOUT, NEARLY_ALL = 0.95, 0.6, 0.9


def examine(case: Case) -> Opinion:
    """How far train as trained lies under the same network undisturbed, and what disturbs it."""
    c = case.curves
    if c is None:
        return unseen(case.no_curves)
    if len(c) < MIN_EPOCHS or not c.has_both or not c.has(c.train):
        return unseen(
            f"train as trained and an undisturbed accuracy over {MIN_EPOCHS} evaluations are needed"
        )
    dropout = case.seen.network.dropout if case.seen.network else 0.0
    if dropout >= NEARLY_ALL and at_chance(c):
        return _nothing_left(c, dropout)
    free = c.end_clean if c.clean_measured else c.end_val
    down = held_down(c)
    if down <= max(HELD_DOWN_POINTS, HELD_DOWN_ERRORS * free.standard_error):
        return absent(f"train as trained lies only {points(max(down, 0.0))} points under it undisturbed")
    if free.interval.high >= HIGH:
        return absent(f"undisturbed it gets {percent(free.value)} right: little is lost")
    if still_rising(c):
        return absent("val is still rising")
    if dropout < STRONG_DROPOUT and (case.seen.setting.augmentation or _varied(case)):
        return absent("augmentation makes training images harder, which can explain it")
    return _held(c, free, dropout)


def _held(c: Curves, free: Share, dropout: float) -> Opinion:
    down, strong = held_down(c), dropout >= STRONG_DROPOUT
    seen = [
        evidence(
            f"{'clean train' if c.clean_measured else 'val'} {percent(free.value)}, train as trained {percent(c.end(c.train))}",
            "held_down",
            down,
            reference=HELD_DOWN_POINTS,
        ),
        levels(c),
    ]
    if dropout:
        seen.append(evidence(f"dropout of {percent(dropout)}", "dropout", dropout, reference=STRONG_DROPOUT))
    return suspected(
        f"While training the network gets {points(down)} points less right than undisturbed, and ends at {percent(free.value)}: "
        + ("dropout this strong holds it down." if strong else "regularisation may be too strong."),
        *seen,
        headline="Regularisation holds the network down.",
        severity="warning" if strong else "info",
        confidence=0.7 if strong else 0.3,
    )


def _nothing_left(c: Curves, dropout: float) -> Opinion:
    return suspected(
        f"Dropout rubs out {percent(dropout)} of the features, and the network is no better than guessing: nothing is left to learn with.",
        evidence(f"dropout of {percent(dropout)}", "dropout", dropout, reference=NEARLY_ALL),
        levels(c),
        headline="Dropout leaves nothing to learn with.",
        severity="warning",
        confidence=0.7,
    )


def _varied(case: Case) -> bool:
    """Whether training images were seen to differ from pass to pass."""
    data = case.seen.data
    return any(r.split == "train" and r.images and r.same < r.images for r in data.repeats) if data else False


CONDITION = Condition(
    id="G3",
    name="over-regularised",
    title="Over-regularised",
    group="capacity",
    examine=examine,
    remedies=(
        Remedy(
            change="Halve dropout, or leave it out of convolutions.",
            effect="train as trained and val rise",
            cost="none",
            risk="a larger gap",
            settings={"dropout": 0.2},
        ),
        Remedy(
            change="Use a milder augmentation.",
            effect="train as trained rises",
            cost="none",
            risk="a larger gap",
            settings={"augment": "light"},
        ),
    ),
    explains=("underfitting", "dead-relu", "learning-rate-too-high", "learning-rate-too-low"),
    rivals=("augmentation-too-strong", "underfitting", "weight-decay-too-strong"),
    probe="a paired run with half the dropout",
)
