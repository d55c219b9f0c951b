"""A learning rate so low that the weights hardly leave where they began.

Means: each step is far smaller than the loss would bear, and all steps together could not carry the weights anywhere.

Hurts: the network stays close to its random start; the same number of steps at a higher rate learns several times as much.

Rule: training images are not learnt (accuracy surely below 95 %, more than a tenth of a constant answer's loss left), and over the whole run the
weights of the median layer could move at most half of their own length (|dw| / |w| for each unit of rate, times the sum of all rates), and at the mean rate
curvature takes back less than a tenth of what the slope promises on the batch of a step, so that a larger step would have gone further. Established
when it is less than a fiftieth, the way is at most 0.15 and three steps were sampled; steps so small that rounding hides what one does to the loss count as
straight, where all of them together promise less than 1 % of a constant answer's loss. Also suspected, where images are not learnt: an epsilon of Adam that is larger
than the root mean square of the gradient's entries, so that it and not the gradient sets the size of steps.

Origin: own measurement, 12 hosts (digits, shapes, MNIST and CIFAR-10 at 14 and 16 pixels; plain, batch-norm, group-norm and residual nets, an MLP;
SGD with and without momentum, Adam, AdamW; constant, cosine, one-cycle, warm-up; batches of 16 to 256), rates of 1/300 to 100 of a tuned one.
Tuned: way 0.6 to 2.6, share taken back 0.05 to 0.43. At 1/300: 0.005 to 0.022 and under 0.005. At 1/30: 0.04 to 0.27 and under 0.1. At 1/5, where
that cost 3 points or more: 0.19 to 0.4 and 0.008 to 0.1. The way and the share taken back both shrink in proportion to the rate. On seven hosts of the
project's clinic, watched with 1 to 14 samples a run, sound runs had ways of 1.4 to 125.

False alarms: fine-tuning, where the task is half done before the first step: a network that knew some of it is left out. A run of few steps at a
normal rate: curvature takes back its usual share there, and it stopped too early instead. Frozen layers do not count.

Changes its mind: a run at ten times the rate that learns no more.

Knows nothing about why steps are small: clipping and a large epsilon are looked for elsewhere.
"""

from __future__ import annotations

import math

import numpy as np

from striate.core.diagnosis_records import Evidence, Remedy
from striate.core.wording import percent, significant
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, suspected, unseen
from striate.diagnosis.dead_units import rectifiers
from striate.diagnosis.dynamics import Dynamics, median
from striate.diagnosis.training_end import Outcome, knew_before

__all__ = ["CONDITION"]

LEARNT, LOSS_LEFT = 0.95, 0.1
FAR, HARDLY = 0.5, 0.15
BENT, STRAIGHT = 0.1, 0.02
LITTLE = 0.01
"""Of a constant answer's loss; what all steps together promise. Own starting value."""
USUAL_BEND = 0.15
"""Median share taken back at tuned rates, own measurement."""
FEW_SAMPLES = 3
EPSILON = 1e-3
"""Adam's usual epsilon is 1e-8; above this it often outweighs the root of the second moment. Own starting value."""
MOST_DEAD = 0.5
DEEP, VANISHED = 5, 1e-3
"""Of vanishing-gradient."""
FACTORS = (3, 10, 30, 100)


def examine(case: Case) -> Opinion:
    """Whether steps were far below what the loss would bear, and too few of them to make up for it."""
    moves, end = Dynamics(case), Outcome.of(case)
    if not len(moves.step) or not moves.layers:
        return unseen("the updates of the weights were not measured")
    if not end.known:
        return unseen("no accuracy on training images was measured")
    if not case.seen.epochs:
        return unseen("not one epoch was finished: no rate goes far in less")
    if not end.surely_below(LEARNT) or end.left < LOSS_LEFT:
        return absent("the training images are learnt")
    if knew_before(case):
        return absent(
            "the network could do some of the task before its first step: small steps are usual in fine-tuning"
        )
    path = moves.path * moves.planned_share
    size = _gradient_size(moves)
    if _epsilon(case) > size > 0 and path >= FAR:
        return _drowned(_epsilon(case), size)
    if not path < FAR:
        return absent(f"the weights could move {significant(path, 2)} times their own length")
    bend = moves.mean_bend
    if math.isnan(bend) and 0 < _promised(moves) < LITTLE * moves.prior:
        bend = 0.0  # what a single step promises drowns in rounding, and so does what curvature takes back
    if not bend < BENT:
        return absent(f"curvature already takes back {percent(bend)} of what a step promises")
    if len(moves.layers) >= DEEP and moves.gradient_profile.first_over_last < VANISHED:
        return absent("the gradient vanishes on its way to the first layers: a larger rate would not help")
    if any(a.stuck > MOST_DEAD for a in rectifiers(moves.inside)):
        return absent(
            "most of a layer is dead, so that hardly any gradient arrives: a larger rate would not help"
        )
    return _low(case, moves, path, bend)


