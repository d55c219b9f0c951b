"""Whether training mirrors or turns its images, and which classes that mixes up.

Knows nothing about networks, or which change of class is a fault.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from striate.observe.nearest import FORMS, Thumbs, closest, turned, vote

__all__ = ["flows_under", "forms_between", "forms_of"]

_QUERIES = 300
_CLEAR = 0.4
"""Of a squared distance: an image is found again when it is this much closer to one image, in one form, than to any other image
or in any other form. Own value: of different images of a class 1 in 100 are as close, see the tests."""
_ENOUGH = 20
"""Images found again below which no share is given: its standard error would be over 0.1."""
_SHIFT = 2
_STRONG = 4
"""Votes of 5 that a class needs: a shape that is merely strange divides them."""
_USUAL = 0.95
"""A turned image must be as close to its neighbours as this share of the images that are of their class. Votes alone send all that
is strange to some class: of digits by a quarter turn 94 % of the 6s to 4, with this none."""
_FEWEST = 3
"""A flow of fewer images is left out."""
_MOST = 20


def forms_of(shape: tuple[int, ...]) -> tuple[str, ...]:
    """The forms that thumbnails (C, h, w) of such images can take: turns need a square."""
    return FORMS if shape[-1] == shape[-2] else FORMS[:2]


def forms_between(
    first: tuple[Thumbs, NDArray[np.int64]], second: tuple[Thumbs, NDArray[np.int64]], forms: tuple[str, ...]
) -> dict[str, float] | None:
    """For each form: share of the images of the second pass that the first had in that form. None where too few are found again.

    Images are sought among those with their label. With both passes mirrored at random the share is that of *different* draws:
    one half where each is mirrored with a probability of one half.
    """
    chosen = np.sort(np.random.default_rng(4).permutation(len(second[0]))[: _QUERIES * 4])
    found: list[NDArray[np.int64]] = []
    for label in np.unique(second[1][chosen]):
        queries = chosen[second[1][chosen] == label]
        references = np.flatnonzero(first[1] == label)
        if len(references) >= 2 and sum(len(part) for part in found) < _QUERIES:
            found.append(_forms(second[0][queries], first[0][references], forms))
    clear = np.concatenate(found) if found else np.empty(0, np.int64)
    clear = clear[clear >= 0]
    if len(clear) < _ENOUGH:
        return None
    return {form: float((clear == 1 + i).mean()) for i, form in enumerate(forms)}


def _forms(queries: Thumbs, references: Thumbs, forms: tuple[str, ...]) -> NDArray[np.int64]:
    """Of each query: 0 as it is, 1 + i in the i-th form (turned back, it is the reference); -1 where that is not clear."""
    back = {"rot90": "rot270", "rot270": "rot90"}
    seen = closest(queries, references, ("", *(back.get(form, form) for form in forms)), shift=_SHIFT)
    rows = np.arange(len(queries))
    form = seen.distance.argmin(1)
    best, whose = seen.distance[rows, form], seen.at[rows, form]
    rest = np.where(seen.at == whose[:, None], seen.other, seen.distance).min(1)
    forms_left = seen.distance.copy()
    forms_left[rows, form] = np.inf
    clear = best < _CLEAR * np.minimum(rest, forms_left.min(1))
    return np.where(clear, form, -1)


def flows_under(
    form: str,
    queries: tuple[Thumbs, NDArray[np.int64]],
    references: tuple[Thumbs, NDArray[np.int64]] | None,
    classes: int,
) -> tuple[tuple[int, int, int, int], ...]:
    """(from, to, images of `from`, how many are called `to` after the form is applied and not before), the largest shares first.

    The judge is the 5 nearest of `references`, images without the transform; None: the queries themselves, without each its own.
    After, at least 4 of the 5 must agree and be as close as an image's neighbours usually are, so that what is merely strange
    moves nowhere.
    """
    thumbs, labels = queries
    known, names = references if references is not None else queries
    votes, usual = vote(thumbs, known, names, classes, alone=references is None)
    before = votes.argmax(1)
    limits = np.array(
        [
            np.quantile(usual[mine], _USUAL) if (mine := (before == c) & (labels == c)).any() else -np.inf
            for c in range(classes)
        ]
    )
    votes, far = vote(turned(thumbs, form), known, names, classes)
    after = votes.argmax(1)
    moved = (votes.max(1) >= _STRONG) & (after != before) & (far <= limits[after])
    flows = []
    for source in np.unique(labels):
        mine = labels == source
        counts = np.bincount(after[mine & moved], minlength=classes)
        counts[source] = 0
        n = int(mine.sum())
        flows += [(int(source), int(to), n, int(counts[to])) for to in np.flatnonzero(counts >= _FEWEST)]
    return tuple(sorted(flows, key=lambda flow: -flow[3] / flow[2])[:_MOST])
