"""A network that throws away detail of small images at once, or works on tiny maps.

Means: the first layers shrink a small image fourfold, as a stem for large photographs does; or much of the work is done on maps of 2 x 2 or less.

Hurts: detail that small images have is lost before anything looks at it; late layers cost time and add no view.

Rule: on images of up to 64 pixels the first two layers with a window reduce the map at least fourfold; or the last map is at most 2 x 2
while 30 % of the multiply-adds stand in layers that already got maps whose units see the whole image. Both are only worth knowing, as long as the
training images are learnt, the second only where val falls short of them. The first is warned of, as suspected, when they surely are not (accuracy below 90 %) though updates were of a usual size.

Origin: fourfold, 64 pixels and 30 % are the catalogue's (the border layer of Richter et al. 2021; He et al. 2016 use a stem of stride 1 on
CIFAR-10). 90 % is a starting value.

False alarms: pretrained networks at the size they were made for; digits, whose strokes survive a stem of stride 4.

Changes its mind: a stem of stride 1 that learns no more in a paired run.

Knows nothing about which detail the classes differ by.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from striate.core.diagnosis_records import Evidence, Remedy
from striate.core.layer_records import LayerFact
from striate.core.wording import percent
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, suspected, unseen
from striate.diagnosis.dynamics import Dynamics
from striate.diagnosis.hints import EARLY_REDUCTION, SMALL_IMAGE, early_reduction, sees_all
from striate.diagnosis.training_end import Outcome, falls_short_on_val, knew_before

__all__ = ["CONDITION"]

LEARNT = 0.9
TINY, LATE_WORK = 2, 0.3
FAR = 0.5
"""See learning-rate-too-low."""


def examine(case: Case) -> Opinion:
    """What the shapes of the maps say, and whether the network falls short on what it was trained on."""
    network, end = case.seen.network, Outcome.of(case)
    if network is None or not network.layers or len(network.input_size) < 3:
        return unseen("the network was not walked through")
    image = network.input_size[1:]
    early = early_reduction(network.layers, image)
    late = _late(network.layers, image)
    if not early and late is None:
        return absent("maps shrink gradually")
    if not early and end.known and not end.surely_below(LEARNT) and not falls_short_on_val(case):
        return absent("the training images are learnt, and val hardly lies behind")
    seen = _evidence(early, late, image)
    moves = Dynamics(case)
    short = end.surely_below(LEARNT) and not moves.path < FAR and not knew_before(case)
    if early and short:
        return suspected(
            f"The first layers shrink the {_by(image)} image {early}-fold before anything has looked at it, and the training images are not learnt.",
            *seen,
            headline="The first layers throw away detail.",
            severity="warning",
            confidence=0.55,
        )
    return suspected(
        "The network shrinks small images early."
        if early
        else "Much of the network's work is done on maps that are too small to show anything new.",
        *seen,
        headline="The network shrinks its maps too much.",
        severity="info",
        confidence=0.5,
    )


class _Late(NamedTuple):
    """Work on maps that see everything."""

    share: float
    first: str
    size: tuple[int, ...]


def _late(layers: Sequence[LayerFact], image: tuple[int, ...]) -> _Late | None:
    windows = [layer for layer in layers if layer.multiply_adds and max(layer.kernel, default=1) > 1]
    past = sees_all(layers, image)
    total = sum(layer.multiply_adds for layer in layers)
    if not past or not total or not windows:
        return None
    size = windows[-1].output_shape[1:]
    share = sum(layer.multiply_adds for layer in past) / total
    if not size or max(size) > TINY or share < LATE_WORK:
        return None
    return _Late(share, past[0].name, size)


def _evidence(early: int, late: _Late | None, image: tuple[int, ...]) -> list[Evidence]:
    found = []
    if early:
        found.append(
            evidence(
                f"the first two layers with a window shrink {_by(image)} pixels {early}-fold (images of up to {SMALL_IMAGE} pixels)",
                "early_reduction",
                float(early),
                reference=float(EARLY_REDUCTION),
            )
        )
    if late is not None:
        found.append(
            evidence(
                f"{percent(late.share)} of the multiply-adds, from {late.first} on, get maps whose units already see the whole image; the last map is "
                f"{_by(late.size)}",
                "late_work",
                late.share,
                reference=LATE_WORK,
            )
        )
    return found


def _by(size: Sequence[int]) -> str:
    return "x".join(map(str, size))


CONDITION = Condition(
    id="A10",
    name="over-downsampling",
    title="Maps shrink too early or too far",
    group="capacity",
    examine=examine,
    remedies=(
        Remedy(
            change="Give small images a stem of stride 1 without pooling (3x3 instead of 7x7 with stride 2).",
            effect="later layers see the detail",
            cost="time: maps are larger",
        ),
        Remedy(
            change="Leave out the last stage, whose layers see no more than the ones before.",
            effect="less time",
            cost="none",
        ),
    ),
    explains=("underfitting",),
    rivals=("underfitting", "receptive-field-too-small"),
    probe="A paired run with a stem of stride 1.",
)
