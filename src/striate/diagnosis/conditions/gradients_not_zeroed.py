"""Gradients of earlier steps are still there when the next ones are added.

Means: PyTorch adds each new gradient to what is there. Without zero_grad() every step goes along the sum of all gradients so far.

Hurts: old gradients never fade, so the steps grow and stop pointing downhill; with a small learning rate it only looks like bad tuning.

Rule: before the first backward pass after a step, the gradients of that step are still there and not 0, at half of the steps or more.

Origin: over at least 5 steps; what is looked at is exact. The catalogue asks for 90 %, but gradients kept for three steps of four are as wrong. Gradients that are accumulated on purpose are counted from the next
step on only.

False alarms: accumulation over several backward passes zeroes after the step, so it is quiet. Gradients that are kept now and then, at less than half
of the steps, are only noted.

Changes its mind: gradients of None or 0 before the backward passes that follow a step.

Knows nothing about where in the loop zero_grad stands, or whether it was forgotten.
"""

from __future__ import annotations

from striate.core.diagnosis_records import Remedy
from striate.core.wording import count, percent
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, suspected, unseen
from striate.diagnosis.outcome import POOR_LEARNING, worthless

__all__ = ["CONDITION"]

LEAST = 5
OFTEN = 0.5
SOMETIMES = 0.1
"""Own starting value: below it, a parameter that is zeroed by other hands now and then explains it."""


def examine(case: Case) -> Opinion:
    """How often old gradients were found."""
    loop = case.seen.loop
    if loop is None or loop.stale_checked < LEAST:
        return unseen(f"gradients were looked at before fewer than {LEAST} backward passes")
    share = loop.stale / loop.stale_checked
    fact = evidence(
        f"gradients of the step before were still there at {loop.stale} of {count(loop.stale_checked, 'look')}",
        "stale",
        share,
        reference=OFTEN,
    )
    if share >= OFTEN:
        return present(
            f"At {percent(share)} of the steps the gradient is added to those of steps before.",
            fact,
            headline="Gradients are not set to zero.",
            severity="critical" if worthless(case) else "warning",
            confidence=0.97,
            onset_step=2,
        )
    if share >= SOMETIMES:
        return suspected(
            f"At {percent(share)} of the steps gradients of the step before were still there.",
            fact,
            headline="Gradients are not always set to zero.",
        )
    return absent("gradients are zero before the backward pass of each step")


CONDITION = Condition(
    id="O4",
    name="gradients-not-zeroed",
    title="Gradients are not zeroed",
    group="integrity",
    examine=examine,
    remedies=(
        Remedy(
            change="Call optimizer.zero_grad() once for each step, before loss.backward().",
            effect="each step follows the gradient of its own batch",
            cost="none",
            risk="the learning rate may have been tuned to the fault",
        ),
    ),
    explains=(*POOR_LEARNING, "non-finite", "batch-norm-mismatch"),
    rivals=("learning-rate-too-high", "non-finite"),
    probe="count the gradients that are not 0 before each backward pass",
)
