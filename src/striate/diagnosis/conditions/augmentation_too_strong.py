"""Augmentation leaves too little of the images to learn from.

Means: crops, masks or distortions are so strong that training images no longer show what their labels name.

Hurts: the network spends itself on pictures that it will never meet, and underfits those that it will.

Rule: as trained, train lies 25 points or more below clean train (or val, where that is better), neither has moved by more than 2 points over the last third of the
run, and the better of the two is underfit: a skill below 0.9, within 3 points of val. Where thumbnails of the images alone do better than the network by 3 SE, that is said and
counts as well. Or training images differ from pass to pass and their variance (1.5-fold) or sharpness (1.5-fold) is not that of val while their means or ranges agree, val was
not behind train at every evaluation, nor by 10 points at the end (or train as trained has a skill below 0.5 itself), neither moves any longer or the learning rate is spent, and val has a skill below 0.9. Such moments with the 25 points are enough, moving or not. Only a paired run can decide, so it is suspected at most.

Origin: 25 points is the catalogue's. A network that fits clean images to 90 % was not kept from them; one with a gap to val has no need of weaker augmentation.
Own starting values.

False alarms: train below val is normal under augmentation (UMLAUT warns of it). Mixed images and labels have no accuracy to compare with: their names, or gradients that
ask for other labels, keep it quiet, as does dropout, which lowers train's accuracy too.

Changes its mind: a run with half the strength that does no better.

Knows nothing about which transform it is.
"""

from __future__ import annotations

from statistics import mean

from striate.core.diagnosis_records import Evidence, Remedy
from striate.core.observation_records import EpochPoint
from striate.core.wording import percent, points, significant
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, suspected, unseen
from striate.diagnosis.outcome import mixed, skill, standard_error, val_accuracies, val_lags
from striate.diagnosis.progress import lr_spent
from striate.diagnosis.split_differences import differences, drowned

__all__ = ["CONDITION"]

BELOW = 0.25
FLAT = 0.02
LEAST_EVALUATIONS = 6
FITTED, GAP = 0.9, 0.03
DROPOUT = 0.3
BETTER, ERRORS = 0.02, 3.0
BEHIND, FAR_BEHIND, LEARNT = 0.03, 0.1, 0.5
MIXING = ("mix", "cutm")
ONE_LABEL = 0.9
SAME = 0.98


def examine(case: Case) -> Opinion:
    """Train as trained against what the network can do."""
    seen = [p for p in case.seen.epochs if p.train_accuracy is not None and p.val_accuracy is not None]
    if len(seen) < LEAST_EVALUATIONS:
        return unseen(f"fewer than {LEAST_EVALUATIONS} evaluations of train and val")
    last = seen[-1]
    why = _not_comparable(case)
    if why and not mixed(case) and drowned(case):
        return _drowned(case, seen)
    if why:
        return absent(why)
    able = max(last.val_accuracy or 0.0, last.clean_accuracy or 0.0)
    below = able - (last.train_accuracy or 0.0)
    if drowned(case) and below < BELOW:
        return _drowned(case, seen)
    fact = evidence(
        f"train as trained {percent(last.train_accuracy or 0.0)}, clean train or val {percent(able)}",
        "below",
        below,
        reference=BELOW,
    )
    if below < BELOW:
        return absent(f"train as trained lies {points(below)} points below what the network can do")
    beaten = _beaten(case)
    underfit = _flat(seen) and _underfit(case, last)
    sentence = f"Augmented training images are recognised {points(below)} points less often than clean ones"
    if not underfit and not beaten and not (drowned(case) and skill(able, case.chance) < FITTED):
        return suspected(
            f"{sentence}; the network still learns or fits clean images well, so that it may be right.",
            fact,
            headline="Augmentation is strong.",
            confidence=0.2,
        )
    return suspected(
        f"{sentence}, and clean ones are underfit.",
        fact,
        *beaten,
        headline="Augmentation is too strong.",
        severity="warning",
        confidence=0.8 if beaten else 0.7,
    )


