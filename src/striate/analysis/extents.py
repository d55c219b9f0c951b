"""Which stretch of an input axis each number of a tensor can see, carried exactly.

An extent is an array as wide as the tensor it belongs to, but of length 1 along every axis on which it is constant: the
first rows that the units of a map (1, 256, 56, 56) see are an array (1, 1, 56, 1). So a walk costs vectors, not maps.

A pair of arrays stands for the interval [lo, hi]: `lo` and ``-hi``. Written so, joining what two units see is a
minimum on both, and every operator has one rule for either side. `EMPTY` is the unit that sees nothing: the neutral
element of the minimum. Knows nothing about operators, networks or torch.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["EMPTY", "Extent", "compact", "gather", "group_minimum", "minimum_over", "reshape", "spread"]

Extent = npt.NDArray[np.int64]

# Larger than any position, and small enough to be added to without overflow.
EMPTY = 2**40


def spread(extent: Extent, dim: int, length: int) -> Extent:
    """Of full `length` along `dim`."""
    if extent.shape[dim] == length:
        return extent
    shape = list(extent.shape)
    shape[dim] = length
    return np.broadcast_to(extent, shape)


def compact(extent: Extent) -> Extent:
    """Of length 1 along every axis on which it is constant."""
    for dim, length in enumerate(extent.shape):
        if length > 1:
            first = extent[(slice(None),) * dim + (slice(0, 1),)]
            if (extent == first).all():
                extent = first
    return extent


def minimum_over(extent: Extent, dims: Sequence[int]) -> Extent:
    """Length 1 along `dims`: what any unit along them sees, all of them see together."""
    dims = tuple(d for d in dims if extent.shape[d] > 1)
    return extent.min(axis=dims, keepdims=True) if dims else extent


def group_minimum(extent: Extent, dim: int, groups: int, length: int) -> Extent:
    """Channels of each of `groups` joined, then one value a group given to its share of `length` channels out.

    ``out[o] = min over c in group(o) of extent[c]``
    """
    if extent.shape[dim] == 1:
        return extent
    head, tail = extent.shape[:dim], extent.shape[dim + 1 :]
    joined = extent.reshape(*head, groups, -1, *tail).min(axis=dim + 1)
    return compact(np.repeat(joined, length // groups, axis=dim)) if groups > 1 else joined


def gather(extent: Extent, dim: int, reads: Extent, length: int) -> Extent:
    """``out[i] = min over t of extent[reads[i, t]]`` along `dim`; reads of -1 or of `length` and more see nothing.

    `reads` (positions out, taps) holds indices into an axis of `length`.
    """
    inside = (reads >= 0) & (reads < length)
    if extent.shape[dim] == 1 and bool(inside.any(axis=1).all()):
        return extent
    taken = np.take(spread(extent, dim, length), np.where(inside, reads, 0), axis=dim)
    shape = [1] * taken.ndim
    shape[dim : dim + 2] = inside.shape
    joined: Extent = np.where(inside.reshape(shape), taken, EMPTY).min(axis=dim + 1)
    return joined


def reshape(extent: Extent, old: Sequence[int], new: Sequence[int]) -> Extent:
    """As a tensor of shape `old` is viewed as `new`; only blocks of axes that really change are written out.

    >>> reshape(np.zeros((1, 1, 4, 1), np.int64), (1, 6, 4, 5), (1, 2, 3, 4, 5)).shape
    (1, 1, 1, 4, 1)
    """
    shape: list[int] = []
    full: list[int] = []
    for olds, news in _blocks(old, new):
        if all(extent.shape[d] == 1 for d in olds):
            full += [1] * len(olds)
            shape += [1] * len(news)
        else:
            full += [old[d] for d in olds]
            shape += [new[d] for d in news]
    out = np.broadcast_to(extent, full).reshape(shape)
    return compact(out) if out.size > extent.size or len(shape) != extent.ndim else out


def _blocks(old: Sequence[int], new: Sequence[int]) -> list[tuple[list[int], list[int]]]:
    """The finest grouping of both shapes' axes into runs that hold equally many elements, in order."""
    blocks: list[tuple[list[int], list[int]]] = []
    i = j = 0
    while i < len(old) or j < len(new):
        olds, news = [], []
        if i < len(old):
            olds.append(i)
            i += 1
        if j < len(new):
            news.append(j)
            j += 1
        while math.prod(old[d] for d in olds) != math.prod(new[d] for d in news):
            if j >= len(new) or (
                i < len(old) and math.prod(old[d] for d in olds) < math.prod(new[d] for d in news)
            ):
                olds.append(i)
                i += 1
            else:
                news.append(j)
                j += 1
        blocks.append((olds, news))
    return blocks
