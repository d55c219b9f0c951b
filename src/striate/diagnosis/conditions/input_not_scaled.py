"""Images reach the network unscaled, or scaled twice.

Means: initialisations are made for inputs with a mean near 0 and a standard deviation near 1. Values of 0 to 255 are a hundred times too large, and values
divided by 255 twice a hundred times too small.

Hurts: too large, the first outputs are huge, units die and steps overshoot; too small, nothing but biases counts and learning hardly starts.

Rule: |mean| > 2 or a standard deviation > 5 in some channel, or whole numbers; or a standard deviation < 0.05 with a range below 0.2. It is a warning when
the consequence is seen as well: a first loss above that of guessing by 1, values that are not finite, train stuck below a skill of 0.9 in a network without
normalisation, or simple judges, which scale does not matter to, surely better on val.

Origin: the catalogue's limits; standardising or [0, 1] or [-1, 1] lie far inside. The range keeps out sparse images, whose deviation is small and
whose scale is right. The skill is an own starting value.

False alarms: a network that normalises its input or its first layer absorbs any scale, so without a consequence it is only noted.

Changes its mind: a first loss near that of guessing and a network that learns.

Knows nothing about the recipe that a pretrained network wants.
"""

from __future__ import annotations

from striate.core.data_observation import SplitSeen
from striate.core.diagnosis_records import Remedy
from striate.core.wording import percent, significant
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, unseen
from striate.diagnosis.outcome import POOR_LEARNING, learnt, worthless
from striate.diagnosis.simple_judges import beaten
from striate.diagnosis.split_differences import drowned

__all__ = ["CONDITION"]

LARGE_MEAN, LARGE_STD = 2.0, 5.0
SMALL_STD, SMALL_RANGE = 0.05, 0.2
FIRST_LOSS = 1.0
"""Nats above the loss of guessing, as for a bad initialisation."""
FITTED, FITTED_NORMALISED = 0.9, 0.5

WHOLE = ("uint8", "int", "long")


def examine(case: Case) -> Opinion:
    """The scale, then what it did."""
    train = case.seen.data.train if case.seen.data else None
    if train is None or not train.mean:
        return unseen("the values of the images were not seen")
    val = case.seen.data.val if case.seen.data else None
    if val is not None and val.mean and drowned(case):
        train = val  # random transforms made train what it is; val went through the same scaling without them
    mean, std = max(map(abs, train.mean)), max(train.std)
    large = mean > LARGE_MEAN or std > LARGE_STD or train.dtype.removeprefix("torch.").startswith(WHOLE)
    small = std < SMALL_STD and train.high - train.low < SMALL_RANGE
    if not large and not small:
        return absent(
            f"images have means up to {significant(mean)} and standard deviations up to {significant(std)}"
        )
    hurt = _consequence(case, large)
    ruined = worthless(case) or _not_finite(case)
    return present(
        f"Images reach the network with values from {significant(train.low)} to {significant(train.high)}: {_words(train, large)}.",
        evidence(f"largest |mean| of a channel: {significant(mean)}", "mean", mean, reference=LARGE_MEAN),
        evidence(
            f"largest standard deviation: {significant(std)}",
            "std",
            std,
            reference=LARGE_STD if large else SMALL_STD,
        ),
        *((evidence(hurt),) if hurt else ()),
        headline="Images are not scaled as networks want them.",
        severity="critical" if ruined else "warning" if hurt else "info",
        confidence=0.9 if hurt else 0.6,
        onset_step=1,
    )


def _words(train: SplitSeen, large: bool) -> str:
    if not large:
        return "they look divided by 255 twice"
    return (
        "they look like bytes that were not divided by 255"
        if train.low >= 0
        else "they look normalised twice, or not at all"
    )


def _not_finite(case: Case) -> bool:
    return case.seen.loop is not None and case.seen.loop.non_finite is not None


def _consequence(case: Case, large: bool) -> str:
    """What is seen of the harm, as a clause; empty without."""
    network, prior, level = case.seen.network, case.prior_entropy, learnt(case)
    if _not_finite(case):
        return "values became NaN or infinite"
    first = network.initial_loss if network else None
    if large and first is not None and prior is not None and first >= prior + FIRST_LOSS:
        return f"the first loss is {significant(first)}, that of guessing {significant(prior)}"
    if worthless(case):
        return "val is no better than guessing"
    fitted = FITTED_NORMALISED if network and network.normalisations else FITTED
    if level is not None and level < fitted:
        return f"of what training images could teach, {percent(max(level, 0.0))} was learnt"
    behind = beaten(case)
    return behind.fact.sentence if behind else ""


CONDITION = Condition(
    id="N3",
    name="input-not-scaled",
    title="Input is not scaled",
    group="data",
    examine=examine,
    remedies=(
        Remedy(
            change="Divide bytes by 255 once, then subtract the mean and divide by the standard deviation of the training images.",
            effect="the first loss is that of guessing, and usual learning rates work",
            cost="none",
            risk="weights trained on the old scale have to be trained again",
        ),
    ),
    explains=(*POOR_LEARNING, "non-finite", "bad-initialisation", "overfitting", "batch-norm-mismatch"),
    rivals=("learning-rate-too-high", "bad-initialisation", "preprocessing-mismatch"),
    probe="train on scaled images for a few hundred steps",
)
