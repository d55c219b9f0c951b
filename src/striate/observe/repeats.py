"""Whether the same images come again, bit by bit, in a second pass.

Knows nothing about transforms, or whether repeating was meant.
"""

from __future__ import annotations

from collections import Counter
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from striate.core.data_observation import RepeatSeen
from striate.observe.pass_log import PassLog

__all__ = ["repeat_seen", "same_images"]


def same_images(first: NDArray[np.int64], second: NDArray[np.int64]) -> tuple[int, int]:
    """(images compared, those that the other pass has bit by bit) from the prints of two passes, 0 for an image not looked at.

    Where each image was looked at in the first pass: those of the second that it had, counted with their number. Else only images at
    the same place can be compared, and only if some are the same; (0, 0) if none is.
    """
    if (first != 0).all():
        before, now = Counter(first.tolist()), Counter(second[second != 0].tolist())
        return sum(now.values()), sum((before & now).values())
    n = min(len(first), len(second))
    both = (first[:n] != 0) & (second[:n] != 0)
    same = int((both & (first[:n] == second[:n])).sum())
    return (int(both.sum()), same) if same else (0, 0)


def repeat_seen(split: Literal["train", "val"], passes: list[PassLog]) -> RepeatSeen | None:
    """Of the first two passes; None where there are not two, or where they were too long or too dear to be looked at."""
    if (
        len(passes) < 2
        or not passes[0].ended
        or any(len(log.column("prints")) != log.n for log in passes[:2])
    ):
        return None
    images, same = same_images(*(log.column("prints") for log in passes[:2]))
    return RepeatSeen(split=split, passes=len(passes), images=images, same=same) if images else None
