"""Many convolutions one after another without a residual connection.

Means: the image passes 20 convolutions or more on its longest way, and nowhere is a tensor added to one that it came from.

Hurts: such networks end with a higher *training* loss than their own half, and than the same network with additions (He et al. 2016, fig. 1).

Rule: at least 20 convolutions on the longest path (14 without any normalisation), as many on the shortest (no additions and no concatenations where that is not
known), and training images are not learnt (accuracy surely below
90 %): suspected. It is warned of when updates were of a usual size, so that the rate is not to blame, and no layer is dead; or when
the signal fades more than 30-fold on its way before training although each layer keeps three quarters of it.

Origin: 20 layers are the catalogue's; 14 are an own starting value, more than VGG has, which needed its shallow layers trained first. A batch-norm network of 25 convolutions in a row lost 19 points on val to one of 5 (own measurement). How far gradients
of neighbouring pixels correlate (Balduzzi et al. 2017) is not asked: before training it was between -0.3 and 0.1 in all networks of 3 to 25 convolutions,
sound ones too.

False alarms: with batch norm and a moderate depth such networks learn (VGG, plain-20); then the images are learnt and nothing is said.

Changes its mind: a paired run with additions, or at half the depth, that learns no more.

Knows nothing about the width of layers.
"""

from __future__ import annotations

from striate.core.diagnosis_records import Remedy
from striate.core.inside_records import NetworkSeen
from striate.core.wording import count, percent, significant
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, suspected, unseen
from striate.diagnosis.conditions.bad_initialisation import fades_by_depth, initial_spread
from striate.diagnosis.dead_units import rectifiers
from striate.diagnosis.dynamics import Dynamics
from striate.diagnosis.training_end import Outcome

__all__ = ["CONDITION"]

DEEP, DEEP_WITHOUT_NORMS = 20, 14
LEARNT = 0.9
FAR = 0.5
"""See learning-rate-too-low."""
DEAD = 0.9
JOINS = ("cat", "concat", "concatenate")


def examine(case: Case) -> Opinion:
    """Depth, additions, and whether the network falls short on what it was trained on."""
    network, end = case.seen.network, Outcome.of(case)
    if network is None or not network.convolutions:
        return unseen("the network was not walked through")
    deep = DEEP if network.normalisations else DEEP_WITHOUT_NORMS
    if network.convolutions < deep:
        return absent(f"the longest path has {network.convolutions} convolutions")
    if network.shortest and network.shortest < deep:
        return absent(f"the shortest way has only {count(network.shortest, 'convolution')}")
    if network.additions and not network.shortest:
        return absent(f"{network.additions} additions give the gradient a short way")
    if any(layer.kind.lower() in JOINS for layer in network.layers):
        return absent("branches are joined by concatenation, which is a short way for the gradient too")
    if not end.known:
        return unseen("no accuracy on training images was measured")
    if not end.surely_below(LEARNT):
        return absent(f"{network.convolutions} convolutions without an addition learn these images")
    return _deep(case, network, end)


def _deep(case: Case, network: NetworkSeen, end: Outcome) -> Opinion:
    moves = Dynamics(case)
    moved = not moves.layers or not moves.path < FAR
    fades = fades_by_depth(case)
    serious = fades or (moved and not any(a.stuck > DEAD for a in rectifiers(moves.inside)))
    deep, level = network.convolutions, end.accuracy.value if end.accuracy else float("nan")
    seen = [
        evidence(
            f"{deep} convolutions on the longest path, and no short way", "convolutions", deep, reference=DEEP
        ),
        evidence(f"accuracy on training images ends at {percent(level)}", "train_accuracy", level),
    ]
    if fades:
        spread = initial_spread(case)
        words = f"before training the signal fades from {significant(spread[0], 2)} to {significant(spread[-1], 2)} on its way"
        seen.append(evidence(words, "std_ratio", spread[-1] / spread[0]))
    return suspected(
        f"{deep} convolutions follow each other without a residual connection, and the training images are not learnt.",
        *seen,
        headline="The network is deep and has no residual connections.",
        severity="warning" if serious else "info",
        confidence=0.75 if fades else 0.6 if serious else 0.4,
    )


CONDITION = Condition(
    id="A2",
    name="depth-without-skips",
    title="Depth without residual connections",
    group="dynamics",
    examine=examine,
    remedies=(
        Remedy(
            change="Add residual connections around every two convolutions.",
            effect="as deep a network learns what a shallow one does, and more",
            cost="none",
            settings={"skip": True},
        ),
        Remedy(change="Use half as many layers.", effect="less time and a lower training loss", cost="none"),
    ),
    explains=("underfitting", "stopped-too-early", "learning-rate-too-low", "bad-initialisation"),
    rivals=("vanishing-gradient", "learning-rate-too-low", "learning-rate-too-high"),
    probe="Paired runs with additions, and at half the depth: the training loss ends lower.",
)
