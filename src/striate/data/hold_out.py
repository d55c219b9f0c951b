"""Choosing samples to hold out: stratified by class, seeded, whole components at a time.

A component is a set of samples that must stay together, such as exact copies or frames of one scene. Which samples
are chosen depends on their keys, not on their order. Knows nothing about what train, val and test are for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["components", "hold_out", "quotas"]

Ints = NDArray[np.int64]


def components(n: int, *ties: Sequence[Any] | NDArray[Any] | None) -> Ints:
    """For each of `n` samples the smallest sample that it is tied to, directly or through others.

    Each of `ties` gives every sample an id; equal ids tie. '' and negative ids tie nothing.

    >>> components(4, ["a", "", "a", ""], [0, 1, 2, 2]).tolist()
    [0, 1, 0, 0]
    """
    parent = list(range(n))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for ids in ties:
        first: dict[Any, int] = {}
        for i, name in enumerate([] if ids is None else np.asarray(ids).tolist()):
            if name == "" or (isinstance(name, int) and name < 0):
                continue
            a, b = sorted((root(first.setdefault(name, i)), root(i)))
            parent[b] = a
    return np.fromiter((root(i) for i in range(n)), dtype=np.int64, count=n)


def quotas(counts: Ints, share: float, spare: Ints) -> Ints:
    """How many of each class to take: the largest-remainder method, at least one in all.

    sum = max(1, round(share * sum(counts))), each within one of share * counts[k] and never above `spare[k]`.
    """
    exact = share * counts
    take = np.minimum(np.floor(exact), spare).astype(np.int64)
    wanted = max(1, round(float(exact.sum())))
    by_remainder = np.argsort(-(exact - np.floor(exact)), kind="stable")
    for k in by_remainder:
        if take.sum() >= wanted:
            break
        if counts[k] and take[k] < spare[k]:
            take[k] += 1
    return take


def hold_out(
    labels: Ints, component: Ints, free: NDArray[np.bool_], aim: Ints, spare: Ints, words: NDArray[np.uint64]
) -> Ints:
    """Rows of `free` samples to hold out, sorted; empty when no whole component can be spared.

    `aim[k]` of class k are wanted, no more than `spare[k]` are taken. `words` are random, one for each
    sample: a component goes by its smallest.
    """
    spare = spare.copy()
    singles, joint = _members(np.flatnonzero(free), component, words)
    # Components first, up to their own share of the aim: single samples then make each class exact.
    of_joint = _counts(labels, joint, len(aim))
    of_free = np.bincount(labels[free], minlength=len(aim))
    chosen = _nearest(labels, joint, aim * of_joint / np.maximum(of_free, 1), spare)
    need = aim - _counts(labels, chosen, len(aim))
    for k in np.flatnonzero(np.minimum(need, spare) > 0):
        of_class = singles[labels[singles] == k][: min(need[k], spare[k])]
        chosen.append(of_class)
        need[k] -= len(of_class)
        spare[k] -= len(of_class)
    taken = {int(rows[0]) for rows in chosen if len(rows)}
    left = [rows for rows in joint if int(rows[0]) not in taken]
    chosen += _nearest(labels, left, need.astype(np.float64), spare)
    rows = np.concatenate(chosen) if chosen else np.zeros(0, dtype=np.int64)
    return np.sort(rows) if len(rows) else _least_bad(labels, joint, aim, spare)


def _nearest(labels: Ints, joint: Iterable[Ints], need: NDArray[np.float64], spare: Ints) -> list[Ints]:
    """Components that bring the classes nearer to what they need, in squares, in the order they come.

    `spare` is lowered by what is taken.
    """
    need = need.copy()
    chosen = []
    for rows in joint:
        ks, c = np.unique(labels[rows], return_counts=True)
        if (c <= spare[ks]).all() and (need[ks] ** 2).sum() > ((need[ks] - c) ** 2).sum():
            chosen.append(rows)
            need[ks] -= c
            spare[ks] -= c
    return chosen


def _counts(labels: Ints, chosen: Sequence[Ints], n_classes: int) -> Ints:
    rows = np.concatenate([np.zeros(0, dtype=np.int64), *chosen])
    return np.bincount(labels[rows], minlength=n_classes)


def _members(rows: Ints, component: Ints, words: NDArray[np.uint64]) -> tuple[Ints, list[Ints]]:
    """Samples that are alone, and the components of several; both in random order."""
    by_component = rows[np.lexsort((words[rows], component[rows]))]
    starts = np.flatnonzero(np.diff(component[by_component], prepend=-1))
    sizes = np.diff(starts, append=len(by_component))
    heads = by_component[starts]  # the smallest word of each
    order = np.argsort(words[heads], kind="stable")
    alone = sizes[order] == 1
    return heads[order[alone]], [by_component[starts[i] : starts[i] + sizes[i]] for i in order[~alone]]


def _least_bad(labels: Ints, joint: Iterable[Ints], need: Ints, spare: Ints) -> Ints:
    """The component that overshoots least, where all of them overshoot: better than nothing held out."""

    def candidates() -> Iterator[tuple[int, Ints]]:
        for rows in joint:
            c = np.bincount(labels[rows], minlength=len(need))
            if (c <= spare).all():
                yield int(((need - c) ** 2).sum()), rows

    best = min(candidates(), key=lambda pair: pair[0], default=(0, np.zeros(0, dtype=np.int64)))
    return np.sort(best[1])