def _low(case: Case, moves: Dynamics, path: float, bend: float) -> Opinion:
    factor = _factor(bend)
    seen = _evidence(case, moves, path, bend)
    sentence = (
        f"The learning rate is too low for this many steps: it could be about {factor} times as high, and the weights have hardly left "
        "where they began."
    )
    headline = "The learning rate is too low."
    remedies = _remedies(moves.rate, factor)
    if bend < STRAIGHT and path < HARDLY and len(moves.step) >= FEW_SAMPLES:
        return present(sentence, *seen, headline=headline, confidence=0.9, remedies=remedies)
    return suspected(
        sentence, *seen, headline=headline, severity="warning", confidence=0.8, remedies=remedies
    )


def _evidence(case: Case, moves: Dynamics, path: float, bend: float) -> list[Evidence]:
    way = f"over the whole run the weights could move at most {significant(path, 2)} times their own length"
    taken = (
        f"of what the slope promises for a step, curvature takes back {percent(max(bend, 0.0))} (about "
        f"{percent(USUAL_BEND)} at a well-chosen rate)"
    )
    ratio = f"a step changes a weight by {significant(moves.ratio, 2)} of its length in the median"
    seen = [
        evidence(way, "path", path, reference=FAR),
        evidence(taken, "bend", bend, reference=BENT),
        evidence(ratio, "update_ratio", moves.ratio),
    ]
    if math.isnan(moves.mean_bend):
        promised = f"all steps together promise to lower the loss by {significant(_promised(moves), 2)} nats, of {significant(moves.prior, 3)} for a constant answer"
        seen[1] = evidence(promised, "promised", _promised(moves), reference=LITTLE * moves.prior)
    epsilon = _epsilon(case)
    if epsilon >= EPSILON:
        small = f"epsilon is {significant(epsilon)}, which makes the steps of Adam small"
        seen.append(evidence(small, "epsilon", epsilon, reference=1e-8))
    return seen


def _epsilon(case: Case) -> float:
    """Adam's, 0 where it is another optimiser or not known."""
    setting = case.seen.setting
    return setting.epsilon or 0.0 if "adam" in setting.optimizer.lower() else 0.0


def _gradient_size(moves: Dynamics) -> float:
    """Root mean square of a gradient's entries, in the median layer and step: what Adam divides by, about."""
    counts = np.array([[layer.parameters] for layer in moves.layers], dtype=np.float64)
    return median((moves.grad / np.sqrt(counts)).ravel())


def _promised(moves: Dynamics) -> float:
    """Nats by which the slopes promise to lower the loss over all steps: the median promise times their number."""
    return median(np.abs(moves.predicted)) * moves.steps


def _drowned(epsilon: float, size: float) -> Opinion:
    return suspected(
        f"Adam adds an epsilon of {significant(epsilon)} to gradients of about {significant(size, 2)} before it divides by them: steps no longer have their usual "
        "size, and shrink with the gradient.",
        evidence(
            f"epsilon is {significant(epsilon / size, 2)} times the size of a gradient's entries",
            "epsilon_over_gradient",
            epsilon / size,
            reference=1.0,
        ),
        headline="Adam's epsilon makes the steps too small.",
        severity="warning",
        confidence=0.65,
        remedies=(
            Remedy(
                change="Use the usual epsilon of 1e-8.",
                effect="every weight moves by about the rate",
                cost="none",
            ),
        ),
    )


def _factor(bend: float) -> int:
    """The step that is to be tried: what curvature takes back grows in proportion to the rate."""
    wanted = USUAL_BEND / max(bend, 1e-6)
    return max((f for f in FACTORS if f <= wanted), default=FACTORS[0])


def _remedies(lr: float | None, factor: int) -> tuple[Remedy, ...]:
    tried = (
        f"{significant(lr * factor, 2)} instead of {significant(lr, 2)}" if lr else f"{factor} times as high"
    )
    return (
        Remedy(
            change=f"Try a learning rate of {tried}.",
            effect="more is learnt in as many steps",
            cost="none",
            risk="too high a rate makes the loss jump: go in steps of 3 to 10",
            settings={"lr": float(significant(lr * factor, 2))} if lr else {},
        ),
        Remedy(change="Train for many more epochs.", cost="time, in proportion"),
    )


CONDITION = Condition(
    id="O2",
    name="learning-rate-too-low",
    title="Learning rate too low",
    group="dynamics",
    examine=examine,
    remedies=(Remedy(change="Try a learning rate 10 times as high.", cost="none"),),
    explains=("underfitting", "stopped-too-early"),
    rivals=("stopped-too-early", "vanishing-gradient", "clipping-too-tight", "bad-initialisation"),
    probe="A paired run at 10 times the rate for as many steps: it lowers the training loss at least twice as far.",
)
