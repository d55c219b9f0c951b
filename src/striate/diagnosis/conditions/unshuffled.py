"""Training images come sorted by class, so that a batch holds one or few classes.

Means: batches are less mixed than those of shuffled data would ever be.

Hurts: each step forgets the other classes, batch norm learns statistics of single classes, and the loss goes up and down with the order.

Rule: the mean entropy of labels within a batch is below 0.7 of that of shuffled labels, and below their 1 % quantile. That is a remark where training images are surely learnt to 95 % and val keeps up all the same. Between the two, or the same order in two passes
with mixed labels, is only noted.

Origin: 0.7 of a permutation null is the catalogue's.

False alarms: samplers that group or balance on purpose, which are quiet when declared; balanced ones have more entropy, not less. A fixed order of mixed
labels is nearly harmless.

Changes its mind: batches as mixed as those of the null.

Knows nothing about which line leaves out the shuffling.
"""

from __future__ import annotations

from striate.core.diagnosis_records import Remedy
from striate.core.wording import percent
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, suspected, unseen
from striate.diagnosis.outcome import POOR_LEARNING, worthless
from striate.diagnosis.simple_judges import beaten
from striate.diagnosis.training_end import Outcome, falls_short_on_val

__all__ = ["CONDITION"]

SORTED = 0.7
LEAST_BATCHES = 5
LEARNT = 0.95
"""Of training images, as for the conditions on optimisation."""


def examine(case: Case) -> Opinion:
    """Mixedness of batches against the null."""
    order = case.seen.data.order if case.seen.data else None
    if order is None or order.null_entropy <= 0:
        return unseen("the order of labels was not seen, or batches hold one image")
    if case.seen.declared.ordered:
        return absent("the order is declared to be meant")
    if 0 < order.batches < LEAST_BATCHES:
        return unseen(f"a pass has fewer than {LEAST_BATCHES} batches")
    share = order.entropy / order.null_entropy
    fact = evidence(
        f"labels within a batch have {percent(share)} of the entropy of shuffled ones",
        "entropy",
        share,
        reference=SORTED,
    )
    if order.entropy < order.null_low and share < SORTED:
        return present(
            "Training images come sorted by class.",
            fact,
            headline="Training data is not shuffled.",
            severity="critical" if worthless(case) else "warning" if _felt(case) else "info",
            confidence=0.95,
            onset_step=1,
        )
    if order.entropy < order.null_low:
        return suspected(
            "Batches are a little less mixed than shuffled data would be.",
            fact,
            headline="Batches are not well mixed.",
        )
    if order.same_order:
        return suspected(
            "Every pass comes in the same order; labels are mixed, so it does little harm.",
            fact,
            headline="Every epoch has the same order.",
            confidence=0.3,
        )
    return absent("batches are as mixed as those of shuffled data")


def _felt(case: Case) -> bool:
    """Whether training images are not learnt, or do better than val; also where neither is known."""
    end = Outcome.of(case)
    return not end.known or end.surely_below(LEARNT) or falls_short_on_val(case) or beaten(case) is not None


CONDITION = Condition(
    id="D6",
    name="unshuffled",
    title="Data is not shuffled",
    group="data",
    examine=examine,
    remedies=(
        Remedy(
            change="Shuffle the training loader: shuffle=True, or a shuffle buffer far larger than a class.",
            effect="every batch speaks of all classes",
            cost="none",
            risk="if the order is meant, say so: declare(ordered=True)",
        ),
    ),
    explains=(
        *POOR_LEARNING,
        "batch-norm-mismatch",
        "overfitting",
        "late-overfitting",
        "overconfidence",
        "class-imbalance",
        "label-noise",
    ),
    rivals=("learning-rate-too-high", "batch-norm-mismatch"),
    probe="train a few epochs with shuffled batches",
)
