"""A softmax stands before cross-entropy, which takes one itself.

Means: cross_entropy wants logits. Given probabilities, which lie in [0, 1], it sees scores that differ by 1 at the very most.

Hurts: the loss cannot fall below ln(e + K - 1) - 1 (1.461 for 10 classes) and its gradient is weak and flat, so that learning is slow and stops early.

Rule: the outputs are rows >= 0 that sum to 1, and the gradient that arrives at them is that of cross-entropy on top. Or the outputs are logits, and the
gradient is that of a second softmax on the way. Where no gradient was seen: train and val loss follow floor + (1 - accuracy) within 0.05 at three
evaluations, once most images are right.

Origin: with p the outputs, dL/dp = (softmax(p) - y) / N against -y / (N p) for a log-likelihood, which touches nothing but the entry of the label.
A row that is surely right costs the floor, one that is surely wrong costs 1 more. The 0.05 is an own starting value.

False alarms: NLLLoss on the logarithm of such outputs is right, and its gradient says so; so is the squared error, whose gradient agrees with p - y
better. Log-probabilities may go through cross_entropy without harm. A declared loss silences it.

Changes its mind: a gradient that is not of this form, or a loss under the floor.

Knows nothing about which line applies the softmax.
"""

from __future__ import annotations

import math

from striate.core.diagnosis_records import Remedy
from striate.core.inside_records import OutputsSeen
from striate.core.wording import percent, significant
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, suspected, unseen
from striate.diagnosis.outcome import POOR_LEARNING, worthless

__all__ = ["CONDITION"]

NEARLY_ALL = 0.9
LEAST_BATCHES = 3
AGREES = 0.9
"""Cosine from which a gradient has the form in question; class weights and smoothing leave more than this."""
SECOND = 0.99
"""Cosine from which the gradient is that of a second softmax: own, high because both forms agree while all classes are equally likely."""
OFF_LABEL = 0.1
"""Of the 1 / K that a second softmax leaves off the label's entry, what must be there."""
FLOOR_SLACK = 0.05
FLOOR_LEAST = 3
FLOOR_ACCURACY = 0.6


def examine(case: Case) -> Opinion:
    """By the gradient where one was seen, else by the floor of the loss."""
    if case.seen.declared.loss:
        return absent(f"the loss is declared to be {case.seen.declared.loss}")
    outputs = case.seen.loop.outputs if case.seen.loop else None
    if outputs is not None and outputs.checked >= LEAST_BATCHES:
        return _outputs(case, outputs)
    if not case.classes or not case.seen.epochs:
        return unseen("neither the outputs nor a loss with a known number of classes was seen")
    followed = _follows_floor(case)
    if followed is None:
        return unseen("the outputs were not seen, and too few evaluations tell the floor of the loss")
    return (
        _present(case, _floor_facts(case), 0.85)
        if followed
        else absent("the loss does not follow the floor of a second softmax")
    )


def _outputs(case: Case, outputs: OutputsSeen) -> Opinion:
    if outputs.probabilities < NEARLY_ALL:
        if (outputs.softmax_agreement or 0.0) >= SECOND and (outputs.softmax_agreement or 0.0) > (
            outputs.agreement or 0.0
        ):
            fact = f"the gradient agrees with that of a second softmax (cosine {significant(outputs.softmax_agreement or 0.0)})"
            return _present(case, (fact, "softmax_agreement", outputs.softmax_agreement or 0.0), 0.9)
        return absent("the outputs are no probabilities, and the gradient is not that of a second softmax")
    rows = f"the outputs of {percent(outputs.probabilities)} of the batches are >= 0 and sum to 1"
    if outputs.gradients >= LEAST_BATCHES and outputs.agreement is not None:
        if _likelihood(case, outputs):
            return absent("the loss takes the logarithm of the probabilities, as it should")
        others = max(outputs.squared_error_agreement or -1.0, outputs.binary_agreement or -1.0)
        if outputs.agreement < AGREES or others > outputs.agreement:
            return absent(
                "the outputs are probabilities, and the gradient is not that of cross-entropy on top of them"
            )
        return _present(case, (rows, "probabilities", outputs.probabilities), 0.97)
    if _follows_floor(case):
        return _present(case, (rows, "probabilities", outputs.probabilities), 0.93)
    return suspected(
        f"{rows[0].upper()}{rows[1:]}; whether the loss takes another softmax was not seen.",
        evidence(rows, "probabilities", outputs.probabilities, reference=NEARLY_ALL),
        headline="The network ends in a softmax.",
    )


def _likelihood(case: Case, outputs: OutputsSeen) -> bool:
    """Whether dL/dz touches the entry of the label alone."""
    classes = max(case.classes, 2)
    if outputs.label_only is not None:
        return outputs.label_only > 1 - OFF_LABEL / classes
    # Without that number the scale tells: 1 for a mean over a second softmax, 1 / p of the label for a log-likelihood.
    return outputs.scale is not None and outputs.scale > 1.05 and (outputs.agreement or 0.0) < SECOND


def _floor(classes: int) -> float:
    return math.log(math.e + classes - 1) - 1


def _follows_floor(case: Case) -> bool | None:
    """Whether train and val loss are floor + (1 - accuracy) wherever most images are right; None with too few such evaluations."""
    floor, misses = _floor(case.classes), []
    for point in case.seen.epochs:
        train = point.train_loss if point.logged_train_loss is None else point.logged_train_loss
        val = point.val_loss if point.logged_val_loss is None else point.logged_val_loss
        pairs = ((train, point.train_accuracy), (val, point.val_accuracy))
        known = [(loss, accuracy) for loss, accuracy in pairs if loss is not None and accuracy is not None]
        if len(known) == 2 and min(accuracy for _, accuracy in known) >= FLOOR_ACCURACY:
            misses.append(max(abs(loss - floor - (1 - accuracy)) for loss, accuracy in known))
    if len(misses) < FLOOR_LEAST:
        return None
    return sorted(misses)[len(misses) // 2] <= FLOOR_SLACK


def _floor_facts(case: Case) -> tuple[str, str, float]:
    floor = _floor(case.classes)
    return (
        f"train and val loss follow {significant(floor, 4)} + the share of errors, the floor of a second softmax",
        "floor",
        floor,
    )


def _present(case: Case, fact: tuple[str, str, float], confidence: float) -> Opinion:
    floor = f", the loss cannot fall below {significant(_floor(case.classes), 4)}" if case.classes else ""
    return present(
        f"Probabilities are handed to a loss that takes a softmax itself: gradients are weak{floor}.",
        evidence(*fact),
        headline="There is a softmax before the cross-entropy.",
        severity="critical" if worthless(case) else "warning",
        confidence=confidence,
    )


CONDITION = Condition(
    id="A6",
    name="softmax-before-loss",
    title="Softmax before cross-entropy",
    group="integrity",
    examine=examine,
    remedies=(
        Remedy(
            change="Remove the softmax: give cross_entropy the logits, and take a softmax only where probabilities are shown.",
            effect="full gradients, and a loss that can reach 0",
            cost="none",
            risk="the learning rate may now be too high, if it was tuned to weak gradients",
        ),
    ),
    explains=(*POOR_LEARNING, "wrong-loss", "over-regularised", "augmentation-too-strong"),
    rivals=("wrong-loss", "learning-rate-too-low", "vanishing-gradient"),
    probe="look at the arguments of the loss",
)
