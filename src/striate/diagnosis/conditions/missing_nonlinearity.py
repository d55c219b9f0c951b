"""A network without non-linearities: however deep, it is one linear map.

Means: nothing but affine maps stands between the layers that have parameters, so that all of them could be multiplied into one.

Hurts: the network can only draw straight boundaries; its depth costs time and buys nothing.

Rule: two or more layers with parameters, and the walk found nothing but affine maps between them; or, where the walk could not tell, the
network's answers obey f(a) + f(b) = f(a + b) + f(0) to 1e-4 of their spread. Suspected only, when the one thing between the layers that is not affine is a
pooling by maximum: no activation was seen at all. Where the training images are learnt all the same (accuracy not surely below 95 %), it is only worth knowing.

Origin: exact, but for the 1e-4 of the catalogue: single precision leaves about 1e-6, sound networks had 0.24 to 1.1 (own measurement).

False alarms: linear bottlenecks and separable convolutions have non-linearities elsewhere. A single linear layer is meant to be one.

Changes its mind: an operator that the walk did not know as affine.

Knows nothing about whether a linear network would be good enough.
"""

from __future__ import annotations

from striate.core.diagnosis_records import Remedy
from striate.core.inside_records import NetworkSeen
from striate.core.wording import count, significant
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, suspected, unseen
from striate.diagnosis.training_end import Outcome

__all__ = ["CONDITION"]

AFFINE = 1e-4
LEAST_LAYERS = 2
LEARNT = 0.95
HEADLINE = "There is no non-linearity between the layers."


def examine(case: Case) -> Opinion:
    """What the walk and the test of affinity say."""
    network, inside = case.seen.network, case.seen.inside
    if network is None:
        return unseen("the network was not looked at")
    layers = len(inside.layers) if inside and inside.layers else _weighted(network)
    if layers < LEAST_LAYERS and (inside is not None or network.layers):
        return absent("there are no two layers for a non-linearity to stand between")
    end = Outcome.of(case)
    felt = not end.known or end.surely_below(LEARNT)
    if network.nonlinear is False:
        return _linear(network, layers, felt)
    residual = network.affine_residual
    if network.nonlinear is None and residual is None:
        return unseen("the walk through the network could not tell")
    # Where non-linearities were seen, answers that are affine nevertheless have another reason: zero weights, dead units.
    if network.nonlinear is None and residual is not None and residual < AFFINE:
        return _linear(network, layers, felt)
    if (
        inside is not None
        and inside.probe_step
        and not inside.activations
        and network.layers
        and not _other_units(network)
    ):
        return _only_pooling(layers, felt)
    return absent("there are non-linearities between the layers")


def _weighted(network: NetworkSeen) -> int:
    return sum(1 for layer in network.layers if layer.multiply_adds > 0)


def _other_units(network: NetworkSeen) -> bool:
    """Whether something that is neither a layer with weights nor a pool, norm, dropout or reshaping may be a non-linearity of its own."""
    plain = ("conv", "linear", "pool", "norm", "dropout", "flatten", "identity", "mean", "add", "cat", "avg")
    return any(not any(word in layer.kind.lower() for word in plain) for layer in network.layers)


def _linear(network: NetworkSeen, layers: int, felt: bool) -> Opinion:
    residual = network.affine_residual
    seen = [
        evidence(
            f"{count(layers, 'layer')} with weights, and only affine maps between them",
            "layers",
            float(layers),
        )
    ]
    if residual is not None:
        seen.append(
            evidence(
                f"f(a) + f(b) differs from f(a + b) + f(0) by {significant(residual, 2)} of what answers differ by",
                "affine_residual",
                residual,
                reference=AFFINE,
            )
        )
    return present(
        "The whole network is one linear map: no activation stands between its layers, so they do the work of a single one.",
        *seen,
        headline=HEADLINE,
        severity="warning" if felt else "info",
        confidence=0.97,
    )


def _only_pooling(layers: int, felt: bool) -> Opinion:
    return suspected(
        "No activation was seen in the network: only its pooling keeps the layers from being one linear map.",
        evidence(f"{count(layers, 'layer')} with weights and no activation", "layers", float(layers)),
        headline=HEADLINE,
        severity="warning" if felt else "info",
        confidence=0.7,
    )


CONDITION = Condition(
    id="A8",
    name="missing-nonlinearity",
    title="No non-linearity between layers",
    group="dynamics",
    examine=examine,
    remedies=(
        Remedy(
            change="Put a ReLU after each convolution and hidden linear layer (or after its normalisation).",
            effect="the network can bend its boundaries",
            cost="none",
        ),
    ),
    explains=("underfitting", "bad-initialisation", "depth-without-skips"),
    rivals=("underfitting", "learning-rate-too-low"),
    probe="A paired run with ReLU between the layers.",
)
