"""How many images accuracies are of, and how many classes, as figures betray it.

An accuracy of n images is a whole number of n-ths. The smallest n that fits all figures within their rounding is told only where
a wrong n would hardly have fitted. Knows nothing about logs.
"""

from __future__ import annotations

import numpy as np

from striate.diagnosis.logs.table import Floats

__all__ = ["classes_at_chance", "images_counted"]

# Float32 keeps seven digits; a mean of batches in float32 loses a little more.
_FLOAT32 = 3e-7
_MOST_IMAGES = 50_000
_FIGURES = 40
# Of halves, quarters and tenths written by hand a few may always agree. Own starting value.
_LEAST_FIGURES = 4
# Chance that any n up to the one found fits by accident. Own starting value: one log in a thousand.
_BY_ACCIDENT = 1e-3

# A network that answers by chance is this near to ln K and 1 / K. Own starting values: a twentieth of the least
# difference of ln K for K up to 10, and what 1000 validation images leave open.
_NEAR_LOSS = 0.005
_NEAR_ACCURACY = 0.03
_MOST_CLASSES = 20


def images_counted(accuracies: Floats, resolution: float) -> int:
    """The least n of which all accuracies are n-ths; 0 where none fits, or one would by accident.

    `resolution` is half a unit of the last digit that the log has. The images may be a multiple of n. With tolerance t an accuracy
    fits a wrong n with the chance p = min(1, 2 t n); the sum over all n up to the found one of p to the power of the number of
    different figures bounds the chance that the answer is an accident.

    >>> images_counted(np.array([0.5, 0.7444444, 0.9027778, 0.9416667, 0.9638889]), 5e-8)
    360
    """
    different = np.unique(accuracies[np.isfinite(accuracies)])
    different = different[(different > 0) & (different < 1)]
    if len(different) < _LEAST_FIGURES:
        return 0
    chosen = different[np.linspace(0, len(different) - 1, min(len(different), _FIGURES)).astype(int)]
    tolerance = max(resolution, _FLOAT32)
    accident = 0.0
    for block in np.array_split(np.arange(1, _MOST_IMAGES + 1), 50):
        parts = chosen[:, None] * block
        fits = (np.abs(parts - np.round(parts)) <= tolerance * block * 1.01).all(axis=0)
        chance = np.minimum(1.0, 2 * tolerance * block) ** len(chosen)
        if fits.any():
            first = int(np.argmax(fits))
            accident += float(chance[: first + 1].sum())
            return int(block[first]) if accident < _BY_ACCIDENT else 0
        accident += float(chance.sum())
        if accident >= _BY_ACCIDENT:
            return 0
    return 0


def classes_at_chance(losses: Floats, accuracies: Floats) -> int:
    """K, where the first two or the last two evaluations have a loss of ln K and an accuracy of 1 / K; 0 otherwise.

    Only a network that answers each class alike has both, since at a loss of ln K one that has learnt anything is right more often.
    """
    if len(losses) < 2:
        return 0
    found = {_at_chance(losses[two], accuracies[two]) for two in (slice(0, 2), slice(-2, None))} - {0}
    return found.pop() if len(found) == 1 else 0


def _at_chance(losses: Floats, accuracies: Floats) -> int:
    """K, where all of these evaluations are at chance for it."""
    classes = np.round(np.exp(np.minimum(losses, 10.0)))
    if not (np.isfinite(classes) & (classes == classes[0])).all() or not 2 <= classes[0] <= _MOST_CLASSES:
        return 0
    near = (np.abs(losses - np.log(classes)) < _NEAR_LOSS) & (
        np.abs(accuracies - 1 / classes) < _NEAR_ACCURACY
    )
    return int(classes[0]) if near.all() else 0
