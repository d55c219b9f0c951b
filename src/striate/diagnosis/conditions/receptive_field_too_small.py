"""A last map whose units see only a small part of the image before everything is averaged.

Means: the answer is a mean over patches: no unit ever compares two things that lie further apart than its receptive field.

Hurts: what depends on how distant parts stand to each other cannot be learnt, with however many channels or epochs.

Rule: the receptive field before global pooling is under half of the image on an axis, and training images are not learnt (accuracy surely below
90 %, or simple judges that see the whole image surely better on val). That alone is suspected and only worth knowing: textures need no large field. It is warned of when
the field is under 0.3 of a side on both axes, or training images are answered no better than by guessing, or such judges do better, while updates are of a usual size (so
that the rate is not to blame) and no layer is dead.

Origin: half is the catalogue's starting value, 0.3 an own one: small classifiers of CIFAR-10 with a field of 12 of 32 pixels get by, and
BagNet (Brendel & Bethge 2019) shows how gradual the loss is. What other fields cost was not measured here.

False alarms: textures and colours, which patches show; heads that flatten the map see all of it and have no one field.

Changes its mind: the same network on images of half the size that learns no more.

Knows nothing about the size of what is shown in the images.
"""

from __future__ import annotations

from striate.core.diagnosis_records import Remedy
from striate.core.wording import percent
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, suspected, unseen
from striate.diagnosis.dead_units import rectifiers
from striate.diagnosis.dynamics import Dynamics
from striate.diagnosis.simple_judges import beaten
from striate.diagnosis.training_end import Outcome

__all__ = ["CONDITION"]

SMALL, VERY_SMALL = 0.5, 0.3
LEARNT = 0.9
FAR = 0.5
"""Weights that could not even move so many of their own lengths: see learning-rate-too-low."""
DEAD = 0.5


def examine(case: Case) -> Opinion:
    """The field beside the image, and whether the network falls short on what it was trained on."""
    network, end = case.seen.network, Outcome.of(case)
    if network is None or len(network.input_size) < 3:
        return unseen("the network was not walked through")
    image = network.input_size[1:]
    if network.field is None or len(network.field) != len(image):
        return absent("no map of one field is pooled as a whole")
    shares = [a / b for a, b in zip(network.field, image, strict=True)]
    if min(shares) >= SMALL:
        return absent(f"a unit sees {_by(network.field)} of {_by(image)} pixels before everything is pooled")
    if not end.known:
        return unseen("no accuracy on training images was measured")
    judges = beaten(case)
    if not end.surely_below(LEARNT) and judges is None:
        return absent(
            f"a unit sees only {_by(network.field)} of {_by(image)} pixels, which is enough for these images"
        )
    serious = (max(shares) < VERY_SMALL or end.at_chance or judges is not None) and _sound(case)
    assert end.accuracy is not None
    return suspected(
        f"A unit sees {_by(network.field)} of {_by(image)} pixels before everything is pooled: what lies further apart is never compared, and "
        "the training images are not learnt.",
        evidence(
            f"the receptive field is {percent(min(shares))} of a side of the image",
            "field_share",
            min(shares),
            reference=SMALL,
        ),
        evidence(
            f"accuracy on training images ends at {percent(end.accuracy.value)}",
            "train_accuracy",
            end.accuracy.value,
            low=end.accuracy.interval.low,
            high=end.accuracy.interval.high,
        ),
        *([judges.fact] if judges else []),
        headline="Units see too little of the image.",
        severity="warning" if serious else "info",
        confidence=0.65 if serious else 0.4,
    )


def _sound(case: Case) -> bool:
    """Whether nothing simpler keeps the network from learning: steps of a usual size, live units."""
    moves = Dynamics(case)
    if any(a.stuck > DEAD for a in rectifiers(moves.inside)):
        return False
    return not moves.layers or not moves.path < FAR


def _by(size: tuple[int, ...]) -> str:
    return "x".join(map(str, size))


CONDITION = Condition(
    id="A9",
    name="receptive-field-too-small",
    title="Receptive field too small",
    group="capacity",
    examine=examine,
    remedies=(
        Remedy(
            change="Let units see the image: pool or stride once more before the last layers, dilate, or add layers.",
            effect="distant parts are compared",
            cost="none with pooling; time with more layers",
        ),
        Remedy(change="Replace global pooling by a flattened map of a few positions.", cost="parameters"),
    ),
    explains=("underfitting",),
    rivals=("underfitting", "learning-rate-too-low", "over-downsampling"),
    probe="Train on images of half the size: if that learns more, the field was too small.",
)
