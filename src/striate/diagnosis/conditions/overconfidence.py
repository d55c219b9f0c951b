"""Over-confidence: val loss rises while val accuracy rises too, so it is no overfitting.

Means: the answers get better and the probabilities too sure of themselves, so that the few wrong answers cost ever more loss.

Hurts: only whoever uses the probabilities. Named so that it is not taken for overfitting.

Rule: val loss at least 10 % above its minimum for max(3 evaluations, 10 % of them), while val accuracy gained more than max(1 point, its
standard error, twice its jitter) and a third of what train gained, since the loss was lowest. Always a remark.

Origin: the rise is rule G1 of the catalogue; the gain is an own starting value.

False alarms: none that harm, it is only worth knowing.

Changes its mind: a val accuracy that no longer gains.

Knows nothing about how well the probabilities are calibrated.
"""

from __future__ import annotations

from striate.core.diagnosis_records import Remedy
from striate.core.wording import points
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, unseen
from striate.diagnosis.curve_words import levels
from striate.diagnosis.divergence import gained_since_loss_minimum, loss_risen, loss_words
from striate.diagnosis.progress import MIN_EPOCHS

__all__ = ["CONDITION"]


def examine(case: Case) -> Opinion:
    """Val loss up and val accuracy up."""
    c = case.curves
    if c is None:
        return unseen(case.no_curves)
    if not c.has_both or not c.has(c.val_loss) or len(c) < MIN_EPOCHS:
        return unseen(f"val loss and both accuracies over {MIN_EPOCHS} evaluations are needed")
    gained = gained_since_loss_minimum(c)
    if not loss_risen(c) or not gained:
        return absent("val loss and val accuracy do not rise together")
    at, ratio, _ = c.loss_rise()
    return present(
        f"Val loss has risen, yet val accuracy gained {points(gained)} points in that time: the answers got "
        "better, the probabilities too sure of themselves. That is over-confidence, not overfitting.",
        evidence(loss_words(c), "val_loss_ratio", ratio, reference=1.1),
        evidence(f"val accuracy gained {points(gained)} points since", "gained", gained),
        levels(c),
        headline="Over-confident rather than overfitting: val loss rose, val accuracy too.",
        severity="info",
        confidence=0.9,
        onset_epoch=float(c.epoch[at]),
    )


CONDITION = Condition(
    id="G1",
    name="overconfidence",
    title="Over-confidence",
    group="capacity",
    examine=examine,
    remedies=(
        Remedy(
            change="If you need the probabilities, smooth the labels; if you need the answers, leave it.",
            effect="a lower val loss and better calibrated probabilities",
            cost="none",
            risk="none known for accuracy",
            settings={"smoothing": 0.1},
        ),
    ),
    rivals=("overfitting",),
)
