"""Fields of operators that take several tensors: combined, side by side, written into one.

Knows nothing about which operators do so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from striate.analysis.extents import EMPTY, Extent, compact, spread
from striate.analysis.field import Field
from striate.analysis.law import Law, Lawless, Taps, in_step, join, single_units, stacked, through

__all__ = ["blank", "lined_up", "overwritten", "union"]


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
