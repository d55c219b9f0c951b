"""A learning rate so high that steps throw the network about instead of improving it.

Means: steps go beyond the point where the loss along their line is lowest, so that they undo what was learnt, or kill units for good.

Hurts: the loss stays above that of a constant answer, or on a plateau above what a calmer rate reaches; dead units do not come back.

Rule: training images are not learnt (accuracy surely below 95 %), and one of these is seen. Thrown: a fifth of the steps after the first tenth
have a smoothed loss 5 % above both the initial one and that of a constant answer. Jump: one sampled step raised the loss of its own batch by half
of the initial loss, or of that of a constant answer if that is more; one of the first five steps counts only where nothing was learnt. Killed: a layer of rectifiers that was alive at the start has 70 % of its channels dead at
the end, while no burst of the rate explains it. Overshoot: while the rate is still above half of its highest, curvature takes back more than
half of what the slope promises in the median step, or more than 0.3 of it with updates above 1.5 % of the weights that no normalisation follows;
that alone is suspected.

Origin: own measurement, 12 hosts (plain, batch-norm, group-norm and residual nets, an MLP; SGD, Adam, AdamW; constant, cosine, one-cycle,
warm-up), rates of 1/300 to 100 of a tuned one. Wherever a rate of 30 or 100 cost 3 points or more, one of the first three was seen; where it cost
less (batch norm with cosine at 30) none was. Largest own jump of harmless runs: 0.2 of a constant answer's loss; of harmful ones up to 10^15.
Layers with most channels dead: 0 of harmless runs. Overshoot: 0.05 to 0.41 at tuned rates, 0.58 at three times the rate where it cost 13 points.

False alarms: mixed images, whose loss is not that of the loader's labels (left out); warm-up and the peak of a one-cycle schedule, the edge of stability, large updates under batch norm: such a run ends with its images
learnt, or shows none of the first three signs. A loss far above at the start alone is a bad initialisation, and does not count.

Changes its mind: a run at a third or a tenth of the rate that ends no better.

Knows nothing about what else makes a loss jump: values that are not scaled, a broken batch and a summed loss are looked for elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from striate.core.diagnosis_records import Evidence, Remedy, Where
from striate.core.inside_records import ActivationSeries
from striate.core.wording import count, percent, significant
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, suspected, unseen
from striate.diagnosis.dead_units import killed, rectifiers
from striate.diagnosis.dynamics import Dynamics, median
from striate.diagnosis.outcome import mixed
from striate.diagnosis.training_end import Outcome

__all__ = ["CONDITION"]

LEARNT = 0.95
ABOVE, SHARE_ABOVE = 1.05, 0.2
JUMP = 0.5
OVERSHOT, OVERSHOT_SOME, LARGE_UPDATE = 0.5, 0.3, 0.015
STILL_HIGH = 0.5
FIRST_STEPS = 5
"""Own starting value: the first steps of an adaptive optimiser are as large as its rate whatever the gradient, and are made good."""
LEAST_SAMPLES, LEAST_STEPS = 5, 20
NAMED = 5
DEAD = 0.5


def examine(case: Case) -> Opinion:
    """Which signs of steps that are too long are there, and whether they had a consequence."""
    moves, end = Dynamics(case), Outcome.of(case)
    if len(moves.series_loss) < LEAST_STEPS and len(moves.step) < LEAST_SAMPLES:
        return unseen("the loss was not measured step by step")
    if not end.known:
        return unseen("no accuracy on training images was measured")
    if mixed(case):
        return unseen(
            "the loss asks for other labels than the loader's, so that losses by its labels mean little"
        )
    if not end.surely_below(LEARNT):
        return absent("the training images are learnt")
    burst, thrown = moves.burst, _thrown(moves)
    if burst is not None and burst.lasting and thrown is None and not _dead(moves):
        words = f"for {count(burst.steps, 'step')} the rate was {significant(burst.times, 2)} times the usual one, and the loss never fell below that before"
        return _high(moves, [evidence(words, "burst", burst.times, reference=1.0)], (), end.at_chance)
    if burst is not None and thrown is None:
        return absent(
            f"the rate was {significant(burst.times, 2)} times as high for {count(burst.steps, 'step')} and sound for the rest"
        )
    dead = killed(moves.inside)
    strong = [sign for sign in (thrown, _jump(moves, end.at_chance), _killed(dead)) if sign]
    if strong:
        return _high(moves, strong, tuple(a.name for a in dead), end.at_chance)
    weak = _overshoot(moves)
    if weak is None:
        return absent(
            f"no step threw the loss up, and curvature takes back {percent(moves.bend)} of what steps promise"
            if math.isfinite(moves.bend)
            else "the loss did not stay above that of a constant answer"
        )
    return suspected(
        "The learning rate looks too high: steps overshoot, and the training images are not learnt.",
        weak,
        headline="The learning rate looks too high.",
        severity="warning",
        confidence=0.6,
        remedies=_remedies(moves.rate),
    )


def _dead(moves: Dynamics) -> bool:
    """Whether units that died were seen: then they are the finding, and the burst its cause."""
    return any(a.stuck > DEAD for a in rectifiers(moves.inside))


def _thrown(moves: Dynamics) -> Evidence | None:
    level = ABOVE * max(moves.prior, moves.initial_loss if math.isfinite(moves.initial_loss) else moves.prior)
    share = moves.share_above(level)
    if not share >= SHARE_ABOVE:
        return None
    return evidence(
        f"in {percent(share)} of the steps the loss is above that before training and that of a constant answer",
        "share_above",
        share,
        reference=SHARE_ABOVE,
    )


def _jump(moves: Dynamics, at_chance: bool) -> Evidence | None:
    # A network that begins with an enormous loss falls from there in jumps: those count by its own measure.
    level = max(moves.prior, moves.initial_loss if math.isfinite(moves.initial_loss) else moves.prior)
    if not moves.worst_step >= JUMP * level or not len(moves.change):
        return None
    if np.all(moves.step[moves.change >= JUMP * level] <= FIRST_STEPS) and not at_chance:
        return None
    at = int(moves.step[int(np.nanargmax(moves.change))])
    return evidence(
        f"step {at} raised the loss of its own batch by {significant(moves.worst_step, 2)}, a constant answer has {significant(moves.prior, 3)}",
        "worst_step",
        moves.worst_step,
        reference=JUMP * level,
    )


def _killed(dead: Sequence[ActivationSeries]) -> Evidence | None:
    if not dead:
        return None
    names = ", ".join(a.name for a in dead[:NAMED])
    words = f"{count(len(dead), 'layer')} alive at the start with most channels dead at the end: {names}"
    return evidence(words, "killed_layers", float(len(dead)), reference=0.0)


def _overshoot(moves: Dynamics) -> Evidence | None:
    """In the later half of the samples, if the rate has not come down by then."""
    lr = moves.series_lr if len(moves.series_lr) else moves.lr
    if len(moves.step) < LEAST_SAMPLES or not len(lr) or not lr[-1] >= STILL_HIGH * np.max(lr):
        return None
    late = median(moves.bends[len(moves.bends) // 2 :])
    free = np.array([not layer.normalised for layer in moves.layers])
    ratio = median(moves.ratios[free].ravel()) if np.any(free) and np.mean(free) > 0.5 else math.nan
    if not (late > OVERSHOT or (late > OVERSHOT_SOME and ratio > LARGE_UPDATE)):
        return None
    return evidence(
        f"curvature takes back {percent(late)} of what the slope promises in the median step of the later half; 50 % is the lowest point "
        "along a step",
        "bend",
        late,
        reference=OVERSHOT_SOME,
    )


def _high(moves: Dynamics, seen: list[Evidence], dead: tuple[str, ...], at_chance: bool) -> Opinion:
    rate = f" of {significant(moves.rate, 2)}" if moves.rate else ""
    return present(
        f"The learning rate{rate} is too high for this network: steps make the loss worse or kill units, and the images are not learnt.",
        *seen,
        headline="The learning rate is too high.",
        severity="critical" if at_chance else "warning",
        confidence=0.85 if len(seen) > 1 else 0.75,
        where=Where(layers=dead),
        remedies=_remedies(moves.rate),
    )


def _remedies(lr: float | None) -> tuple[Remedy, ...]:
    tried = f"{significant(lr / 10, 2)} instead of {significant(lr, 2)}" if lr else "a tenth of it"
    return (
        Remedy(
            change=f"Try a learning rate of {tried}, then the ones between.",
            effect="the loss falls steadily",
            cost="none",
            risk="too low a rate learns slowly",
            settings={"lr": float(significant(lr / 10, 2))} if lr else {},
        ),
        Remedy(change="Let the rate rise over the first epoch, and let it decay to 0.", cost="none"),
        Remedy(
            change="Clip the gradient norm.", effect="single steps cannot throw the network far", cost="none"
        ),
    )


CONDITION = Condition(
    id="O1",
    name="learning-rate-too-high",
    title="Learning rate too high",
    group="dynamics",
    examine=examine,
    remedies=(Remedy(change="Try a learning rate a tenth as high.", cost="none"),),
    explains=(
        "dead-relu",
        "saturated-activations",
        "underfitting",
        "schedule-fault",
        "non-finite",
        "overfitting",
        "last-not-best",
    ),
    rivals=("bad-initialisation", "input-not-scaled", "dead-relu", "learning-rate-too-low"),
    probe="Paired runs at 0.3 and 0.1 times the rate: the training loss ends lower.",
)
