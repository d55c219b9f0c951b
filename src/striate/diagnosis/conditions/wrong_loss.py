"""The loss that is minimised is not the cross-entropy of these outputs with these labels.

Means: the gradient that arrives at the outputs tells which loss is used. It is another one, its sign is wrong, its labels are not those of the
loader, or it is summed over the batch where a mean was meant.

Hurts: a reversed or mislabelled loss teaches the opposite or nothing; a sum multiplies the learning rate by the batch size; the squared error of
one-hot targets has weak gradients and learns slowly.

Rule: with g = dL/dz, p = softmax(z), y one-hot: cos(g, p - y) <= -0.9 is a loss that is maximised. Where g is that of one class for 90 % of the
images and this is the label for fewer than 95 %, the labels differ. A cosine >= 0.98 with z - y or sigmoid(z) - y, and a smaller one with p - y, is the
squared error or one cross-entropy for each class. N <g, p - y> / |p - y|^2 >= N / 2 is a sum. A cosine below 0.5
whose rows all ask for their label means that under a quarter of the images count.

Origin: algebra. Severity follows the consequence: a sum is harmless with a rate that makes up for it, lr N / (1 - momentum) <= 5, and under Adam; other losses
are only noted where train reaches a skill of 0.95 (0.9 for one cross-entropy per class). Own starting values.

False alarms: smoothing, mixed images, class weights and distillation turn the gradient a little and mix classes; none of them is of one class
only. Accumulation makes the scale smaller, not larger. A declared loss silences it.

Changes its mind: a gradient along p - y.

Knows nothing about how the loss is written down.
"""

from __future__ import annotations

from striate.core.diagnosis_records import Remedy, Severity
from striate.core.inside_records import OutputsSeen
from striate.core.wording import percent, significant
from striate.diagnosis import loss_signs as signs
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, suspected, unseen
from striate.diagnosis.outcome import POOR_LEARNING, learnt, worthless
from striate.diagnosis.step_reach import TOLERATED, reach_evidence, sgd_reach

__all__ = ["CONDITION"]

LEAST_BATCHES = 3
FITTED, FITTED_BINARY = 0.95, 0.9
CORRELATED, LEAST_CHECKED = -0.5, 10
MIXING = ("mix", "cut")

RESTORE = Remedy(
    change="Minimise cross_entropy(outputs, labels), with its default mean, without a sign or a transform of labels.",
    effect="the gradient points to the labels",
    cost="none",
    risk="if another loss is meant, say so: declare(loss=...)",
)
AVERAGE = Remedy(
    change="Use reduction='mean', or divide the learning rate by the batch size.",
    effect="steps no longer grow with the batch",
    cost="none",
)


def examine(case: Case) -> Opinion:
    """Sign, labels, form, scale: in the order in which they matter."""
    if case.seen.declared.loss:
        return absent(f"the loss is declared to be {case.seen.declared.loss}")
    outputs = case.seen.loop.outputs if case.seen.loop else None
    if outputs is None:
        return unseen("the outputs were not seen")
    if outputs.gradients < LEAST_BATCHES or outputs.agreement is None:
        return _by_values(case, outputs)
    if signs.is_reversed(case, outputs):
        return _reversed(outputs.agreement)
    if signs.asks_other_labels(case, outputs):
        return _labels(case, outputs)
    if signs.leaves_images_out(case, outputs):
        return _part(case, outputs.agreement)
    if outputs.probabilities >= signs.ONE_CLASS:
        return absent(
            "the outputs are probabilities; what the loss does to them is judged as softmax-before-loss"
        )
    return _form(case, outputs) or _scale(case, outputs) or _rest(case, outputs)


def _reversed(agreement: float) -> Opinion:
    return present(
        "The gradient at the outputs points away from the labels: the loss is maximised, or its labels are inverted.",
        evidence(
            f"cosine with cross-entropy: {significant(agreement)}",
            "agreement",
            agreement,
            reference=1.0,
        ),
        headline="The loss is maximised.",
        severity="critical",
        confidence=0.97,
        onset_step=1,
        remedies=(RESTORE,),
    )


def _labels(case: Case, outputs: OutputsSeen) -> Opinion:
    right = outputs.implied_right or 0.0
    return present(
        f"The loss is minimised towards the loader's label for {percent(right)} of the images, and towards another class for the rest.",
        evidence(
            f"the gradient asks for the label of {percent(right)} of the images",
            "implied_right",
            right,
            reference=1.0,
        ),
        headline="The loss uses other labels than the loader gives.",
        severity="critical" if right < 0.5 or worthless(case) else "warning",
        confidence=0.93,
        onset_step=1,
        remedies=(
            Remedy(
                change="Compare the labels in the loop with those that the loader gives, image by image: sorted, shifted or permuted apart?",
                effect="each image is taught its own label",
                cost="none",
            ),
        ),
    )


