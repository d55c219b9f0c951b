"""A gradient that is all but gone by the time it reaches the first layers.

Means: on its way back through the layers the gradient shrinks at each of them, so that the first layers are told nothing.

Hurts: the first layers stay random, and what they throw away no later layer can use: the loss stays that of a constant answer.

Rule: in a network of 5 or more layers with weights, |gradient| / |weight| of the first quarter of the layers is under a thousandth of that of the last
quarter (medians over sampled steps), and 90 % or more of a constant answer's loss is left on training images; or it is under a ten-thousandth, and they are not learnt (accuracy surely below 90 %).

Origin: a thousandth and the loss near that of a constant answer are the catalogue's; own measurement, each at its own rate under SGD and Adam: sick
ones (6 to 12 layers of sigmoids, 20 of tanh, 20 rectified layers with the framework's initial weights) 9e-10 to 5e-5, all other networks of 3 to 21 layers
0.04 to 2.5. Adam scales each step up again, so updates alone do not tell; the gradient does.

False alarms: late in training all gradients are small, which a ratio does not feel. Rates that are lower for early layers on purpose change updates, not
gradients. Frozen first layers have no gradient and are left out.

Changes its mind: a loss that leaves the level of a constant answer.

Knows nothing about whether the forward signal died first: that is looked for at initialisation.
"""

from __future__ import annotations

from striate.core.diagnosis_records import Remedy, Where
from striate.core.wording import percent, significant
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, unseen
from striate.diagnosis.dynamics import Dynamics
from striate.diagnosis.training_end import Outcome

__all__ = ["CONDITION"]

LEAST_LAYERS = 5
VANISHED = 1e-3
STUCK = 0.9
GONE, LEARNT = 1e-4, 0.9
SQUASHING = ("sigmoid", "tanh")


def examine(case: Case) -> Opinion:
    """The gradient of the first layers beside that of the last, and whether anything was learnt."""
    moves, end = Dynamics(case), Outcome.of(case)
    if not len(moves.step) or not moves.layers:
        return unseen("the gradients of the layers were not measured")
    profile = moves.gradient_profile
    if len(profile.values) < LEAST_LAYERS:
        return absent("there are too few layers for a gradient to vanish in")
    ratio = profile.first_over_last
    if not ratio < VANISHED:
        return absent(f"the gradient of the first layers is {significant(ratio, 2)} times that of the last")
    gone = ratio < GONE and end.surely_below(LEARNT)
    if not (end.at_chance or end.left >= STUCK or gone):
        return absent("the network learns although the first layers get a small gradient")
    loss = (
        f", and {percent(min(end.left, 1.0))} of a constant answer's loss is left"
        if end.left == end.left
        else ""
    )
    quarter = max(1, len(profile.values) // 4)
    return present(
        f"The gradient shrinks to {significant(ratio, 2)} of its size on the way to the first layers{loss}: they are told nothing and stay random.",
        evidence(
            f"|gradient| / |weight| of the first {quarter} of {len(profile.values)} layers is {significant(ratio, 2)} times that of the last {quarter}",
            "gradient_profile",
            ratio,
            reference=VANISHED,
        ),
        headline="The gradient vanishes before it reaches the first layers.",
        severity="critical" if end.at_chance else "warning",
        confidence=0.9,
        where=Where(layers=tuple(name for name in moves.trained_names[:quarter])),
        remedies=_remedies(case),
    )


def _remedies(case: Case) -> tuple[Remedy, ...]:
    inside, network = case.seen.inside, case.seen.network
    kinds = {a.kind.lower() for a in inside.activations} if inside else set()
    found = []
    if any(word in kind for kind in kinds for word in SQUASHING):
        found.append(
            Remedy(
                change="Use ReLU instead of sigmoid or tanh.",
                effect="slopes of 1 pass the gradient on",
                cost="none",
            )
        )
    if network is None or not network.normalisations:
        found.append(
            Remedy(
                change="Put batch norm (or group norm) after each convolution.",
                effect="the signal keeps its size",
                cost="some time",
                settings={"norm": "batch"},
            )
        )
    if network is None or not network.additions:
        found.append(
            Remedy(
                change="Add residual connections around every two layers.", effect="the gradient has a short way", cost="none",
                settings={"skip": True},
            )
        )  # fmt: skip
    found.append(
        Remedy(change="Initialise for the activation: Kaiming for ReLU, Xavier for tanh.", cost="none")
    )
    return tuple(found)


CONDITION = Condition(
    id="A1",
    name="vanishing-gradient",
    title="Vanishing gradient",
    group="dynamics",
    examine=examine,
    remedies=(Remedy(change="Use ReLU, a normalisation and residual connections.", cost="none"),),
    explains=(
        "underfitting",
        "learning-rate-too-low",
        "depth-without-skips",
        "stopped-too-early",
        "dead-relu",
        "bad-initialisation",
    ),
    rivals=("learning-rate-too-low", "bad-initialisation", "dead-relu", "parameters-not-updated"),
)
