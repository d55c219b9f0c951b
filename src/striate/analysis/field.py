"""What every unit of one tensor can see: exact extents, and the law behind them.

A `Field` holds, for each spatial axis of the input, the first and last position that each number of the tensor depends on
(`extents`: exact, borders and padding included) and the law of an image without borders (`laws`). Here are the few
motions that operators are made of; `rules` says which operator is made of which. Knows nothing about torch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from striate.analysis.extents import (
    Extent,
    gather,
    group_minimum,
    minimum_over,
    reshape,
)
from striate.analysis.law import (
    Law,
    Lawless,
    Taps,
    first_law,
    relaid,
    reshaped,
    single_units,
    through,
)

__all__ = ["Field", "Unknown", "input_field"]


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


def _pick(extent: Extent, dim: int, reads: Extent) -> Extent:
    """Of a law of another axis: channels picked or repeated; a map cropped or padded along its other axis is the same."""
    if extent.shape[dim] == 1:
        return extent
    return gather(extent, dim, reads, extent.shape[dim])


def _stronger(law: Law | Lawless, reach: Lawless) -> Lawless:
    return law if isinstance(law, Lawless) and law.reach == "global" else reach
