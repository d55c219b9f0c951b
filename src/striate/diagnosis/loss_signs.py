"""What the gradient at the outputs says about the loss: sign, labels, images, form, scale.

Algebra on `OutputsSeen`, whose docstring has the formulas. Knows nothing about whether another loss is meant, or what it costs.
"""

from __future__ import annotations

import math

from striate.core.inside_records import OutputsSeen
from striate.diagnosis.case import Case

__all__ = [
    "ONE_CLASS",
    "SAME",
    "UNLIKE",
    "asks_other_labels",
    "is_reversed",
    "is_summed",
    "leaves_images_out",
    "other_form",
]

REVERSED, UNLIKE = -0.9, 0.3
"""Cosines with p - y: a loss that is maximised has -1; below the second it is no cross-entropy that is known here."""
ONE_CLASS, RIGHT = 0.9, 0.95
"""Of the images, whose gradient must be that of one class, and for which this must be the label."""
SAME, MARGIN = 0.98, 0.005
"""Cosine with another form, and by how much it must beat p - y: at first all forms agree."""
SUM_SHARE, SUM_LEAST = 0.5, 4.0
UNEVEN, BALANCED = 0.5, 5.0
"""Cosine, and the ratio of class counts from which class weights may be what lowers it."""


def is_reversed(case: Case, outputs: OutputsSeen) -> bool:
    """Whether the loss is maximised. Of two classes, that is the same direction as the other label."""
    reverse = (outputs.agreement or 0.0) <= REVERSED
    return reverse and (0 < case.classes <= 2 or (outputs.implied_one_hot or 0.0) < ONE_CLASS)


def asks_other_labels(case: Case, outputs: OutputsSeen) -> bool:
    """Whether the gradient of nearly every image is that of one class, and for too many it is not the label's.

    Where the first is not known, the label must be asked for no more often than by chance.
    """
    right = outputs.implied_right
    if right is None:
        return False
    if outputs.implied_one_hot is not None:
        return outputs.implied_one_hot >= ONE_CLASS and right < RIGHT
    n = outputs.gradients * max(outputs.batch_size, 1)
    chance = max(case.chance, 1 / max(case.classes, 2))
    least = chance + 3 * math.sqrt(chance * (1 - chance) / n)
    return right <= least and (outputs.agreement or 0.0) < UNLIKE


def leaves_images_out(case: Case, outputs: OutputsSeen) -> bool:
    """cos^2 is at most the effective share of images, (sum w)^2 / (N sum w^2); class weights of unlike counts lower it, too."""
    counts = [c for c in case.counts if c]
    even = not counts or max(counts) < BALANCED * min(counts)
    sound = (outputs.implied_right or 0.0) >= RIGHT and (outputs.implied_one_hot or 0.0) >= ONE_CLASS
    return even and sound and 0 < (outputs.agreement or 0.0) < UNEVEN


def other_form(outputs: OutputsSeen) -> tuple[str, float] | None:
    """(name, cosine) of a form that fits better than cross-entropy."""
    squared, binary = outputs.squared_error_agreement or 0.0, outputs.binary_agreement or 0.0
    if max(squared, binary) < max(SAME, (outputs.agreement or 0.0) + MARGIN):
        return None
    if squared >= binary:
        return "the mean squared error against one-hot targets", squared
    return "one binary cross-entropy for each class", binary


def is_summed(outputs: OutputsSeen) -> bool:
    """Whether this is a cross-entropy whose gradient grows with the batch."""
    scale = outputs.scale or 0.0
    return (outputs.agreement or 0.0) >= ONE_CLASS and scale >= max(SUM_SHARE * outputs.batch_size, SUM_LEAST)
