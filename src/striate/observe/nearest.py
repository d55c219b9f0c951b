"""Which thumbnails look most alike, as they are, mirrored or turned, and a little shifted.

Distances are mean squared differences of standardised thumbnails. Everything here is NumPy. Knows nothing about labels' meaning, passes or verdicts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from striate.observe.looking import area_weights

__all__ = ["FORMS", "Closest", "Thumbs", "closest", "distances", "standardised", "turned", "vote"]

Thumbs = NDArray[np.float32]
"""(n, C, h, w)"""

FORMS = ("flip", "vflip", "rot90", "rot180", "rot270")
"""Turns are counter-clockwise, as `numpy.rot90` turns."""

_CANDIDATES = 4
"""References that are compared with all shifts, those that look most alike when blurred: own choice, for cost."""
_BLOCK = 512
"""Queries whose distances are held at once."""


@dataclass(frozen=True)
class Closest:
    """For each query and form: the distance to the closest reference, which it is, and the distance to the next other one."""

    distance: NDArray[np.float32]
    """(n, forms)"""
    at: NDArray[np.int64]
    other: NDArray[np.float32]


def standardised(thumbs: Thumbs, mean: NDArray[np.float64], std: NDArray[np.float64]) -> Thumbs:
    """(x - mean) / std by channel; a channel that does not vary stays 0."""
    scale = np.where(std > 0, 1 / np.where(std > 0, std, 1), 0)
    return ((thumbs - mean[:, None, None]) * scale[:, None, None]).astype(np.float32)


def turned(thumbs: Thumbs, form: str) -> Thumbs:
    """The thumbnails in a form of `FORMS`; any other name leaves them as they are."""
    if form in ("flip", "vflip"):
        return thumbs[..., ::-1] if form == "flip" else thumbs[..., ::-1, :]
    if form.startswith("rot"):
        return np.rot90(thumbs, int(form.removeprefix("rot")) // 90, axes=(2, 3))
    return thumbs


def distances(queries: NDArray[np.float32], references: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, m): mean squared difference of each row of (n, d) to each of (m, d)."""
    squares = (queries**2).sum(1)[:, None] + (references**2).sum(1)[None]
    return np.maximum(squares - 2 * queries @ references.T, 0) / max(1, queries.shape[1])


def closest(
    queries: Thumbs,
    references: Thumbs,
    forms: tuple[str, ...] = ("",),
    *,
    shift: int = 0,
    skip: NDArray[np.int64] | None = None,
) -> Closest:
    """Closest references of each query in each form; shifted by up to `shift` thumbnail pixels each way.

    `skip` names one reference for each query that does not count: itself. Shifted pairs are compared where they overlap.
    """
    blurred = _flat(_half(references) if shift else references)
    parts = []
    for start in range(0, len(queries), _BLOCK):
        block = queries[start : start + _BLOCK]
        own = None if skip is None else skip[start : start + _BLOCK]
        parts.append([_closest(turned(block, form), references, blurred, shift, own) for form in forms])
    return Closest(*(np.concatenate([np.stack([f[i] for f in part], 1) for part in parts]) for i in range(3)))


def _closest(
    queries: Thumbs,
    references: Thumbs,
    blurred: NDArray[np.float32],
    shift: int,
    skip: NDArray[np.int64] | None,
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float32]]:
    far = distances(_flat(_half(queries) if shift else queries), blurred)
    rows = np.arange(len(queries))
    if skip is not None:
        far[rows, skip] = np.inf
    few = min(_CANDIDATES if shift else 2, far.shape[1])
    at = np.argpartition(far, few - 1, axis=1)[:, :few]
    if shift:
        near = np.stack([_shifted(queries, references[at[:, j]], shift) for j in range(few)], 1)
        near[np.isinf(np.take_along_axis(far, at, 1))] = np.inf
    else:
        near = np.take_along_axis(far, at, 1)
    order = near.argsort(1)
    near, at = np.take_along_axis(near, order, 1), np.take_along_axis(at, order, 1)
    return near[:, 0], at[:, 0], near[:, 1] if few > 1 else np.full(len(queries), np.inf, np.float32)


def _shifted(one: Thumbs, two: Thumbs, most: int) -> NDArray[np.float32]:
    """Least mean squared difference of each pair over all shifts, where the two overlap."""
    height, width = one.shape[2:]
    best = np.full(len(one), np.inf, np.float32)
    for down in range(-min(most, height - 1), min(most, height - 1) + 1):
        for across in range(-min(most, width - 1), min(most, width - 1) + 1):
            a = one[:, :, max(down, 0) : height + min(down, 0), max(across, 0) : width + min(across, 0)]
            b = two[:, :, max(-down, 0) : height + min(-down, 0), max(-across, 0) : width + min(-across, 0)]
            best = np.minimum(best, ((a - b) ** 2).mean((1, 2, 3)))
    return best


def _half(thumbs: Thumbs) -> Thumbs:
    rows, columns = (area_weights(n, (n + 1) // 2).numpy() for n in thumbs.shape[2:])
    return rows @ thumbs @ columns.T


def _flat(thumbs: Thumbs) -> NDArray[np.float32]:
    return np.ascontiguousarray(thumbs).reshape(len(thumbs), -1)


def vote(
    queries: Thumbs,
    references: Thumbs,
    labels: NDArray[np.int64],
    classes: int,
    *,
    k: int = 5,
    alone: bool = False,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """(n, classes): votes of the `k` closest references; (n,): mean distance to them.

    `alone`: queries are the references, and none votes for itself. Where there are fewer than `k`, all of them vote.
    """
    flat, known = _flat(queries), _flat(references)
    few = min(k, len(known) - alone)
    votes, mean = np.zeros((len(flat), classes), np.int64), np.full(len(flat), np.inf, np.float32)
    if few < 1:
        return votes, mean
    for start in range(0, len(flat), _BLOCK):
        far = distances(flat[start : start + _BLOCK], known)
        rows = np.arange(len(far))
        if alone:
            far[rows, start + rows] = np.inf
        at = np.argpartition(far, few - 1, axis=1)[:, :few]
        mean[start + rows] = np.take_along_axis(far, at, 1).mean(1)
        for j in range(few):
            np.add.at(votes, (start + rows, labels[at[:, j]]), 1)
    return votes, mean
