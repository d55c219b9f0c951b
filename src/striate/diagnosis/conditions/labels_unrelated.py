"""Labels have nothing to do with their images: they belong to others, or to none.

Means: images and labels were paired wrongly, as by sorting one and not the other, so that looking at an image tells nothing about its label.

Hurts: there is nothing to learn but the single images by heart; val stays at chance whatever is tried.

Rule: val images have the label of the training images that look most alike no more often than chance, by 3 SE; no evaluation of val is above chance (or, where classifiers surely find less than 5 points, the median of the later half has a skill below 0.1); and classifiers fitted on
other training images do no better. It is established where train is learnt by heart (a skill of 0.3), else suspected. Where these classifiers do find a rule, clean
train is learnt, and val has the same moments: the labels of val are the unrelated ones.

Origin: 3 SE is the catalogue's. A network that learnt a rule of the images would carry some of it over to val. The skill of 0.3 is an own starting value.

False alarms: a task that thumbnails say nothing of, such as how two shapes lie to each other, has neighbours at chance as well: without learning by heart only a
suspicion.

Changes its mind: one evaluation above chance, or a classifier that finds a rule.

Knows nothing about how the pairing went wrong.
"""

from __future__ import annotations

from statistics import median

from striate.core.data_observation import AgreementSeen
from striate.core.diagnosis_records import Evidence, Remedy
from striate.core.metrics import wilson
from striate.core.wording import percent
from striate.diagnosis.case import Case
from striate.diagnosis.condition import Condition, Opinion, absent, evidence, present, suspected, unseen
from striate.diagnosis.outcome import (
    POOR_LEARNING,
    at_chance,
    learnt,
    never_above_chance,
    skill,
    val_accuracies,
    val_chance,
)
from striate.diagnosis.share import Share
from striate.diagnosis.split_differences import differences

__all__ = ["CONDITION"]

LEAST_NEIGHBOURS = 100
BY_HEART = 0.3
FITTED = 0.5
HOVERS = 0.1
FOLDS_ABOVE = 0.05
"""Own: what classifiers of thumbnails may have above chance without meaning anything."""


def examine(case: Case) -> Opinion:
    """Neighbours, val, then whether train was learnt by heart."""
    seen = case.seen.data.agreement if case.seen.data else None
    if seen is None or seen.neighbours < LEAST_NEIGHBOURS:
        return unseen("labels of images that look alike were not compared")
    if not val_accuracies(case):
        return unseen("val was not evaluated")
    chance = seen.chance or case.chance
    if not never_above_chance(case) and not _no_rule(case, seen, chance):
        return absent("val is above chance, so that images do say something about labels")
    if not at_chance(seen.neighbours_right / seen.neighbours, seen.neighbours, chance):
        return absent("labels of images that look alike agree more often than chance")
    if seen.folds_accuracy is not None and seen.folds_accuracy > max(chance, case.chance) + FOLDS_ABOVE:
        return _val_labels(case, seen)
    level = learnt(case)
    sentence = "Images that look alike have no more often the same label than any two, and val is at chance."
    if level is not None and level >= BY_HEART:
        by_heart = evidence(
            f"of what is above chance, {percent(level)} was learnt on train, and nothing of it holds on val",
            "learnt",
            level,
            reference=BY_HEART,
        )
        return present(
            sentence,
            *_facts(case, seen),
            by_heart,
            headline="Labels are unrelated to images.",
            severity="critical",
            confidence=0.88,
        )
    return suspected(
        sentence,
        *_facts(case, seen),
        headline="Labels may be unrelated to images.",
        severity="warning",
        confidence=0.6,
    )


def _no_rule(case: Case, seen: AgreementSeen, chance: float) -> bool:
    """Whether classifiers surely find next to nothing in the training images, and val hovers about chance in the later half.

    Answers of a network lie in clumps: single evaluations leave chance further than as many coins would.
    """
    if seen.folds_accuracy is None or not seen.folds:
        return False
    folds = Share(seen.folds_accuracy, seen.folds)
    late = [a for a, _ in val_accuracies(case)]
    hovers = skill(median(late[len(late) // 2 :]), val_chance(case)) < HOVERS
    return folds.interval.high < max(chance, case.chance) + FOLDS_ABOVE and hovers


def _facts(case: Case, seen: AgreementSeen) -> tuple[Evidence, ...]:
    limits = wilson(seen.neighbours_right, seen.neighbours)
    share, best = seen.neighbours_right / seen.neighbours, max(a for a, _ in val_accuracies(case))
    return (
        evidence(
            f"{percent(share)} of the images have the label of their nearest ones",
            "neighbours",
            share,
            low=limits.low,
            high=limits.high,
            reference=seen.chance,
        ),
        evidence(f"val accuracy was {percent(best)} at best", "val_accuracy", best),
    )


def _val_labels(case: Case, seen: AgreementSeen) -> Opinion:
    """Train's labels follow from images. Does val's chance level come from its own labels?"""
    clean = [p.clean_accuracy for p in case.seen.epochs if p.clean_accuracy is not None]
    # Clean train in eval mode: else batch norm or dropout could explain val.
    if not clean or skill(clean[-1], case.chance) < FITTED or not _alike(case):
        return absent("classifiers find a rule in the training images")
    return present(
        "Train is learnt and its labels follow from the images; val looks the same and is at chance, so its labels belong to other images.",
        *_facts(case, seen),
        evidence(f"clean train accuracy {percent(clean[-1])}", "clean_accuracy", clean[-1]),
        headline="Labels of val are unrelated to its images.",
        severity="critical",
        confidence=0.7,
    )


def _alike(case: Case) -> bool:
    data = case.seen.data
    if data is None or data.train is None or data.val is None or not data.train.mean or not data.val.mean:
        return False
    found = differences(data.train, data.val)
    return not found.recipe and not found.pictures


CONDITION = Condition(
    id="D9",
    name="labels-unrelated",
    title="Labels are unrelated to images",
    group="data",
    examine=examine,
    remedies=(
        Remedy(
            change="Look at 20 images with their labels, and check that images and labels are sorted, filtered and shuffled together.",
            effect="labels can be learnt",
            cost="minutes",
        ),
    ),
    explains=(
        *POOR_LEARNING,
        "overfitting",
        "late-overfitting",
        "overconfidence",
        "label-noise",
        "over-regularised",
        "receptive-field-too-small",
    ),
    rivals=("learning-rate-too-high", "bad-initialisation", "overfitting", "receptive-field-too-small"),
    probe="overfit one batch, and look at 20 images with their labels",
)
