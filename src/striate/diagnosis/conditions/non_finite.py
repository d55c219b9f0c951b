"""Values that are not finite: NaN or infinity in images, weights, outputs or gradients.

Means: some number in the step is NaN or infinite; from there it spreads to every weight within a step.

Hurts: a network with NaN weights answers the same for every image, and no later step repairs it.

Rule: the first place that was not finite, in the order of a step; or a loss in the curves that is not finite; or images that hold such values.
What went before names the cause: images are data; a loss that had at least doubled is a step that was too large; a gradient that is not finite behind
finite outputs is a logarithm, root or division in the loss.

Origin: exact. The doubling is an own starting value: a loss wanders by less before it is lost.

False alarms: AMP tries scales that overflow and leaves such steps out, so a gradient under AMP does not count. A loop that skips such batches goes
on: then only images that are not finite are warned of.

Changes its mind: a finite loss and weights that still learn after the step in question.

Knows nothing about which operator inside a layer it was.
"""

from __future__ import annotations

import math

from striate.core.data_observation import SplitSeen
from striate.core.diagnosis_records import Evidence, Remedy, Severity, Where
from striate.core.inside_records import NonFiniteSeen
from striate.core.wording import count, significant
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, unseen
from striate.diagnosis.outcome import POOR_LEARNING, worthless

__all__ = ["CONDITION"]

BLOWN_UP = 2.0
"""Times the first loss (or that of guessing, where that is larger)."""

PLACES = {
    "input": "the images of the batch",
    "weights": "a weight",
    "activations": "an activation",
    "outputs": "the outputs",
    "gradient": "a gradient",
}
LOWER_RATE = Remedy(
    change="Lower the learning rate by 10, or warm it up over the first few hundred steps; clip the gradient norm to 1 as a net below.",
    effect="the loss stays finite",
    cost="none",
)
CLEAN_IMAGES = Remedy(
    change="Check images for NaN and infinity after all transforms; a division by a standard deviation of 0 is the usual source.",
    effect="the step stays finite",
    cost="one pass over the data",
)
SAFE_LOSS = Remedy(
    change="Keep arguments of log and sqrt, and divisors, away from 0; use cross_entropy on logits in place of log(softmax).",
    effect="the gradient stays finite",
    cost="none",
)
FIND_IT = Remedy(
    change="Run the step under torch.autograd.detect_anomaly(), and look at the named layer for a division, log, exp or half precision.",
    effect="names the operator",
    cost="one slow step",
)


def examine(case: Case) -> Opinion:
    """The first place where it happened, else the curves, else the images."""
    loop, data = case.seen.loop, case.seen.data
    first = loop.non_finite if loop else None
    if first is not None and not _left_out(case, first):
        return _first_place(case, first)
    if (epoch := _in_curves(case)) is not None:
        return _curves(epoch)
    spoilt = [s for s in ((data.train, data.val) if data else ()) if s is not None and s.non_finite]
    if spoilt:
        return _images(spoilt)
    if first is not None:
        return absent(
            "the scaler of AMP left out the steps whose gradient overflowed, which is its way to find its scale"
        )
    if not case.seen.epochs and loop is None:
        return unseen("neither a loss nor the steps were seen")
    return absent("every loss, output and gradient that was looked at is finite")


def _left_out(case: Case, first: NonFiniteSeen) -> bool:
    loop = case.seen.loop
    amp = case.seen.setting.amp or bool(loop and loop.skipped_steps)
    return first.where == "gradient" and amp and not worthless(case)


def _in_curves(case: Case) -> float | None:
    for point in case.seen.epochs:
        losses = (
            point.train_loss,
            point.clean_loss,
            point.val_loss,
            point.logged_train_loss,
            point.logged_val_loss,
        )
        if any(v is not None and not math.isfinite(v) for v in losses):
            return point.epoch
    return None


def _recovered(case: Case, step: int) -> bool:
    later = [p for p in case.seen.epochs if p.step > step and p.train_loss is not None]
    return bool(later) and math.isfinite(later[-1].train_loss or math.nan) and not worthless(case)


def _first_place(case: Case, first: NonFiniteSeen) -> Opinion:
    where, recovered = PLACES[first.where], _recovered(case, first.step)
    cause, remedies, seen = _cause(case, first)
    layer = f" of {first.layer}" if first.layer else ""
    kept: Severity = "warning" if first.where == "input" else "info"
    return present(
        f"At step {first.step} {where}{layer} became NaN or infinite, the first of that step. {cause}",
        evidence(f"first not finite at step {first.step}: {where}{layer}", "step", float(first.step)),
        *seen,
        headline=f"Not finite from step {first.step} on.",
        severity=kept if recovered else "critical",
        confidence=0.97,
        where=Where(
            layers=(first.layer,) if first.layer else (),
            samples=tuple(f"image {i} of the batch of step {first.step}" for i in first.samples[:8]),
        ),
        onset_step=first.step,
        remedies=remedies,
    )


def _cause(case: Case, first: NonFiniteSeen) -> tuple[str, tuple[Remedy, ...], tuple[Evidence, ...]]:
    if first.where == "input":
        return "The images were so before the network saw them.", (CLEAN_IMAGES,), ()
    usual = max(first.first_loss or 0.0, case.prior_entropy or 0.0)
    largest = first.largest_before
    if largest is not None and usual > 0 and largest >= BLOWN_UP * usual:
        fact = evidence(
            f"before that the loss had risen to {significant(largest)}, {significant(largest / usual)} times that of the start",
            "loss_before",
            largest,
            reference=BLOWN_UP * usual,
        )
        return "The loss had grown before: steps were too large.", (LOWER_RATE, FIND_IT), (fact,)
    if first.where == "gradient":
        return (
            "Outputs were finite, so it is the way back: a log, root or division in the loss.",
            (SAFE_LOSS, FIND_IT, LOWER_RATE),
            (),
        )
    if first.step <= 1:
        return "No step had been taken, so it is the network as it was made.", (FIND_IT,), ()
    return (
        "The loss had looked normal: one large step, or an operator that met an unlucky value.",
        (LOWER_RATE, FIND_IT),
        (),
    )


def _curves(epoch: float) -> Opinion:
    return present(
        f"A loss of epoch {significant(epoch)} is NaN or infinite.",
        evidence(f"first loss that is not finite: epoch {significant(epoch)}", "epoch", epoch),
        headline="The loss is not a number.",
        severity="critical",
        confidence=0.95,
        onset_epoch=epoch,
        remedies=(LOWER_RATE, CLEAN_IMAGES, SAFE_LOSS),
    )


def _images(spoilt: list[SplitSeen]) -> Opinion:
    parts = [f"{count(s.non_finite, 'image')} of {s.split}" for s in spoilt]
    return present(
        f"{' and '.join(parts)} hold values that are NaN or infinite.",
        *(evidence(text, "images", float(s.non_finite)) for text, s in zip(parts, spoilt, strict=True)),
        headline="Some images hold NaN or infinity.",
        severity="warning",
        confidence=0.97,
        remedies=(CLEAN_IMAGES,),
    )


CONDITION = Condition(
    id="M1",
    name="non-finite",
    title="Values are not finite",
    group="integrity",
    examine=examine,
    remedies=(LOWER_RATE, CLEAN_IMAGES, SAFE_LOSS, FIND_IT),
    explains=(*POOR_LEARNING, "batch-norm-mismatch", "parameters-not-updated", "low-precision"),
    rivals=("learning-rate-too-high", "bad-initialisation", "low-precision", "input-not-scaled"),
)
