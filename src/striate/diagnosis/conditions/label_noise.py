"""A share of the training labels contradicts the images.

Means: some images carry the name of another class, at random or by mistake of whoever labelled them.

Hurts: the network first learns the rule and then the exceptions by heart, which costs accuracy on new images; a small one cannot, and stays below.

Rule: among the training images that the network was surest of before it had learnt them, labels contradict it more often than among those of val: by at least
5 points, surely by more than 3, and twice as often; and something else says so, too: classifiers fitted without these images, or val accuracy above that of
clean train, or, without augmentation, a difference three times as large. Or such classifiers contradict 5 % of the labels, surely 3 %, where they are right or sure of a
contradiction for 85 %, and val does no better than labels of that noise would allow. Or neighbours in train foretell the labels of val with twice the skill, surely 5
points more, that classifiers fitted on folds have on the labels of train.

Origin: 5 % and 3 % are the catalogue's; the same young network judges train and val, so what it has not learnt yet cancels. The sure limit counts only what is contradicted as
often by the surest answers as by the next: wrong labels are, hard images are not. Own starting values: the rest.

False alarms: a hard task, where val is contradicted as often; predictions on augmented images, which is why one sign alone is not enough; answers given
under dropout, or before val was looked at: classifiers that never saw the labels and agree with them refute it;
mixed images, where the gradient asks for the loader's label of fewer than 90 %; augmentation so strong that training images differ in variance or sharpness
from those of val (see augmentation-too-strong), which makes them hard and not wrong.

Changes its mind: suspects whose given label is right when looked at.

Knows nothing about which label is right; it lists suspects for a person to look at.
"""

from __future__ import annotations

import math
from collections import Counter

from striate.core.comparison_records import Difference
from striate.core.data_observation import AgreementSeen
from striate.core.diagnosis_records import Evidence, Remedy, Where
from striate.core.differences import independent_difference
from striate.core.metrics import wilson
from striate.core.wording import count, percent, points
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, suspected, unseen
from striate.diagnosis.outcome import mixed, skill, standard_error, unaugmented, val_accuracies, val_n
from striate.diagnosis.split_differences import drowned
from striate.diagnosis.val_labels import val_is_clearer

__all__ = ["CONDITION"]

LEAST, SURELY, TIMES = 0.05, 0.03, 2.0
LEAST_VAL, LEAST_TRAIN = 20, 50
ALONE, ALONE_TIMES = 0.08, 3.0
REVERSED, ERRORS = 0.03, 3.0
FOLDS, FOLDS_SKILL, EXPLAINED = 0.05, 0.4, 0.85
"""Noise by folds, what the classifiers must have learnt, and the share of all images that are right or contradicted with confidence."""
SUSPECTS, TOP_PAIRS, GATHERED, FEW_CLASSES = 10, 3, 0.5, 5


def examine(case: Case) -> Opinion:
    """Train against val first; labels by themselves where val cannot tell."""
    seen = case.seen.data.agreement if case.seen.data else None
    more: Difference | None = None
    if seen is None or (seen.confident < LEAST_TRAIN and seen.folds_noise is None):
        return unseen("labels were not compared with early or out-of-fold predictions")
    if mixed(case):
        return absent("images are mixed in the loop, so that each has two labels")
    if drowned(case):
        return absent(
            "augmentation changes training images so much that answers about them say little about labels"
        )
    if clearer := val_is_clearer(case, seen):
        return present(
            "Images foretell the labels of val far better than those of train, although the judges learnt from train.",
            clearer,
            headline="Training labels contradict the images.",
            confidence=0.85,
            where=_where(seen),
        )
    if seen.confident >= LEAST_TRAIN and seen.val_confident >= LEAST_VAL:
        more = independent_difference(
            seen.val_confident_wrong, seen.val_confident, seen.confident_wrong, seen.confident
        )
        if more.low > SURELY and more.estimate >= LEAST and _times(seen) >= TIMES:
            most = _most_noise(seen)
            if most is not None and more.low > most:
                return absent(
                    f"classifiers that never saw them answer as labelled, so that at most {percent(most)} can be wrong at random"
                )
            return _train_only(case, seen, more)
    return _by_folds(case, seen, more)


def _times(seen: AgreementSeen) -> float:
    train, val = seen.confident_wrong / seen.confident, seen.val_confident_wrong / seen.val_confident
    return train / val if val else math.inf


def _most_noise(seen: AgreementSeen) -> float | None:
    """Upper limit of the share of labels that are wrong at random: what was never seen cannot foretell them. None without such classifiers."""
    if not seen.folds or seen.folds_accuracy is None:
        return None
    return 1 - wilson(round(seen.folds_accuracy * seen.folds), seen.folds).low


