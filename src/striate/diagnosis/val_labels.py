"""Whether images foretell labels of val better than labels of train.

Neighbours among training images answer for val, and classifiers fitted on folds for train: both know the same images and labels. Knows nothing about
networks.
"""

from __future__ import annotations

from striate.core.data_observation import AgreementSeen
from striate.core.diagnosis_records import Evidence
from striate.core.wording import percent
from striate.diagnosis.case import Case
from striate.diagnosis.condition import evidence
from striate.diagnosis.outcome import skill
from striate.diagnosis.share import Share, difference

__all__ = ["val_is_clearer"]

LEAST = 0.05
LEAST_NEIGHBOURS, CLEARER = 100, 2.0
"""Skill of neighbours on val over that of folds on train: 0.7 to 1.3 in healthy runs, shifted crops included; own measurement and starting value."""


def val_is_clearer(case: Case, seen: AgreementSeen) -> Evidence | None:
    """The fact that pictures say far more about labels of val than about those of train, by judges that learnt from the same training images; else None."""
    if seen.neighbours < LEAST_NEIGHBOURS or seen.folds_accuracy is None or not seen.folds:
        return None
    val, train = (
        Share(seen.neighbours_right / seen.neighbours, seen.neighbours),
        Share(seen.folds_accuracy, seen.folds),
    )
    more = difference(val, train)
    if more.low <= LEAST or skill(val.value, seen.chance) < CLEARER * max(
        0.0, skill(train.value, case.chance)
    ):
        return None
    return evidence(
        f"judges of pictures get {percent(val.value)} of val labels right, and {percent(train.value)} of training labels that they were not fitted on",
        "val_clearer",
        val.value - train.value,
        low=more.low,
        high=more.high,
        reference=LEAST,
    )
