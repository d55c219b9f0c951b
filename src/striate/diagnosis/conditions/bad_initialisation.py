"""Initial weights that blow the signal up, let it die, or make units all the same.

Means: before the first step the network is already in a bad place: its answers are confident nonsense, its signal changes size from layer to
layer, or units that should differ are equal and will stay so.

Hurts: training begins by undoing the start, and often kills units in doing so; what is equal gets equal gradients and never becomes different.

Rule: training images are not learnt (accuracy surely below 95 %) or learnt by heart (above val by 5 points and four standard errors), and before the first step one of these is exact or clear. Equal: in a layer two
filters have |cosine| > 0.999 in the median. Zero: the weights of the first layer, or of half of the layers, are exactly 0. Loud: the loss is above that
of a constant answer by more than 1 nat and by half of it; that is only worth knowing unless it is above five times that loss, or steps that are as large as the loss will bear
move the weights less than half of their length. Drift: through 3 or more
activations without normalisation the standard deviation changes by a factor outside [0.5, 2] in the geometric mean, and by more than 30 in all.
Faint: the last hidden activation has a standard deviation under 0.05 without normalisation, the median over layers of |W|_F / sqrt(output channels)
is under 0.4, and at the end 90 % of a constant answer's loss is still left. A network that knew some of the task before its first step is pretrained and left out.

Origin: the catalogue's numbers; 3 layers, 30 and five times are own starting values. Own measurement (plain, residual and flattening nets, an MLP):
sound networks began at up to three times the loss of a constant answer, most of them within half a nat of it; weights 3 times too large at 50 times
that loss, normal ones of size 1 at 250 to 1900 times. Equal filters had a cosine of 1.000, drawn ones up to 0.34. The last activation
had 0.14 to 1.7 in sound networks, 0.02 where weights of size 0.01 left a plain network at guessing; PyTorch's own start (variance 1 / (3 fan-in), so that
|W|_F / sqrt(output channels) is 0.58) left 0.04 behind three layers and learns; weights of size 0.01 had 0.03 to 0.17 of that.

False alarms: batch norm makes the size of weights harmless, and the last layer of a residual branch may begin at 0: neither counts unless images are not
learnt. A network whose units are dead from the start because of their biases is reported as that. Inputs in 0 to 255 also make the
first loss enormous; that is looked for in the data, and explains this.

Changes its mind: training images that are learnt after all.

Knows nothing about which distribution the weights were drawn from.
"""

from __future__ import annotations

import math

import numpy as np

from striate.core.diagnosis_records import Evidence, Remedy, Where
from striate.core.wording import significant
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, unseen
from striate.diagnosis.dead_units import rectifiers
from striate.diagnosis.dynamics import Dynamics
from striate.diagnosis.training_end import Outcome, falls_short_on_val, knew_before

__all__ = ["CONDITION", "fades_by_depth", "initial_spread"]

LEARNT = 0.95
EQUAL = 0.999
ZERO_SHARE = 0.5
LOUDER, LOUDER_TIMES, VERY_LOUD_TIMES = 1.0, 1.5, 5.0
DRIFT, DRIFT_TOTAL, LEAST_ACTIVATIONS = 2.0, 30.0, 3
FAINT, GAIN, NOTHING_LEARNT = 0.05, 0.4, 0.9
DEEP, KEPT = 20, 0.75
"""20 convolutions as for depth-without-skips; three quarters of the signal at each layer, an own starting value."""
BORN_DEAD = 0.95
FAR, BENT = 0.5, 0.1
"""Of learning-rate-too-low: steps that are as large as the loss will bear and still move weights less than half of their length."""
FIRST_STEP = 1
UNFELT = 0.3
"""Confidence in a remark: most loud starts are overcome."""


def examine(case: Case) -> Opinion:
    """What was already wrong before the first step, and whether it had a consequence."""
    network, moves, end = case.seen.network, Dynamics(case), Outcome.of(case)
    if network is None and not moves.layers:
        return unseen("the network was not seen before its first step")
    if not end.known:
        return unseen("no accuracy on training images was measured")
    if not end.surely_below(LEARNT) and not falls_short_on_val(case):
        return absent("the training images are learnt")
    if knew_before(case):
        return absent("the network knew some of the task before its first step")
    zero, equal, loud, drift = _zero(moves), _equal(case), _loud(moves), _drift(case)
    if fades_by_depth(case) and not zero and not equal and not loud:
        return absent("each layer nearly keeps the size of the signal: it is their number that makes it fade")
    faint = _faint(case) if _small_weights(moves) and (end.at_chance or end.left >= NOTHING_LEARNT) else None
    seen = [sign for sign in (equal, loud, drift, faint) if sign]
    if zero:
        return _bad(
            case, [zero, *seen], "weights that are 0 pass nothing on, and get equal gradients", 0.95, end
        )
    if any(a.dead and a.dead[0] > BORN_DEAD for a in rectifiers(moves.inside)):
        return absent("a whole layer is dead from the start, which is a condition of its own")
    if equal:
        return _bad(case, seen, "units that begin equal get equal gradients and stay equal", 0.95, end)
    if loud:
        # Many networks overcome a moderately loud start.
        too_large = moves.path < FAR and moves.mean_bend >= BENT
        felt = too_large or moves.initial_loss > VERY_LOUD_TIMES * moves.prior
        return _bad(case, seen, "the network begins with confident nonsense", 0.92, end, felt=felt)
    if faint:
        return _bad(case, seen, "the signal is so faint that biases drown it", 0.92, end)
    if drift:
        return _bad(case, seen, "the signal does not keep its size from layer to layer", 0.85, end)
    return absent("the first loss is that of guessing, and filters differ from each other")