def _drowned(case: Case, seen: list[EpochPoint]) -> Opinion:
    """Moments of train and val differ, and it is not val's preparation: val was not behind all along."""
    lag, last = val_lags(case), seen[-1]
    trained = skill(last.train_accuracy or 0.0, case.chance)
    behind = (last.train_accuracy or 0.0) - (last.val_accuracy or 0.0)
    if trained >= LEARNT and behind > FAR_BEHIND:
        return absent("train as trained is far above val, so that it is not train that is too hard")
    if trained >= LEARNT and lag is not None and lag.least > max(BEHIND, ERRORS * lag.error):
        return absent("val is behind train throughout, so that it is not train that is too hard")
    val = max(p.val_accuracy or 0.0 for p in seen)
    c = case.curves
    ended = _flat(seen) or (c is not None and lr_spent(c))
    if not ended or skill(val, case.chance) >= FITTED:
        return absent("the network still learns, or recognises val images well")
    data = case.seen.data
    if data is None or data.train is None or data.val is None:
        return unseen("the images of train and val were not both seen")
    found = differences(data.train, data.val)
    words = f"variances of train and val images differ {significant(found.variance, 2)}-fold, their sharpness {significant(found.sharp, 2)}-fold"
    return suspected(
        "Random transforms change training images so much that they no longer look like those of val, and neither is learnt.",
        evidence(words, "variance_ratio", found.variance, reference=1.0),
        evidence(
            f"train as trained {percent(last.train_accuracy or 0.0)}, val {percent(val)} at best",
            "val_accuracy",
            val,
        ),
        headline="Augmentation is too strong.",
        severity="warning",
        confidence=0.8,
    )


def _not_comparable(case: Case) -> str:
    setting, network, loop, data = case.seen.setting, case.seen.network, case.seen.loop, case.seen.data
    if any(word in name.lower() for name in setting.augmentation for word in MIXING):
        return "images and labels are mixed, so train as trained has no accuracy to compare"
    right = loop.outputs.implied_right if loop and loop.outputs else None
    if right is not None and right < ONE_LABEL:
        return (
            "the loss asks for more than one label an image, so train as trained has no accuracy to compare"
        )
    if network is not None and network.dropout >= DROPOUT:
        return f"dropout of {percent(network.dropout)} lowers train as trained, too"
    repeats = [r for r in (data.repeats if data else ()) if r.split == "train" and r.images]
    if any(r.same >= SAME * r.images for r in repeats):
        return "training images come again unchanged, so there is no random augmentation"
    return ""


def _flat(seen: list[EpochPoint]) -> bool:
    """Whether train and val moved by less than 2 points between the halves of the last third."""
    third = seen[-max(4, len(seen) // 3) :]
    half = len(third) // 2
    for values in ([p.train_accuracy or 0.0 for p in third], [p.val_accuracy or 0.0 for p in third]):
        if abs(mean(values[half:]) - mean(values[:half])) > FLAT:
            return False
    return True


def _underfit(case: Case, last: EpochPoint) -> bool:
    # Clean train may still be augmented, where nobody has the images without it: then val is the better figure.
    val = last.val_accuracy or 0.0
    able = val if last.clean_accuracy is None else max(val, last.clean_accuracy)
    return skill(able, case.chance) < FITTED and able - val < GAP


def _beaten(case: Case) -> tuple[Evidence, ...]:
    """Whether neighbours among thumbnails do better than the network does on val."""
    seen = case.seen.data.agreement if case.seen.data else None
    values = val_accuracies(case)
    if seen is None or not seen.neighbours or not values:
        return ()
    simple = seen.neighbours_right / seen.neighbours
    accuracy, n = values[-1]
    if simple - accuracy <= max(
        BETTER, ERRORS * (standard_error(accuracy, n) + standard_error(simple, seen.neighbours))
    ):
        return ()
    return (
        evidence(
            f"nearest neighbours among thumbnails get {percent(simple)}, the network {percent(accuracy)} on val",
            "neighbours",
            simple,
        ),
    )


CONDITION = Condition(
    id="U2",
    name="augmentation-too-strong",
    title="Augmentation is too strong",
    group="data",
    examine=examine,
    remedies=(
        Remedy(
            change="Halve the strength: crops of at least half the image, masks of at most a quarter, fewer transforms at a time.",
            effect="clean train and val rise",
            cost="training again",
            risk="with a much longer schedule the strong one may win",
        ),
    ),
    explains=(
        "bad-initialisation",
        "dead-relu",
        "label-noise",
        "late-overfitting",
        "last-not-best",
        "preprocessing-mismatch",
        "covariate-shift",
        "underfitting",
        "over-regularised",
        "stopped-too-early",
        "learning-rate-too-low",
        "corrupt-images",
    ),
    rivals=("over-regularised", "underfitting", "label-noise"),
    probe="a paired run with half the strength",
)
