"""How images of two splits differ: range, moments, channels, mean images.

Facts about two `SplitSeen`, and what random transforms of train do to them. Knows nothing about whether a difference hurts.
"""

from __future__ import annotations

import math
from functools import partial
from itertools import permutations
from typing import NamedTuple

from striate.core.data_observation import SplitSeen
from striate.diagnosis.case import Case

__all__ = [
    "LEAST_IMAGES",
    "MEAN",
    "MEAN_MIXED",
    "OFFSET",
    "SHARP",
    "SPAN",
    "VARIANCE",
    "Differences",
    "differences",
    "drowned",
]

# Own starting values; see "Rule" of preprocessing-mismatch and augmentation-too-strong.
LEAST_IMAGES = 50
MEAN, MEAN_MIXED = 0.25, 0.1
VARIANCE, SHARP = 1.25, 1.5
SPAN, OFFSET = 2.0, 0.25
ORDER_LEAST, ORDER_TIMES = 0.05, 3.0
PICTURE_TIMES, STRUCTURE, ALIKE = 2.0, 0.1, 0.5
VARIED, DROWNED = 0.5, 1.5
SPAN_KEPT, OFFSET_KEPT, BLANK = 1.1, 0.05, 0.01


class Differences(NamedTuple):
    """How two splits differ; ratios are >= 1, either way round."""

    mean: float
    """Largest over channels, in standard deviations."""
    mixed: bool
    """The means of some channels are higher, of others lower, by more than 0.1 standard deviations."""
    variance: float
    span: float
    offset: float
    """Of the low end, in spans of train."""
    sharp: float
    order: tuple[int, ...]
    """Channels of val that fit those of train; () where their own do."""
    kind: str
    """In words, where type or number of channels differ."""
    inverted: bool = False
    """The mean images of all channels are each other's negatives."""

    @property
    def recipe(self) -> bool:
        """Differences that no choice of pictures makes: darker or paler ones keep black and more than half of the range."""
        return bool(self.kind or self.order) or self.inverted or self.span > SPAN or self.offset > OFFSET

    @property
    def pictures(self) -> bool:
        """Differences that other pictures make as well."""
        return self.mean > MEAN or self.variance > VARIANCE or self.sharp > SHARP


def drowned(case: Case) -> bool:
    """Whether random transforms change training images so much that their variance or sharpness is no longer that of val.

    Their means or their range are left alone: another scale or offset is another preparation, noise and masks are not.
    """
    data = case.seen.data
    if data is None or data.train is None or data.val is None or not data.train.mean or not data.val.mean:
        return False
    varied = any(r.split == "train" and r.images and r.same < VARIED * r.images for r in data.repeats)
    if not varied or min(data.train.n, data.val.n) < LEAST_IMAGES:
        return False
    found = differences(data.train, data.val)
    # Blank images are a condition of their own: without them, and by sharpness alone, since they move moments too.
    blank, other = _blank(data.train), _blank(data.val)
    if abs(blank - other) >= BLANK:
        lively = data.train.sharpness * (1 - other), data.val.sharpness * (1 - blank)
        found = found._replace(variance=1.0, sharp=_ratio(*lively) if min(lively) > 0 else 1.0)
    one_range = found.span < SPAN_KEPT and found.offset < OFFSET_KEPT
    return (
        not found.kind
        and (found.mean <= MEAN or one_range)
        and (found.variance > DROWNED or found.sharp > SHARP)
    )


def _blank(split: SplitSeen) -> float:
    return split.constant / split.hashed if split.hashed else 0.0


