"""Half precision loses gradients or steps, by overflow or by rounding to nothing.

Means: 16-bit numbers hold 3 digits (float16) or 2 (bfloat16). Gradients overflow and AMP leaves the step out, or an update is too small to change
the weight it is added to.

Hurts: steps are lost; the network learns slower, or stands still without a word.

Rule: AMP's scaler left out more than 5 % of the steps, its first 20 not counted; or images are in half precision without a scaler, and of the weights that
get a gradient a tenth did not change in any bit.

Origin: the catalogue's 5 % after its first 200 steps. The scale starts at 2^16 and needs at most 16 halvings; a search for a larger one costs 1 of 2,000
steps. The tenth is an own starting value.

False alarms: the search for the first scale. Frozen weights do not count.

Changes its mind: a run in bfloat16, or with the named layers in float32.

Knows nothing about which layer overflows: a replay in float32 would tell.
"""

from __future__ import annotations

from striate.core.diagnosis_records import Remedy
from striate.core.inside_records import LoopSeen
from striate.core.wording import percent
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, suspected, unseen

__all__ = ["CONDITION"]

SEARCH = 20
SKIPPED = 0.05
LEAST_STEPS = 200
STILL = 0.1
HALF = ("float16", "bfloat16", "half")


def examine(case: Case) -> Opinion:
    """Steps that were left out, then updates that were lost."""
    loop = case.seen.loop
    if loop is None or loop.optimizer_steps < LEAST_STEPS:
        return unseen(f"fewer than {LEAST_STEPS} steps were watched")
    share = max(0, loop.skipped_steps - SEARCH) / loop.optimizer_steps
    if share > SKIPPED:
        return present(
            f"AMP left out {percent(share)} of the steps because a gradient overflowed.",
            evidence(
                f"{loop.skipped_steps:,} of {loop.optimizer_steps:,} steps left out",
                "skipped",
                share,
                reference=SKIPPED,
            ),
            headline="Half precision overflows again and again.",
            severity="warning",
            confidence=0.85,
        )
    train = case.seen.data.train if case.seen.data else None
    still = _still(loop)
    if (
        train is not None
        and train.dtype.removeprefix("torch.") in HALF
        and not case.seen.setting.amp
        and still > STILL
    ):
        return suspected(
            f"Everything is in half precision, and {percent(still)} of the weights that get a gradient stay the same to the bit.",
            evidence(f"{percent(still)} of the weights unchanged", "unchanged", still, reference=STILL),
            headline="Updates are lost in half precision.",
            severity="warning",
            confidence=0.7,
        )
    return absent("no step or update was lost to rounding")


def _still(loop: LoopSeen) -> float:
    wanted = [
        p
        for p in loop.parameters
        if p.requires_grad and p.in_optimizer and p.gradient == "seen" and not p.shared_with
    ]
    return sum(p.numel for p in wanted if p.changed is False) / max(1, sum(p.numel for p in wanted))


CONDITION = Condition(
    id="M2",
    name="low-precision",
    title="Precision is too low",
    group="integrity",
    examine=examine,
    remedies=(
        Remedy(
            change="Use bfloat16 where the device has it; else autocast with GradScaler, weights in float32, and the overflowing layer in float32.",
            effect="no step is lost",
            cost="some speed and memory",
        ),
    ),
    explains=("parameters-not-updated", "learning-rate-too-low", "underfitting", "non-finite"),
    rivals=("learning-rate-too-high", "non-finite", "parameters-not-updated"),
    probe="replay a step in float32 and compare gradients",
)