def _zero(moves: Dynamics) -> Evidence | None:
    if not moves.layers or not len(moves.step) or moves.step[0] > FIRST_STEP:
        return None
    zero = [layer.name for layer, size in zip(moves.layers, moves.weight[:, 0], strict=True) if size == 0.0]
    if not zero or (moves.weight[0, 0] > 0 and len(zero) < ZERO_SHARE * len(moves.layers)):
        return None
    return evidence(
        f"the weights of {len(zero)} of {len(moves.layers)} layers are exactly 0 at the first step",
        "zero_layers",
        float(len(zero)),
    )


def _equal(case: Case) -> Evidence | None:
    network = case.seen.network
    if network is None or network.filter_cosine is None or not network.filter_cosine > EQUAL:
        return None
    return evidence(
        f"in one layer two filters have a cosine of {network.filter_cosine:.4f} in the median: they are the same",
        "filter_cosine",
        network.filter_cosine,
        reference=EQUAL,
    )


def _loud(moves: Dynamics) -> Evidence | None:
    loss, prior = moves.initial_loss, moves.prior
    if not loss > max(prior + LOUDER, LOUDER_TIMES * prior):
        return None
    return evidence(
        f"the loss before the first step is {significant(loss)}; that of a constant answer is {significant(prior)}",
        "initial_loss",
        loss,
        reference=prior,
    )


def initial_spread(case: Case) -> list[float]:
    """Standard deviations of the activations in order, at the probe before the first step; () with normalisation, which makes them all alike."""
    network, inside = case.seen.network, case.seen.inside
    if (
        network is None
        or network.normalisations
        or inside is None
        or not inside.probe_step
        or inside.probe_step[0] > 0
    ):
        return []
    return [a.std[0] for a in sorted(inside.activations, key=lambda a: a.depth) if a.std]


def fades_by_depth(case: Case) -> bool:
    """Whether the signal is faint after so many convolutions in a row that no single one of them is to blame."""
    network, spread = case.seen.network, initial_spread(case)
    if (
        network is None
        or network.convolutions < DEEP
        or network.additions
        or len(spread) < DEEP
        or not all(x > 0 for x in spread)
    ):
        return False
    total = spread[-1] / spread[0]
    return total < 1 / DRIFT_TOTAL and total ** (1 / (len(spread) - 1)) > KEPT


def _small_weights(moves: Dynamics) -> bool:
    """Whether weights begin smaller than any usual start makes them: a signal that a usual start leaves faint is learnt from, at the right rate."""
    if not moves.layers or not len(moves.step) or moves.step[0] > FIRST_STEP:
        return False
    gains = [
        size / math.sqrt(layer.width) for layer, size in zip(moves.layers, moves.weight[:, 0], strict=True)
    ]
    return float(np.median(gains)) < GAIN


def _faint(case: Case) -> Evidence | None:
    spread = initial_spread(case)
    if not spread or not 0 < spread[-1] < FAINT:
        return None
    return evidence(
        f"the last hidden activation has a standard deviation of {significant(spread[-1], 2)} before training",
        "last_std",
        spread[-1],
        reference=FAINT,
    )


def _drift(case: Case) -> Evidence | None:
    spread = initial_spread(case)
    if len(spread) < LEAST_ACTIVATIONS or not all(math.isfinite(s) and s > 0 for s in spread):
        return None
    total = spread[-1] / spread[0]
    mean = float(np.exp(math.log(total) / (len(spread) - 1)))
    if 1 / DRIFT <= mean <= DRIFT or 1 / DRIFT_TOTAL <= total <= DRIFT_TOTAL:
        return None
    return evidence(
        f"from one activation to the next the standard deviation changes {significant(mean, 2)}-fold, {significant(total, 2)}-fold over {len(spread)} of them",
        "std_ratio",
        mean,
        reference=1.0,
    )


def _bad(
    case: Case, seen: list[Evidence], why: str, confidence: float, end: Outcome, felt: bool = True
) -> Opinion:
    network = case.seen.network
    normalised = bool(network and network.normalisations)
    return present(
        f"The initial weights are bad: {why}, and the network learns less than it could.",
        *seen,
        headline="The network is badly initialised.",
        severity="info" if not felt else "critical" if end.at_chance else "warning",
        confidence=confidence if felt else UNFELT,
        where=Where(),
        remedies=CONDITION.remedies if not normalised else CONDITION.remedies[:1],
    )


CONDITION = Condition(
    id="A5",
    name="bad-initialisation",
    title="Bad initialisation",
    group="dynamics",
    examine=examine,
    remedies=(
        Remedy(
            change="Initialise anew: Kaiming (variance 2 / fan-in) for layers before a ReLU, the framework's own for the last.",
            effect="the signal keeps its size, and units differ",
            cost="none",
        ),
        Remedy(
            change="Put a normalisation after each convolution: the size of its weights then does not matter.",
            cost="some time",
            settings={"norm": "batch"},
        ),
    ),
    explains=(
        "dead-relu",
        "learning-rate-too-high",
        "learning-rate-too-low",
        "saturated-activations",
        "vanishing-gradient",
        "underfitting",
        "overfitting",
        "stopped-too-early",
        "weight-decay-too-strong",
    ),
    rivals=("learning-rate-too-high", "dead-relu", "vanishing-gradient", "input-not-scaled"),
)
