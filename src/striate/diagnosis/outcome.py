"""What came of a run: how much was learnt, whether val is at chance, since when it lags.

Arithmetic that several conditions use to weigh a cause by its consequence. Skill is (accuracy - chance) / (1 - chance): 0 for the best
constant answer, 1 for no mistake. Knows nothing about causes.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from striate.core.observation_records import EpochPoint
from striate.diagnosis.case import Case

__all__ = [
    "CHANCE_ERRORS",
    "POOR_LEARNING",
    "Lag",
    "at_chance",
    "fitted",
    "learnt",
    "mixed",
    "never_above_chance",
    "skill",
    "standard_error",
    "unaugmented",
    "val_accuracies",
    "val_chance",
    "val_ends_behind",
    "val_lags",
    "val_n",
    "worthless",
]

CHANCE_ERRORS = 3.0
"""Standard errors above chance that still count as chance: the catalogue's gate for comparisons of accuracies."""
POOR_LEARNING = (
    "underfitting",
    "learning-rate-too-high",
    "learning-rate-too-low",
    "stopped-too-early",
    "vanishing-gradient",
    "dead-relu",
    "saturated-activations",
    "depth-without-skips",
    "schedule-fault",
    "weight-decay-too-strong",
    "clipping-too-tight",
    "last-not-best",
)
"""Slugs of what a network looks like that learns badly, whatever the reason: a broken loop explains them."""
PLAIN = 0.9
"""Of training images, own starting value: a last batch may be left out, and a flip alone changes half of them."""
ONE_LABEL = 0.9
"""Of images, own starting value: with smoothing the gradient asks for the label of every image, with mixing of about half of them."""
LEARNS = 0.2
"""Skill on training images from which val can be asked to have some, too; own starting value."""


def standard_error(accuracy: float, n: int) -> float:
    """sqrt(p (1 - p) / n), with p kept half an image away from 0 and 1; infinite for no image."""
    if n < 1:
        return math.inf
    p = min(max(accuracy, 0.5 / n), 1 - 0.5 / n)
    return math.sqrt(p * (1 - p) / n)


def skill(accuracy: float, chance: float) -> float:
    """(accuracy - chance) / (1 - chance)."""
    return (accuracy - chance) / (1 - chance) if chance < 1 else 0.0


def val_chance(case: Case) -> float:
    """What the commonest class of val gets right; that of train where val was not counted."""
    data = case.seen.data
    counts = data.val.counts if data and data.val else ()
    return max(counts) / sum(counts) if sum(counts) else case.chance


def val_n(case: Case, point: EpochPoint) -> int:
    """Images that the val figures of `point` are about, as far as anyone said; 0 where nobody did."""
    data = case.seen.data
    return point.val_n or case.seen.setting.val_n or (data.val.n if data and data.val else 0)


def val_accuracies(case: Case) -> tuple[tuple[float, int], ...]:
    """(accuracy, images) of every evaluation that has one."""
    return tuple(
        (p.val_accuracy, val_n(case, p))
        for p in case.seen.epochs
        if p.val_accuracy is not None and math.isfinite(p.val_accuracy)
    )


def at_chance(accuracy: float, n: int, chance: float) -> bool:
    """Whether so many images can tell the accuracy from `chance`, by three standard errors; False where n or chance is unknown."""
    return n > 0 and 0 < chance < 1 and accuracy <= chance + CHANCE_ERRORS * standard_error(chance, n)


def never_above_chance(case: Case) -> bool:
    """Whether no evaluation was above chance; False where there was none."""
    values, chance = val_accuracies(case), val_chance(case)
    return bool(values) and all(at_chance(a, n, chance) for a, n in values)


def worthless(case: Case) -> bool:
    """Whether the last evaluation was no better than guessing, or its loss not finite."""
    last = case.last
    if last is not None and any(
        v is not None and not math.isfinite(v) for v in (last.train_loss, last.val_loss)
    ):
        return True
    values = val_accuracies(case)
    return bool(values) and at_chance(*values[-1], val_chance(case))


def fitted(point: EpochPoint) -> float | None:
    """Accuracy on training images: the better of clean and as trained, None where neither was measured."""
    known = [a for a in (point.clean_accuracy, point.train_accuracy) if a is not None and math.isfinite(a)]
    return max(known) if known else None


def learnt(case: Case) -> float | None:
    """Skill on training images at the last evaluation that has it; None without one."""
    values = [a for a in map(fitted, case.seen.epochs) if a is not None]
    return skill(values[-1], case.chance) if values else None


def unaugmented(case: Case) -> bool:
    """Whether 90 % of the training images come again unchanged: then figures of them compare with those of val."""
    data = case.seen.data
    return any(
        r.split == "train" and r.images and r.same >= PLAIN * r.images for r in (data.repeats if data else ())
    )


def mixed(case: Case) -> bool:
    """Whether the loss asks for other classes than the loader's: then answers are about mixed images, which have two labels."""
    outputs = case.seen.loop.outputs if case.seen.loop else None
    return outputs is not None and outputs.implied_right is not None and outputs.implied_right < ONE_LABEL


class Lag(NamedTuple):
    """How far val stayed behind train at every evaluation since there was something to learn."""

    least: float
    """The smallest gap of all of them."""
    error: float
    """Standard error of the val accuracy there."""
    since: float
    """Epoch of the first of them."""
    first: float
    """The gap there."""


def val_lags(case: Case) -> Lag | None:
    """Since train has a skill of 0.2: fitted - val, at its smallest. None without such an evaluation.

    Overfitting opens a gap as time goes on; batch norm's first statistics close one. A gap that was there at every evaluation speaks for
    images or labels of val that differ from train's.
    """
    gaps = []
    for point in case.seen.epochs:
        train, val = fitted(point), point.val_accuracy
        if train is None or val is None or skill(train, case.chance) < LEARNS:
            continue
        gaps.append((train - val, standard_error(val, val_n(case, point)), point.epoch))
    if not gaps:
        return None
    least = min(gaps)
    return Lag(least[0], least[1], gaps[0][2], gaps[0][0])


def val_ends_behind(case: Case) -> Lag | None:
    """The same at the last evaluation alone."""
    for point in reversed(case.seen.epochs):
        train, val = fitted(point), point.val_accuracy
        if train is not None and val is not None:
            gap = train - val
            return Lag(gap, standard_error(val, val_n(case, point)), point.epoch, gap)
    return None