def _part(case: Case, agreement: float) -> Opinion:
    return present(
        f"Only about {percent(agreement**2)} of the images of a batch count in the loss.",
        evidence(
            f"cosine with cross-entropy: {significant(agreement)}", "agreement", agreement, reference=1.0
        ),
        headline="The loss leaves out most of each batch.",
        severity="critical" if worthless(case) else "warning",
        confidence=0.85,
        remedies=(RESTORE,),
    )


def _suffers(case: Case, fitted: float) -> bool:
    level = learnt(case)
    return worthless(case) or _not_finite(case) or (level is not None and level < fitted)


def _not_finite(case: Case) -> bool:
    return case.seen.loop is not None and case.seen.loop.non_finite is not None


def _severity(case: Case, suffers: bool) -> Severity:
    if worthless(case) or _not_finite(case):
        return "critical"
    return "warning" if suffers else "info"


def _form(case: Case, outputs: OutputsSeen) -> Opinion | None:
    other = signs.other_form(outputs)
    if other is None:
        return None
    what, value = other
    fitted = FITTED if "squared" in what else FITTED_BINARY
    return present(
        f"The gradient at the outputs is that of {what}, not of cross-entropy.",
        evidence(
            f"cosine with the gradient of {what}: {significant(value)}",
            "agreement_other",
            value,
            reference=signs.SAME,
        ),
        evidence(
            f"cosine with cross-entropy: {significant(outputs.agreement or 0.0)}",
            "agreement",
            outputs.agreement,
        ),
        headline="The loss is not cross-entropy.",
        severity=_severity(case, _suffers(case, fitted)),
        confidence=0.9,
        remedies=(RESTORE,),
    )


def _scale(case: Case, outputs: OutputsSeen) -> Opinion | None:
    scale, n = outputs.scale, outputs.batch_size
    if scale is None or not signs.is_summed(outputs):
        return None
    reach = sgd_reach(case, scale)
    suffers = _suffers(case, FITTED if reach is not None and reach > TOLERATED else 0.0)
    return present(
        f"The gradient is {significant(scale)} times that of the mean over a batch of {n}: the loss is summed.",
        evidence(f"scale of the gradient: {significant(scale)}", "scale", scale, reference=1.0),
        *reach_evidence(reach),
        headline="The loss is summed over the batch.",
        severity=_severity(case, suffers),
        confidence=0.9,
        remedies=(AVERAGE,),
    )


def _rest(case: Case, outputs: OutputsSeen) -> Opinion:
    setting, agreement = case.seen.setting, outputs.agreement or 0.0
    mixed = setting.label_smoothing > 0 or any(
        word in name.lower() for name in setting.augmentation for word in MIXING
    )
    if agreement >= signs.UNLIKE or mixed:
        return absent(f"the gradient at the outputs points to the labels (cosine {significant(agreement)})")
    return suspected(
        "The gradient at the outputs is unlike that of cross-entropy, and of no form that is known here.",
        evidence(
            f"cosine with cross-entropy: {significant(agreement)}", "agreement", agreement, reference=1.0
        ),
        headline="The loss is an unknown one.",
    )


def _by_values(case: Case, outputs: OutputsSeen) -> Opinion:
    together = outputs.loss_correlation
    if together is None or outputs.checked < LEAST_CHECKED:
        return unseen("the gradient at the outputs was not seen")
    if together > CORRELATED:
        return absent("the logged loss goes with the recomputed one")
    return suspected(
        "The loss that the loop logs falls where cross-entropy rises.",
        evidence(
            f"rank correlation with cross-entropy: {significant(together)}",
            "loss_correlation",
            together,
            reference=1.0,
        ),
        headline="The logged loss goes against the task.",
        severity="warning" if worthless(case) else "info",
        confidence=0.7,
    )


CONDITION = Condition(
    id="A7",
    name="wrong-loss",
    title="The loss does not measure the task",
    group="integrity",
    examine=examine,
    remedies=(RESTORE, AVERAGE),
    explains=(
        *POOR_LEARNING,
        "non-finite",
        "labels-unrelated",
        "label-noise",
        "classes-swapped",
        "overconfidence",
        "overfitting",
        "batch-norm-mismatch",
    ),
    rivals=("softmax-before-loss", "labels-unrelated", "learning-rate-too-high"),
    probe="compare the loss of one batch with its cross-entropy",
)
