"""Many convolutions one after another without a residual connection.

Means: the image passes 20 convolutions or more on its longest way, and nowhere is a tensor added to one that it came from.

Hurts: such networks end with a higher *training* loss than their own half, and than the same network with additions (He et al. 2016, fig. 1).

Rule: at least 20 convolutions on the longest path, no additions, and training images are not learnt (accuracy surely below 90 %): suspected. It is
warned of when updates were of a usual size and the gradient with respect to neighbouring pixels was all but uncorrelated at the start, or when the
network has no normalisation.

Origin: 20 layers are the catalogue's; the gradient that turns into white noise with depth is that of Balduzzi et al. 2017. Of the correlation, a quarter is an own starting value.

False alarms: with batch norm and a moderate depth such networks learn (VGG, plain-20); then the images are learnt and nothing is said.

Changes its mind: a paired run with additions, or at half the depth, that learns no more.

Knows nothing about the width of layers.
"""

from __future__ import annotations

from striate.core.diagnosis_records import Remedy
from striate.core.inside_records import NetworkSeen
from striate.core.wording import percent, significant
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, suspected, unseen
from striate.diagnosis.dead_units import rectifiers
from striate.diagnosis.dynamics import Dynamics
from striate.diagnosis.training_end import Outcome

__all__ = ["CONDITION"]

DEEP = 20
LEARNT = 0.9
FAR = 0.5
"""See learning-rate-too-low."""
NOISE = 0.25
DEAD = 0.9


def examine(case: Case) -> Opinion:
    """Depth, additions, and whether the network falls short on what it was trained on."""
    network, end = case.seen.network, Outcome.of(case)
    if network is None or not network.convolutions:
        return unseen("the network was not walked through")
    if network.convolutions < DEEP:
        return absent(f"the longest path has {network.convolutions} convolutions")
    if network.additions:
        return absent(f"{network.additions} additions give the gradient a short way")
    if not end.known:
        return unseen("no accuracy on training images was measured")
    if not end.surely_below(LEARNT):
        return absent(f"{network.convolutions} convolutions without an addition learn these images")
    return _deep(case, network, end)


def _deep(case: Case, network: NetworkSeen, end: Outcome) -> Opinion:
    moves = Dynamics(case)
    correlation = _first(moves.inside.gradient_correlation)
    noisy = correlation is not None and correlation < NOISE
    moved = not moves.layers or not moves.path < FAR
    lost = any(a.stuck > DEAD for a in rectifiers(moves.inside))
    serious = moved and not lost and (noisy or not network.normalisations)
    deep, level = network.convolutions, end.accuracy.value if end.accuracy else float("nan")
    seen = [
        evidence(
            f"{deep} convolutions on the longest path and no addition", "convolutions", deep, reference=DEEP
        ),
        evidence(f"accuracy on training images ends at {percent(level)}", "train_accuracy", level),
    ]
    if correlation is not None:
        words = f"gradients of neighbouring pixels correlate by {significant(correlation, 2)} at the start: white noise has 0"
        seen.append(evidence(words, "gradient_correlation", correlation, reference=NOISE))
    return suspected(
        f"{deep} convolutions follow each other without a residual connection, and the training images are not learnt.",
        *seen,
        headline="The network is deep and has no residual connections.",
        severity="warning" if serious else "info",
        confidence=0.6 if serious else 0.4,
    )


def _first(values: tuple[float, ...]) -> float | None:
    return values[0] if values and values[0] == values[0] else None


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
    explains=("underfitting", "stopped-too-early"),
    rivals=("vanishing-gradient", "learning-rate-too-low", "learning-rate-too-high"),
    probe="Paired runs with additions, and at half the depth: the training loss ends lower.",
)
