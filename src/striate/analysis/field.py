"""What every unit of one tensor can see of the input: exact extents, and the law behind them.

A `Field` holds, for each spatial axis of the input, the first and last position that each number of the tensor depends on
(`extents`: exact, borders and padding included) and the law of an image without borders (`laws`). Here are the few
motions that operators are made of; `rules` says which operator is made of which. Knows nothing about torch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from striate.analysis.extents import (
    EMPTY,
    Extent,
    compact,
    gather,
    group_minimum,
    minimum_over,
    reshape,
    spread,
)
from striate.analysis.law import (
    Law,
    Lawless,
    Taps,
    first_law,
    in_step,
    join,
    relaid,
    reshaped,
    single_units,
    stacked,
    through,
)

__all__ = ["Field", "Unknown", "blank", "input_field", "lined_up", "overwritten", "union"]


@dataclass(frozen=True)
class Unknown:
    """Nothing can be said about this tensor, because an operator without a rule had a hand in it."""

    because: str


@dataclass(frozen=True)
class Field:
    """`extents[a]` is the pair (lo, -hi) on input axis `a`, as in `extents`; `laws[a]` the law there."""

    shape: tuple[int, ...]
    extents: tuple[tuple[Extent, Extent], ...]
    laws: tuple[Law | Lawless, ...]

    def changed(
        self,
        shape: Sequence[int],
        extent: Callable[[Extent], Extent],
        law: Callable[[Law], Law | Lawless],
    ) -> Field:
        """A field of `shape`, with `extent` done to every extent and `law` to every law there is."""
        return Field(
            tuple(shape),
            tuple((extent(lo), extent(neg)) for lo, neg in self.extents),
            tuple(law(known) if isinstance(known, Law) else known for known in self.laws),
        )

    def permuted(self, order: Sequence[int]) -> Field:
        """Axis `order[d]` of this becomes axis d."""
        order = list(order)
        move: Callable[[Extent], Extent] = lambda extent: extent.transpose(order)
        return self.changed(
            [self.shape[d] for d in order], move, lambda law: relaid(law, order.index(law.dim), move)
        )

    def reshaped(self, shape: Sequence[int], place: str) -> Field:
        """The same numbers in the same order under another shape."""
        return self.changed(
            shape,
            lambda extent: reshape(extent, self.shape, shape),
            lambda law: reshaped(law, self.shape, shape, place),
        )

    def joined_over(self, dims: Iterable[int], place: str) -> Field:
        """Everything along `dims` joined into one unit each (they keep length 1): a sum, a maximum, a statistic."""
        gone = sorted({d % len(self.shape) for d in dims})
        shape = [1 if d in gone else n for d, n in enumerate(self.shape)]
        join_them: Callable[[Extent], Extent] = lambda extent: minimum_over(extent, gone)

        def law_after(law: Law) -> Law | Lawless:
            if law.dim in gone:
                return Lawless("global", place)
            return relaid(law, law.dim, join_them)

        return self.changed(shape, join_them, law_after)

    def mixed(self, dim: int, groups: int, channels: int) -> Field:
        """Every one of `channels` out sees all channels of its group."""
        mix: Callable[[Extent], Extent] = lambda extent: group_minimum(extent, dim, groups, channels)
        shape = [channels if d == dim else n for d, n in enumerate(self.shape)]
        return self.changed(shape, mix, lambda law: relaid(law, law.dim, mix))

    def read(self, dim: int, reads: Extent, taps: Taps | None, place: str) -> Field:
        """Unit i along `dim` sees what units ``reads[i, t]`` saw; `taps` is the law of these reads, None if there is none."""
        length = len(reads)
        take: Callable[[Extent], Extent] = lambda extent: gather(extent, dim, reads, self.shape[dim])

        def law_after(law: Law) -> Law | Lawless:
            if law.dim != dim:
                return relaid(law, law.dim, lambda extent: _pick(extent, dim, reads))
            if taps is None or law.inner * law.length != self.shape[dim]:
                return Lawless("irregular", place)
            return through(single_units(law), taps, length)

        shape = [length if d == dim else n for d, n in enumerate(self.shape)]
        return self.changed(shape, take, law_after)

    def stretched(self, shape: Sequence[int], place: str) -> Field:
        """Broadcast to `shape`: axes of length 1 repeated, new ones in front."""
        new = len(shape) - len(self.shape)
        widen: Callable[[Extent], Extent] = lambda extent: extent.reshape((1,) * new + extent.shape)

        def law_after(law: Law) -> Law | Lawless:
            if self.shape[law.dim] == 1 != shape[law.dim + new]:
                return Lawless("global", f"one unit spread over a map in {place}")
            return relaid(law, law.dim + new, widen)

        return self.changed(shape, widen, law_after)

    def laid_out(self, shape: Sequence[int], keep: Sequence[int]) -> Field:
        """Axes of length 1 put in or left out: axis `keep[n]` of this is the n-th axis that stays, -1 a new one."""
        at = {old: new for new, old in enumerate(keep) if old >= 0}

        def change(extent: Extent) -> Extent:
            dropped = tuple(d for d in range(extent.ndim) if d not in at)
            kept = extent.min(axis=dropped) if dropped else extent
            return np.expand_dims(kept, tuple(n for n, old in enumerate(keep) if old < 0))

        def law_after(law: Law) -> Law | Lawless:
            if law.dim in at:
                return relaid(law, at[law.dim], change)
            return Lawless("global", "the map has become one unit")

        return self.changed(shape, change, law_after)

    def everywhere(self, reach: Lawless) -> Field:
        """With no law any more, for the reason given."""
        return replace(self, laws=tuple(_stronger(law, reach) for law in self.laws))


def input_field(shape: Sequence[int], axes: Sequence[int]) -> Field:
    """Of the input itself: along each of its spatial `axes`, a number sees its own position."""
    rank = len(shape)
    extents = []
    for dim in axes:
        at = np.arange(shape[dim], dtype=np.int64).reshape([-1 if d == dim else 1 for d in range(rank)])
        extents.append((at, -at))
    return Field(tuple(shape), tuple(extents), tuple(first_law(dim, rank, shape[dim]) for dim in axes))


def union(fields: Sequence[Field], shape: Sequence[int], place: str) -> Field:
    """Of an operator that combines numbers of the same position in several tensors, broadcast to `shape`."""
    wide = [field.stretched(shape, place) for field in fields]
    if len(wide) == 1:
        return wide[0]
    axes = range(len(wide[0].extents))
    return Field(
        tuple(shape),
        tuple(tuple(_least(f.extents[a][side] for f in wide) for side in (0, 1)) for a in axes),  # type: ignore[misc]
        tuple(join([f.laws[a] for f in wide], place) for a in axes),
    )


def lined_up(fields: Sequence[Field], dim: int, shape: Sequence[int], place: str) -> Field:
    """Of tensors put one behind the other along `dim`."""

    def line(sides: list[Extent]) -> Extent:
        rank = sides[0].ndim
        # Equal pieces stay one piece of length 1: most concatenations join channels that see the same.
        if all(s.shape == sides[0].shape and s.shape[dim] == 1 and (s == sides[0]).all() for s in sides):
            return sides[0]
        common = [max(s.shape[d] for s in sides) for d in range(rank)]
        pieces = [
            np.broadcast_to(s, [f.shape[dim] if d == dim else n for d, n in enumerate(common)])
            for s, f in zip(sides, fields, strict=True)
        ]
        return np.concatenate(pieces, axis=dim)

    def law_of(laws: list[Law | Lawless]) -> Law | Lawless:
        known = in_step(laws, place)
        if isinstance(known, Lawless):
            return known
        first = known[0]
        if first.dim == dim:
            return Lawless("irregular", f"maps side by side in {place}")
        phases = range(first.period)
        lo, neg = ([line([getattr(law, side)[p] for law in known]) for p in phases] for side in ("lo", "neg"))
        apart = next((law.misaligned for law in known if law.misaligned), "")
        return replace(first, lo=stacked(lo), neg=stacked(neg), misaligned=apart)

    axes = range(len(fields[0].extents))
    return Field(
        tuple(shape),
        tuple(tuple(line([f.extents[a][side] for f in fields]) for side in (0, 1)) for a in axes),  # type: ignore[misc]
        tuple(law_of([f.laws[a] for f in fields]) for a in axes),
    )


def blank(like: Field, shape: Sequence[int]) -> Field:
    """A field of `shape`, of the rank of `like`, that sees nothing: a constant beside a map."""
    nothing = np.full((1,) * len(shape), EMPTY, np.int64)

    def law_of(law: Law | Lawless) -> Law | Lawless:
        if isinstance(law, Lawless):
            return law
        empty = np.full((law.period, *nothing.shape), EMPTY, np.int64)
        return replace(law, length=shape[law.dim] // law.inner, lo=empty, neg=empty)

    return Field(tuple(shape), tuple((nothing, nothing) for _ in like.extents), tuple(map(law_of, like.laws)))


def overwritten(base: Field, src: Field, dim: int, at: Extent, place: str) -> Field:
    """`base` with its positions `at` along `dim` replaced by `src`."""
    length = base.shape[dim]

    def put(under: Extent, over: Extent) -> Extent:
        under, over = spread(under, dim, length), spread(over, dim, len(at))
        common = np.broadcast_shapes(
            *([1 if d == dim else n for d, n in enumerate(e.shape)] for e in (under, over))
        )
        whole = np.broadcast_to(under, [length if d == dim else n for d, n in enumerate(common)]).copy()
        whole[(slice(None),) * dim + (at,)] = over
        return compact(whole)

    def law_of(under: Law | Lawless, over: Law | Lawless) -> Law | Lawless:
        if isinstance(over, Law) and isinstance(under, Law) and over.dim == dim:
            consecutive = len(at) > 0 and np.array_equal(at, np.arange(at[0], at[0] + len(at)))
            if under.empty and consecutive and over.inner * over.length == len(at):
                return through(single_units(over), Taps(1, 1, ((-int(at[0]),),)), length)
            return Lawless("irregular", f"a part of the map is written over in {place}")
        known = in_step([under, over], place)
        if isinstance(known, Lawless):
            return known
        phases = range(known[0].period)
        lo, neg = ([put(*(getattr(law, side)[p] for law in known)) for p in phases] for side in ("lo", "neg"))
        return replace(known[1], lo=stacked(lo), neg=stacked(neg))

    return Field(
        base.shape,
        tuple((put(b[0], s[0]), put(b[1], s[1])) for b, s in zip(base.extents, src.extents, strict=True)),
        tuple(law_of(b, s) for b, s in zip(base.laws, src.laws, strict=True)),
    )


def _least(extents: Iterable[Extent]) -> Extent:
    least: Extent = np.minimum.reduce(np.broadcast_arrays(*extents))
    return least


def _pick(extent: Extent, dim: int, reads: Extent) -> Extent:
    """Of a law of another axis: channels picked or repeated; a map cropped or padded along its other axis is the same."""
    if extent.shape[dim] == 1:
        return extent
    return gather(extent, dim, reads, extent.shape[dim])


def _stronger(law: Law | Lawless, reach: Lawless) -> Lawless:
    return law if isinstance(law, Lawless) and law.reach == "global" else reach