def _train_only(case: Case, seen: AgreementSeen, more: Difference) -> Opinion:
    facts = [
        evidence(
            f"of {count(seen.confident, 'training image')} that it was surest of before learning them, {percent(seen.confident_wrong / seen.confident)} "
            f"are labelled otherwise; of val {percent(seen.val_confident_wrong / seen.val_confident)}",
            "noise",
            more.estimate,
            low=more.low,
            high=more.high,
            reference=LEAST,
        ),
        *_others(case, seen),
    ]
    sentence = f"About {percent(more.estimate)} of the training labels contradict their images ({points(more.low)} to {points(more.high)} points)."
    if len(facts) > 1 or (unaugmented(case) and more.low > ALONE and _times(seen) >= ALONE_TIMES):
        return present(
            sentence,
            *facts,
            headline="Training labels contradict the images.",
            confidence=0.9 if len(facts) > 1 else 0.75,
            where=_where(seen),
        )
    return suspected(
        sentence,
        *facts,
        headline="Training labels may contradict the images.",
        confidence=0.2,
        where=_where(seen),
    )


def _others(case: Case, seen: AgreementSeen) -> list[Evidence]:
    """Signs that do not rest on early predictions."""
    found = []
    if seen.folds_noise is not None and seen.folds_low is not None and seen.folds_low > SURELY:
        found.append(_folds_fact(seen))
    # A run of our own measures clean train without augmentation; elsewhere images are kept as they came.
    fair = unaugmented(case) or case.seen.setting.source == "run"
    best = max(_reversal(case), default=0.0) if fair else 0.0
    if best > REVERSED:
        found.append(
            evidence(
                f"val accuracy was above that of clean train by {points(best)} points",
                "reversal",
                best,
                reference=REVERSED,
            )
        )
    return found


def _reversal(case: Case) -> list[float]:
    """Val - clean wherever it is beyond 3 SE: labels of train are the harder ones, in the same mode and without augmentation."""
    found = []
    for p in case.seen.epochs:
        if p.val_accuracy is None or p.clean_accuracy is None:
            continue
        error = math.hypot(
            standard_error(p.val_accuracy, val_n(case, p)),
            standard_error(p.clean_accuracy, p.clean_n or case.seen.setting.train_n),
        )
        if p.val_accuracy - p.clean_accuracy > ERRORS * error:
            found.append(p.val_accuracy - p.clean_accuracy)
    return found


def _folds_fact(seen: AgreementSeen) -> Evidence:
    noise = seen.folds_noise or 0.0
    return evidence(
        f"classifiers fitted without them contradict {percent(noise)} of the training labels with confidence",
        "folds_noise",
        noise,
        low=seen.folds_low,
        reference=FOLDS,
    )


def _by_folds(case: Case, seen: AgreementSeen, more: Difference | None) -> Opinion:
    """`more`: by how much early answers are contradicted more often in train than in val; None where that was not seen."""
    noise, low, accuracy = seen.folds_noise or 0.0, seen.folds_low or 0.0, seen.folds_accuracy or 0.0
    able = skill(accuracy, case.chance) >= FOLDS_SKILL and accuracy + noise >= EXPLAINED
    if noise < FOLDS or low <= SURELY or not able:
        return absent(
            "labels of train are contradicted no more often than a task of this difficulty explains"
        )
    values = val_accuracies(case)
    # Val may be clean, and good; but then early answers, or clean train below val, tell them apart.
    best = max(_reversal(case), default=0.0) if unaugmented(case) else 0.0
    told = best > REVERSED or more is None or more.low > 0
    if not told and values and max(a for a, _ in values) > 1 - noise / 2:
        return absent("val accuracy is higher than labels with that much noise would allow")
    sentence = f"Classifiers that never saw them contradict about {percent(noise)} of the training labels."
    fact, where = _folds_fact(seen), _where(seen)
    if _gathered(seen, case.classes):
        return suspected(
            sentence, fact, headline="Training labels may contradict the images.", confidence=0.2, where=where
        )
    return present(
        sentence, fact, headline="Training labels contradict the images.", confidence=0.75, where=where
    )


def _gathered(seen: AgreementSeen, classes: int) -> bool:
    """Whether suspects lie in a few pairs of classes; of fewer than five classes there are few pairs anyway."""
    pairs = Counter(frozenset((s.given, s.suggested)) for s in seen.suspects)
    total = sum(pairs.values())
    top = sum(n for _, n in pairs.most_common(TOP_PAIRS))
    return classes >= FEW_CLASSES and total >= SUSPECTS and top > GATHERED * total


def _where(seen: AgreementSeen) -> Where:
    return Where(samples=tuple(s.sample for s in seen.suspects))


CONDITION = Condition(
    id="D1",
    name="label-noise",
    title="Labels are noisy",
    group="data",
    examine=examine,
    remedies=(
        Remedy(
            change="Look at the suspects, surest first, and relabel or drop those that are wrong.",
            effect="val accuracy rises, and training on no longer hurts",
            cost="an hour for a few hundred images",
            risk="a suspect may be a rare but right example",
        ),
        Remedy(
            change="Stop at the best val epoch, or use label smoothing of 0.1.",
            effect="fewer wrong labels are learnt by heart",
            cost="none",
        ),
    ),
    explains=(
        "overfitting",
        "late-overfitting",
        "overconfidence",
        "underfitting",
        "last-not-best",
        "over-regularised",
        "stopped-too-early",
    ),
    rivals=("labels-unrelated", "classes-swapped", "class-imbalance", "overfitting"),
    probe="fit classifiers on k folds, and look at the labels that they contradict",
)
