"""What stands against calling a transform safe although nothing is shown.

A rare class can vanish without the accuracy falling, and a network that takes one class for another cannot see that they change places.
Knows nothing about levels, nor about words.
"""

from __future__ import annotations

from striate.core.augment_records import TransformFlow
from striate.core.exact_tests import sign_test

__all__ = ["ENOUGH", "FEW", "HALF", "seems_lost", "taken_for", "told_apart"]

ENOUGH = 0.5
"""Least chance-corrected accuracy, (accuracy - 1/K) / (1 - 1/K), of a network that can judge, and least recall of a class that
can be judged: what is not recognised cannot be lost."""
FEW = 5
"""Images of a class below which nothing is said about it."""
ALONE, HALF = 0.05, 0.5
"""A loss seems real that is shown by itself at this p, or is one of half of the class."""


def seems_lost(flow: TransformFlow, c: int, harm: float) -> bool:
    """Whether class `c` loses more than `harm` of its recall, however few its images."""
    n, before, after, both = sum(flow.before[c]), flow.before[c][c], flow.after[c][c], flow.both[c]
    if n < FEW or before < ENOUGH * n or before - after <= harm * n:
        return False
    return before - after >= HALF * n or sign_test(before - both, after - both) <= ALONE


def taken_for(flow: TransformFlow) -> dict[int, int]:
    """Class -> the other that most of it is taken for before the transform."""
    found = {}
    for c, row in enumerate(flow.before):
        for j, count in enumerate(row):
            if j != c and sum(row) >= FEW and count > sum(row) / 2:
                found[c] = j
    return found


def told_apart(flow: TransformFlow, c: int) -> bool:
    """Whether class `c` is recognised, and no other class is mostly taken for it."""
    n = sum(flow.before[c])
    return n >= FEW and flow.before[c][c] >= ENOUGH * n and c not in taken_for(flow).values()
