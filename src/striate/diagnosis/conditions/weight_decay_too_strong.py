"""Weight decay that takes away more than learning can put back.

Means: at every step weights shrink by a share of themselves, and here that share is so large that what the gradient adds is lost again.

Hurts: weights fall until the network can no longer tell the images apart; in the end it answers the same to all of them.

Rule: decay is on, training images are not learnt (accuracy surely below 95 %), weights of the median layer end below 0.6 of their first length, and
decay is strong by its own measure: it shrinks |w|^2 by 2 lr wd / (1 - m) of itself a step (m: momentum, 0 under Adam), which updates make good only
where |dw| / |w| reaches s = sqrt(2 lr wd / (1 - m)), and s is above 0.15. Where the optimiser mixes decay into an adaptive gradient, or its
value is not known, weights must fall below 0.05 of their length instead. Where weights were measured only in the first half of the run, it is suspected
when s is above 0.2.

Origin: balance of decay and updates as in van Laarhoven 2017. Usual recipes have s = 0.03 to 0.05 (SGD 0.1, momentum 0.9, decay 5e-4) or
less. Own measurement (plain, batch-norm and residual nets, an MLP; decay 0.01 to 0.3 under SGD): weights end at 0.72 to 1.8 of their first length in
sound runs; where decay cost 10 points or more, at 0.51 and below with s of 0.24 and above, and at 1e-3 and below where nothing was left.

False alarms: under batch norm weights may fall far and nothing is lost: then the images are learnt. Long runs with usual decay shrink weights too; s
stays small there.

Changes its mind: a run with a tenth of the decay that learns no more.

Knows nothing about which parameters decay should leave out.
"""

from __future__ import annotations

import math

import numpy as np

from striate.core.diagnosis_records import Evidence, Remedy
from striate.core.wording import percent, significant
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, suspected, unseen
from striate.diagnosis.dynamics import Dynamics, median
from striate.diagnosis.training_end import Outcome, knew_before

__all__ = ["CONDITION"]

LEARNT = 0.95
FALLEN, GONE = 0.6, 0.05
STRONG = 0.15
SURELY_STRONG, LATE = 0.2, 0.5
ADAPTIVE = ("adam", "rmsprop", "adagrad", "lamb")
DECOUPLED = ("adamw", "nadamw", "lamb")


def examine(case: Case) -> Opinion:
    """How far weights fell, and whether decay was strong enough to be what pulled them."""
    moves, end = Dynamics(case), Outcome.of(case)
    decay = case.seen.setting.weight_decay
    if decay == 0:
        return absent("weight decay is off")
    if not len(moves.step) or not moves.layers:
        return unseen("the weights of the layers were not measured")
    if not end.known:
        return unseen("no accuracy on training images was measured")
    if not end.surely_below(LEARNT):
        return absent("the training images are learnt")
    if knew_before(case):
        return absent("the network knew some of the task before its first step")
    balance = _balance(case, moves)
    if moves.step[-1] < LATE * moves.steps:
        return _by_setting(decay, balance)
    fall = _fall(moves)
    if not fall < (FALLEN if balance is not None else GONE):
        return absent(f"weights of the median layer end at {significant(fall, 2)} times their first length")
    if balance is not None and balance < STRONG:
        return absent(f"decay is made good by updates of {percent(balance)} of a weight, as in usual recipes")
    return _strong(decay, fall, balance, end)


def _fall(moves: Dynamics) -> float:
    with np.errstate(divide="ignore", invalid="ignore"):
        return median((moves.weight[:, -1] / moves.weight[:, 0])[moves.moving])


def _balance(case: Case, moves: Dynamics) -> float | None:
    """S = sqrt(2 lr wd / (1 - m)); None where decay does not act by itself, or is not known."""
    setting = case.seen.setting
    name = setting.optimizer.lower()
    coupled = any(word in name for word in ADAPTIVE) and not any(word in name for word in DECOUPLED)
    if not setting.weight_decay or not moves.rate or not name or coupled:
        return None
    adaptive = any(word in name for word in ADAPTIVE)
    momentum = 0.0 if adaptive else min(setting.momentum or 0.0, 0.999)
    return math.sqrt(2 * moves.rate * setting.weight_decay / (1 - momentum))


def _by_setting(decay: float | None, balance: float | None) -> Opinion:
    """Where weights were only measured early in the run."""
    if balance is None:
        return unseen("the weights of the layers were not measured late enough in the run")
    if balance < SURELY_STRONG:
        return absent(f"decay is made good by updates of {percent(balance)} of a weight")
    amount = f" of {significant(decay)}" if decay else ""
    return suspected(
        f"Weight decay{amount} is far above what is usual for this rate, and the training images are not learnt.",
        _balance_words(balance),
        headline="Weight decay looks too strong.",
        severity="warning",
        confidence=0.75,
        remedies=_remedies(decay),
    )


def _balance_words(balance: float) -> Evidence:
    words = f"only updates of {percent(balance)} of a weight in every step would make good what decay takes (3 to 5 % in usual recipes)"
    return evidence(words, "decay_balance", balance, reference=STRONG)


def _remedies(decay: float | None) -> tuple[Remedy, ...]:
    return (
        Remedy(
            change=f"Use a tenth of the weight decay{f': {significant(decay / 10, 2)}' if decay else ''}.",
            effect="weights keep their size",
            cost="none",
            settings={"weight_decay": float(significant(decay / 10, 2))} if decay else {},
        ),
        Remedy(change="Leave biases and normalisation out of the decay.", cost="none"),
    )


def _strong(decay: float | None, fall: float, balance: float | None, end: Outcome) -> Opinion:
    seen = [
        evidence(
            f"weights of the median layer end at {significant(fall, 2)} times their first length",
            "weight_fall",
            fall,
            reference=FALLEN,
        )
    ]
    if balance is not None:
        seen.append(_balance_words(balance))
    amount = f" of {significant(decay)}" if decay else ""
    return present(
        f"Weight decay{amount} is too strong: weights shrink faster than learning builds them up, and the training images are not learnt.",
        *seen,
        headline="Weight decay is too strong.",
        severity="critical" if end.at_chance else "warning",
        confidence=0.96 if fall < GONE else 0.9,
        remedies=_remedies(decay),
    )


CONDITION = Condition(
    id="O7",
    name="weight-decay-too-strong",
    title="Weight decay too strong",
    group="dynamics",
    examine=examine,
    remedies=(Remedy(change="Use a tenth of the weight decay.", cost="none"),),
    explains=(
        "underfitting",
        "over-regularised",
        "vanishing-gradient",
        "dead-relu",
        "learning-rate-too-high",
        "learning-rate-too-low",
        "bad-initialisation",
        "batch-norm-mismatch",
        "schedule-fault",
    ),
    probe="A paired run with a tenth of the decay: the training loss ends lower.",
    rivals=("underfitting", "over-regularised", "learning-rate-too-high", "vanishing-gradient"),
)
