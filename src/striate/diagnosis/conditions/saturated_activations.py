"""Sigmoids or tanhs that stand at their limits, where their slope is next to nothing.

Means: the inputs of these units are so large that the answer is 0 or 1 (-1 or 1) whatever changes a little.

Hurts: a slope near 0 lets hardly any gradient through: the layers before learn slowly or not at all.

Rule: more than half of a layer's values are saturated (|tanh| > 0.97, sigmoid outside [0.03, 0.97]) at each of the last three probes. It is warned of
when training images are not learnt (accuracy surely below 95 %), or when layers were as full before the first step and what is learnt does not carry over:
accuracy on training images is above that on val by 5 points and four standard errors. Otherwise it is only worth knowing. Gates are left out.

Origin: bounds and half are the catalogue's, the gap is that of overfitting. Own measurement: tanh networks whose initial weights were 6 and 10 times
too large learnt their training images (96 and 100 %) and lost 9 and 11 points on val, with 81 and 86 % saturated at the end; sigmoids at 30
times lost 25 points, with 87 %. A tanh network with usual weights ends with none over half.

False alarms: trained tanh networks saturate some of their units because they are sure; then the images are learnt and nothing is said.

Changes its mind: units that come off their limits at a later probe.

Knows nothing about activations without limits.
"""

from __future__ import annotations

from striate.core.diagnosis_records import Remedy, Where
from striate.core.wording import percent
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, unseen
from striate.diagnosis.dynamics import Dynamics
from striate.diagnosis.training_end import Outcome, falls_short_on_val

__all__ = ["CONDITION"]

MOSTLY, LEARNT = 0.5, 0.95
LAST = 3
SQUASHING = ("tanh", "sigmoid")
NAMED = 8


def examine(case: Case) -> Opinion:
    """Which layers stand at their limits, and whether the images are learnt."""
    moves, end = Dynamics(case), Outcome.of(case)
    if len(moves.inside.probe_step) < LAST:
        return unseen("activations were not probed three times")
    layers = [a for a in moves.inside.activations if any(word in a.kind.lower() for word in SQUASHING)]
    if not layers:
        return absent("no activation of this network has limits to stand at")
    full = [a for a in layers if len(a.saturated) >= LAST and min(a.saturated[-LAST:]) > MOSTLY]
    if not full:
        return absent(
            f"at most {percent(max((a.saturated[-1] for a in layers if a.saturated), default=0.0))} of a layer's values are saturated"
        )
    worst = max(full, key=lambda a: a.saturated[-1])
    short = end.surely_below(LEARNT)
    felt = short or (any(a.saturated[0] > MOSTLY for a in full) and falls_short_on_val(case))
    cost = (
        ", and the training images are not learnt"
        if short
        else ", and little of it carries over to val"
        if felt
        else ""
    )
    return present(
        f"{percent(worst.saturated[-1])} of what {worst.name} puts out stands at its limits, where the slope is next to nothing{cost}.",
        evidence(
            f"in {worst.name} {percent(worst.saturated[-1])} of the values are saturated at the last probe, {percent(worst.saturated[0])} before training",
            "saturated",
            worst.saturated[-1],
            reference=MOSTLY,
        ),
        evidence(
            f"{len(full)} of {len(layers)} layers are saturated at the last {LAST} probes",
            "saturated_layers",
            float(len(full)),
        ),
        headline="Activations are saturated.",
        severity="warning" if felt else "info",
        confidence=0.88,
        where=Where(layers=tuple(a.name for a in full[:NAMED])),
    )


CONDITION = Condition(
    id="A4",
    name="saturated-activations",
    title="Saturated activations",
    group="dynamics",
    examine=examine,
    remedies=(
        Remedy(change="Use ReLU.", effect="its slope is 1 however large its input", cost="none"),
        Remedy(
            change="Standardise the inputs, and draw weights by Xavier's rule.",
            effect="inputs stay where slopes are large",
            cost="none",
        ),
        Remedy(change="Put batch norm before the activation.", cost="some time", settings={"norm": "batch"}),
    ),
    explains=(
        "underfitting",
        "overfitting",
        "vanishing-gradient",
        "learning-rate-too-low",
        "stopped-too-early",
    ),
    rivals=("vanishing-gradient", "bad-initialisation", "input-not-scaled"),
)
