"""Rectified units that answer 0 to every image, and so get no gradient to come back by.

Means: the input of a unit is negative for all probe images and at all positions, at each of the last three probes: its slope there is 0.

Hurts: the unit takes no part any more; a layer with few live units is a bottleneck, a layer with none cuts the network in two.

Rule: a layer of rectifiers (slope exactly 0 below 0) has more than 40 % of its channels dead at the last three probes, or more than 95 % of them. It is
warned of when more than half of a layer that was alive before training is dead, or 70 % of one that was not, so that fewer than two units a class are left, or 80 %
are dead anyway, and training images are not learnt (accuracy
surely below 95 %) or are learnt by heart (above val by 5 points and four standard errors); otherwise it is only worth knowing. Whether the units were dead before the first step, died with one burst of the rate, or little by little is said.

Origin: 40 and 95 % are the catalogue's, half, 70 and 80 % and two units a class own starting values: small maps
of few probe images leave up to half of the channels of an untrained layer without one value above 0. Own measurement: runs that end well had at most 46 % of one layer dead (3 to 30 times
the tuned rate) and 10 % at the tuned rate; rates that cost 5 points or more by killing units left 83 to 100 % of one layer dead. Biases of -2, -5 and -10 left a layer dead as a whole in every run; bursts of 30 and 60 times the rate 83 to 91 %.

False alarms: a unit that is 0 for most images is sparse, not dead: one image of the probe that wakes it counts. Wide layers do without some units.

Changes its mind: an image that wakes the units.

Knows nothing about leaky activations: their units get a gradient everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence

from striate.core.diagnosis_records import Remedy, Where
from striate.core.inside_records import ActivationSeries
from striate.core.wording import percent
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, unseen
from striate.diagnosis.dead_units import rectifiers
from striate.diagnosis.dynamics import Burst, Dynamics
from striate.diagnosis.training_end import Outcome, falls_short_on_val

__all__ = ["CONDITION"]

MANY, MOST, MOST_BORN, ALL = 0.4, 0.5, 0.7, 0.95
HARDLY_ANY_LEFT, LIVE_FOR_CLASS = 0.8, 2
LEARNT = 0.95
BORN_DEAD = 0.2
LEAST_PROBES = 3
NAMED = 8


def examine(case: Case) -> Opinion:
    """Which layers lost how many of their units, since when, and whether that was felt."""
    moves, end = Dynamics(case), Outcome.of(case)
    if len(moves.inside.probe_step) < LEAST_PROBES:
        return unseen("activations were not probed three times")
    layers = rectifiers(moves.inside)
    if not layers:
        return absent("there are no rectifiers")
    dead = [a for a in layers if a.stuck > MANY]
    if not dead:
        return absent(f"at most {percent(max(a.stuck for a in layers))} of a layer's channels stay dead")
    worst = max(dead, key=lambda a: a.stuck)
    felt = (end.surely_below(LEARNT) or falls_short_on_val(case)) and any(
        _narrowed(a, case.classes) for a in dead
    )
    return present(
        _sentence(worst, felt),
        evidence(_worst_words(worst, moves.inside.probe_n), "dead_channels", worst.stuck, reference=MANY),
        evidence(
            f"{percent(_lost(layers))} of all channels behind rectifiers are dead, in {len(dead)} of {len(layers)} layers more than {percent(MANY)}",
            "dead_share",
            _lost(layers),
        ),
        evidence(
            _since(dead, moves.burst, moves.inside.probe_step),
            "dead_before_training",
            worst.dead[0] if worst.dead else None,
        ),
        headline="Many units are dead.",
        severity="critical"
        if felt and end.at_chance and worst.stuck > ALL
        else "warning"
        if felt
        else "info",
        confidence=0.88 if felt else 0.8,
        where=Where(layers=tuple(a.name for a in sorted(dead, key=lambda a: -a.stuck)[:NAMED])),
        onset_step=_onset(worst, moves.inside.probe_step),
    )


def _narrowed(layer: ActivationSeries, classes: int) -> bool:
    """Whether so few units are left that they are a bottleneck: hardly any of the layer, or fewer than two for each class."""
    if layer.stuck <= (MOST_BORN if _born(layer) else MOST):
        return False
    return layer.stuck > HARDLY_ANY_LEFT or (1 - layer.stuck) * layer.channels < LIVE_FOR_CLASS * classes


def _lost(layers: Sequence[ActivationSeries]) -> float:
    return sum(a.stuck * a.channels for a in layers) / max(1, sum(a.channels for a in layers))


def _sentence(worst: ActivationSeries, felt: bool) -> str:
    what = f"{percent(worst.stuck)} of the channels of {worst.name} are dead: they answer 0 to every image and get no gradient"
    return f"{what}, and the network learns less than it could." if felt else f"{what}."


def _worst_words(worst: ActivationSeries, n: int) -> str:
    return f"in {worst.name} {percent(worst.stuck)} of {worst.channels} channels answer 0 to all {n} images at three probes in a row"


def _born(layer: ActivationSeries) -> bool:
    return bool(layer.dead) and layer.dead[0] > BORN_DEAD


def _since(dead: Sequence[ActivationSeries], burst: Burst | None, steps: Sequence[int]) -> str:
    if any(_born(a) for a in dead):
        return "many of them were dead before the first step: their biases or their inputs are too negative, or the signal is too small"
    if burst is not None:
        return f"they were alive before training; for {burst.steps} steps the rate was {burst.times:.3g} times the usual one"
    at = min((_onset(a, steps) or 0 for a in dead), default=0)
    return f"they were alive before the first step and died by step {at}"


def _onset(layer: ActivationSeries, steps: Sequence[int]) -> int | None:
    """The first probe at which it had as many dead channels as it has kept."""
    return next((step for step, share in zip(steps, layer.dead, strict=False) if share >= layer.stuck), None)


CONDITION = Condition(
    id="A3",
    name="dead-relu",
    title="Dead ReLU units",
    group="dynamics",
    examine=examine,
    remedies=(
        Remedy(
            change="Lower the learning rate, or let it rise over the first epoch: one large step kills units.",
            cost="none",
        ),
        Remedy(
            change="Begin biases at 0 and weights by Kaiming's rule; standardise the inputs.", cost="none"
        ),
        Remedy(
            change="Put batch norm before the activation, or use a leaky one.",
            effect="units get a gradient again",
            cost="some time",
            settings={"norm": "batch"},
        ),
    ),
    explains=(
        "underfitting",
        "vanishing-gradient",
        "learning-rate-too-low",
        "bad-initialisation",
        "stopped-too-early",
    ),
    rivals=("learning-rate-too-high", "bad-initialisation", "input-not-scaled"),
)
