"""The field of every unit along one input axis, as a law of its position.

On an image without borders, unit number ``P q + f`` (`f` in 0 .. P-1) sees the interval ``[lo[f] + J q, hi[f] + J q]``. A chain of convolutions and
pools has period P = 1: then `J` is the effective stride, ``hi - lo + 1`` the size and `lo` the start of the receptive-field
recurrence. Transposed convolutions and upsampling have P > 1: stride J / P, and a size that may differ with the phase.

Where no such law holds there is a `Lawless` that says why. Knows nothing about images with borders (`extents` does) or
about operators.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from striate.analysis.extents import EMPTY, Extent, reshape

__all__ = [
    "Law",
    "Lawless",
    "Taps",
    "first_law",
    "in_step",
    "join",
    "relaid",
    "repeated",
    "reshaped",
    "single_units",
    "stacked",
    "through",
]


@dataclass(frozen=True)
class Taps:
    """What an operator reads along one axis: unit ``up m + f`` out reads units ``down m + offsets[f][t]`` in.

    A convolution has up = 1, down = stride, offsets ``-padding + dilation u``. A transposed one has up = stride.
    """

    down: int
    up: int
    offsets: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Lawless:
    """No law holds: `reach` is how far a unit sees instead, `because` names the operator that ended it.

    ``global``: every unit sees all there was to see. ``irregular``: it differs from unit to unit.
    """

    reach: Literal["global", "irregular"]
    because: str


@dataclass(frozen=True)
class Law:
    """See the module. `lo` and `neg` (-hi) have shape (P, *axes of the tensor, 1 where constant).

    The axis lies in dimension `dim` of the tensor, `length` units long, neighbours `inner` elements apart (more than 1 where
    axes were merged into one). `misaligned` names the first place where branches met whose centres differ.
    """

    dim: int
    inner: int
    length: int
    step: int
    lo: Extent
    neg: Extent
    misaligned: str = ""

    @property
    def period(self) -> int:
        return int(self.lo.shape[0])

    @property
    def empty(self) -> bool:
        """Whether no unit sees anything."""
        return bool((self.lo >= EMPTY // 2).all())

    def sizes(self) -> Extent:
        """Size of the field by phase, of the hull over channels; 0 for a unit that sees nothing."""
        axes = tuple(range(1, self.lo.ndim))
        sizes = 1 - self.neg.min(axis=axes) - self.lo.min(axis=axes)
        return np.where(self.lo.min(axis=axes) >= EMPTY // 2, 0, sizes)

    def starts(self) -> Extent:
        """First position seen by unit f, by phase."""
        starts: Extent = self.lo.min(axis=tuple(range(1, self.lo.ndim)))
        return starts


def first_law(dim: int, rank: int, length: int) -> Law:
    """Of the input itself: unit i sees position i."""
    zero = np.zeros((1,) * (rank + 1), np.int64)
    return Law(dim=dim, inner=1, length=length, step=1, lo=zero, neg=zero)


def through(law: Law, taps: Taps, length: int) -> Law:
    """The law after an operator that reads `taps` and puts out `length` units.

    With input period P the output has period ``P' = up P / gcd(P, down)`` and step ``J' = J down P' / (up P)``.
    """
    period = taps.up * (law.period // math.gcd(law.period, taps.down))
    step = law.step * taps.down * (period // taps.up) // law.period
    lo, neg = [], []
    for phase in range(period):
        m, f = divmod(phase, taps.up)
        reads = [divmod(taps.down * m + offset, law.period) for offset in taps.offsets[f]]
        lo.append(_least([law.lo[r] + law.step * q for q, r in reads], law.lo[0]))
        neg.append(_least([law.neg[r] - law.step * q for q, r in reads], law.neg[0]))
    return replace(law, length=length, step=step, lo=stacked(lo), neg=stacked(neg))


def join(laws: Sequence[Law | Lawless], place: str) -> Law | Lawless:
    """What a unit sees that reads the unit of the same number in every branch: the hull of them.

    Lawless branches win, global ones first. Branches of different stride have no law together.
    """
    alike = in_step(laws, place)
    if isinstance(alike, Lawless):
        return alike
    first, *rest = alike
    for law in rest:
        apart = first.misaligned or law.misaligned or (place if _centres_differ(first, law) else "")
        lo, neg = np.minimum(first.lo, law.lo), np.minimum(first.neg, law.neg)
        first = replace(first, lo=lo, neg=neg, misaligned=apart)
    return first


def in_step(laws: Sequence[Law | Lawless], place: str) -> list[Law] | Lawless:
    """The same laws with one period for all, or why they cannot be put together."""
    lawless = [law for law in laws if isinstance(law, Lawless)]
    if lawless:
        return min(lawless, key=lambda law: law.reach != "global")
    known = [law for law in laws if isinstance(law, Law)]
    first = known[0]
    for law in known[1:]:
        if (first.dim, first.inner, first.length) != (law.dim, law.inner, law.length):
            return Lawless("irregular", f"maps of different layout meet in {place}")
        if first.step * law.period != law.step * first.period:
            strides = f"{_ratio(first.step, first.period)} and {_ratio(law.step, law.period)}"
            return Lawless("irregular", f"branches of stride {strides} meet in {place}")
    period = math.lcm(*(law.period for law in known))
    return [repeated(law, period) for law in known]


def _centres_differ(a: Law, b: Law) -> bool:
    """Whether some unit sees, through both, two intervals with different centres."""
    both = (a.lo < EMPTY // 2) & (b.lo < EMPTY // 2)
    return bool((((a.lo - a.neg) != (b.lo - b.neg)) & both).any())


def relaid(law: Law, dim: int, change: Callable[[Extent], Extent]) -> Law:
    """With the axis in dimension `dim`, and `change` made to the extents of every phase."""
    lo, neg = (stacked([change(phase) for phase in side]) for side in (law.lo, law.neg))
    return replace(law, dim=dim, lo=lo, neg=neg)


def reshaped(law: Law, old: Sequence[int], new: Sequence[int], place: str) -> Law | Lawless:
    """The law of a tensor of shape `old` viewed as `new`.

    An axis may be merged with its neighbours, or cut into rows of equal length (space to depth, windows): then the law runs
    along the outer part and the extents differ along the inner ones.
    """
    stride = law.inner * math.prod(old[law.dim + 1 :])
    after = [math.prod(new[dim + 1 :]) for dim in range(len(new))]
    for dim, (length, beyond) in enumerate(zip(new, after, strict=True)):
        if stride % beyond == 0 and length % (stride // beyond * law.length) == 0:
            moved = relaid(law, dim, lambda extent: reshape(extent, old, new))
            if moved.lo.shape[dim + 1] == 1 == moved.neg.shape[dim + 1]:
                return replace(moved, inner=stride // beyond)
            return Lawless("irregular", f"channels and positions become one axis in {place}")
    return _cut(law, stride, old, new, after) or Lawless("irregular", f"the map is cut in {place}")


def _cut(law: Law, stride: int, old: Sequence[int], new: Sequence[int], after: Sequence[int]) -> Law | None:
    """The axis, `stride` elements between neighbours, lies in several dimensions of `new`: the first of them counts rows."""
    parts = [d for d, beyond in enumerate(after) if stride <= beyond < stride * law.length and new[d] > 1]
    row = law.length // new[parts[0]] if parts else 0
    clean = parts and after[parts[-1]] == stride and math.prod(new[d] for d in parts) == law.length
    if not clean or row % law.period or parts != list(range(parts[0], parts[0] + len(parts))):
        return None
    blank = [np.stack([reshape(phase, old, new) for phase in side]) for side in (law.lo, law.neg)]
    if any(side.shape[d + 1] != 1 for side in blank for d in parts):
        return None
    turns, phases = np.divmod(np.arange(row), law.period)
    first, rest = parts[0], parts[-1] + 1

    def rows(side: Extent, slope: int) -> Extent:
        """All positions of a row, phase by phase, laid out along the parts but the first."""
        every = side[phases] + (slope * turns).reshape(-1, *[1] * len(new))  # (row, *axes of new)
        moved = np.moveaxis(every, 0, first)
        inner = [new[d] for d in parts[1:]]
        return moved.reshape(1, *moved.shape[:first], 1, *inner, *moved.shape[rest + 1 :])

    return replace(
        law,
        dim=first,
        inner=1,
        length=new[first],
        step=law.step * (row // law.period),
        lo=rows(blank[0], law.step),
        neg=rows(blank[1], -law.step),
    )


def repeated(law: Law, period: int) -> Law:
    """The same law written with a longer period, a multiple of its own."""
    turns = range(period // law.period)
    return replace(
        law,
        step=law.step * len(turns),
        lo=np.concatenate([law.lo + law.step * turn for turn in turns]),
        neg=np.concatenate([law.neg - law.step * turn for turn in turns]),
    )


def single_units(law: Law) -> Law:
    """Each unit repeated `inner` times in a row, as a law of single units."""
    if law.inner == 1:
        return law
    taps = Taps(down=1, up=law.inner, offsets=((0,),) * law.inner)
    return replace(through(law, taps, law.length * law.inner), inner=1)


def _least(extents: list[Extent], like: Extent) -> Extent:
    return np.minimum.reduce(extents) if extents else np.full_like(like, EMPTY)


def stacked(phases: Sequence[Extent]) -> Extent:
    """One array of all phases, with length 1 along every axis of the tensor on which none of them varies."""
    whole = np.stack(np.broadcast_arrays(*phases))
    for dim in range(1, whole.ndim):
        first = whole[(slice(None),) * dim + (slice(0, 1),)]
        if whole.shape[dim] > 1 and (whole == first).all():
            whole = first
    return whole


def _ratio(step: int, period: int) -> str:
    common = math.gcd(step, period)
    return f"{step // common}" if period == common else f"{step // common}/{period // common}"
