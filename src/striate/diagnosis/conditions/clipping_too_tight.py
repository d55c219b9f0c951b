"""Gradients clipped so hard that every step has the same small size.

Means: the norm of the gradient is cut to a limit far below what it usually is, so that the limit and the learning rate set the size of each step.

Hurts: with plain gradient descent steps are as small as with a rate that is too low, and the network hardly leaves where it began.

Rule: the norm that the optimiser gets is within 0.1 % of its highest value, or of the limit that was set, at more than half of the steps, and steps
are too small by the signs of a learning rate that is too low (see there): weights could move less than half of their own length,
curvature takes back less than a tenth of a step's promise, training images are not learnt.

Origin: half is the catalogue's, a tenth of a percent an own starting value; steps that are too small were measured for learning-rate-too-low.

False alarms: clipping that cuts a fifth of the steps, or all of them at a rate that makes up for it, as Adam does: then weights move far.

Changes its mind: a run with ten times the limit that learns no more.

Knows nothing about spikes that clipping is there for.
"""

from __future__ import annotations

import numpy as np

from striate.core.diagnosis_records import Remedy
from striate.core.wording import percent, significant
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, unseen
from striate.diagnosis.conditions.learning_rate_too_low import CONDITION as TOO_LOW
from striate.diagnosis.dynamics import Dynamics

__all__ = ["CONDITION"]

SAME = 1e-3
MOSTLY = 0.5
LEAST_STEPS = 3


def examine(case: Case) -> Opinion:
    """How often the norm stands at its limit, and whether steps are too small."""
    norms = np.array(case.seen.steps.grad_norm, dtype=np.float64)
    norms = norms[np.isfinite(norms) & (norms > 0)]
    if len(norms) < LEAST_STEPS:
        return unseen("the gradient's norm was not measured at three steps")
    limit = case.seen.setting.clip_grad or float(np.max(norms))
    clipped = float(np.mean(np.abs(norms / limit - 1) < SAME))
    if clipped <= MOSTLY:
        return absent(f"the gradient's norm stands at a limit in {percent(clipped)} of the steps")
    low = TOO_LOW.examine(case)
    if low.state == "unseen":
        return unseen(low.why)
    if not low.found:
        return absent(
            f"gradients are clipped in {percent(clipped)} of the steps, and steps are large enough all the same"
        )
    moves = Dynamics(case)
    return present(
        f"Gradients are cut to a norm of {significant(limit)} in {percent(clipped)} of the steps, which makes every step too small.",
        evidence(
            f"the norm of the gradient is {significant(limit)} to 0.1 % in {percent(clipped)} of {len(norms)} steps",
            "clipped_share",
            clipped,
            reference=MOSTLY,
        ),
        evidence(
            f"over the whole run the weights could move at most {significant(moves.path, 2)} times their own length",
            "path",
            moves.path,
        ),
        headline="Gradients are clipped too tightly.",
        severity="warning",
        confidence=0.93,
    )


CONDITION = Condition(
    id="O5",
    name="clipping-too-tight",
    title="Gradient clipping too tight",
    group="dynamics",
    examine=examine,
    remedies=(
        Remedy(
            change="Raise the limit to what nine of ten gradient norms stay under without it, or leave clipping out.",
            effect="the gradient sets the size of steps again",
            cost="none",
            settings={"clip_grad": None},
        ),
    ),
    explains=("learning-rate-too-low", "underfitting", "stopped-too-early"),
    rivals=("learning-rate-too-low", "vanishing-gradient"),
    probe="A paired run with ten times the limit.",
)