def differences(train: SplitSeen, val: SplitSeen) -> Differences:
    """Of what both splits are made of. Where channels cannot be compared, all ratios are 1."""
    kind = _kind(train, val)
    if len(train.mean) != len(val.mean):
        return Differences(0.0, False, 1.0, 1.0, 0.0, 1.0, (), kind)
    scale = [max((a + b) / 2, 1e-12) for a, b in zip(train.std, val.std, strict=True)]
    shifts = [(b - a) / s for a, b, s in zip(train.mean, val.mean, scale, strict=True)]
    span = max(train.high - train.low, 1e-12)
    return Differences(
        mean=max(map(abs, shifts)),
        mixed=max(shifts) > MEAN_MIXED and min(shifts) < -MEAN_MIXED,
        variance=max(_ratio(a * a, b * b) for a, b in zip(train.std, val.std, strict=True)),
        span=_ratio(span, val.high - val.low),
        offset=abs(val.low - train.low) / span,
        sharp=_ratio(train.sharpness, val.sharpness) if train.sharpness and val.sharpness else 1.0,
        order=_order(train, val),
        kind=kind,
        inverted=_inverted(train, val),
    )


def _kind(train: SplitSeen, val: SplitSeen) -> str:
    if train.shape[0] != val.shape[0]:
        return f"{train.shape[0]} channels against {val.shape[0]}"
    return "" if train.dtype == val.dtype else f"{train.dtype} against {val.dtype}"


def _ratio(a: float, b: float) -> float:
    low, high = sorted((max(a, 1e-12), max(b, 1e-12)))
    return high / low


def _order(train: SplitSeen, val: SplitSeen) -> tuple[int, ...]:
    """An order of val's channels that fits train's far better than their own, by means and deviations."""
    channels = range(len(train.mean))
    if len(channels) != 3:
        return ()

    def misfit(order: tuple[int, ...]) -> float:
        return max(
            max(abs(train.mean[c] - val.mean[o]), abs(train.std[c] - val.std[o])) / max(train.std[c], 1e-12)
            for c, o in zip(channels, order, strict=True)
        )

    pictures = _mean_images(train), _mean_images(val)
    of_pictures = partial(_misfit_of_pictures, train=pictures[0], val=pictures[1])
    for measure, times in ((misfit, ORDER_TIMES), (of_pictures, PICTURE_TIMES)):
        own, best = measure(tuple(channels)), min(permutations(channels), key=measure)
        if own > ORDER_LEAST and own > times * measure(best):
            return best
    return ()


def _mean_images(split: SplitSeen) -> tuple[tuple[float, ...], ...]:
    """The mean image of each channel, from its own mean, in standard deviations; () where it was not kept."""
    n, k = len(split.thumbnail), len(split.mean)
    if not n or n % k:
        return ()
    each = [split.thumbnail[c * n // k : (c + 1) * n // k] for c in range(k)]
    return tuple(
        tuple((v - sum(p) / len(p)) / max(s, 1e-12) for v in p) for p, s in zip(each, split.std, strict=True)
    )


def _misfit_of_pictures(
    order: tuple[int, ...], train: tuple[tuple[float, ...], ...], val: tuple[tuple[float, ...], ...]
) -> float:
    """Root mean square difference of the mean images when channels of val are put in this order; 0 where there are none."""
    if not train or not val or len(train[0]) != len(val[0]):
        return 0.0
    squares = [(a - b) ** 2 for c, o in enumerate(order) for a, b in zip(train[c], val[o], strict=True)]
    return math.sqrt(sum(squares) / len(squares))


def _inverted(train: SplitSeen, val: SplitSeen) -> bool:
    """Whether both have a mean image worth the name in every channel, and one is dark where the other is light."""
    a, b = _mean_images(train), _mean_images(val)
    if not a or len(a) != len(b) or len(a[0]) != len(b[0]):
        return False

    def root(p: tuple[float, ...]) -> float:
        return math.sqrt(sum(v * v for v in p) / len(p))

    return all(
        min(root(p), root(q)) > STRUCTURE
        and sum(x * y for x, y in zip(p, q, strict=True)) / len(p) < -ALIKE * root(p) * root(q)
        for p, q in zip(a, b, strict=True)
    )
