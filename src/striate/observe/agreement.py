"""Whether labels follow from images, by judges that need no run that went well.

Three judges: the nearest training images, a kernel classifier that left each image out, and the network's own answers about training images before it
had learnt them. Knows nothing about which disagreement is a fault.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.core.data_observation import Suspect
from striate.observe.contradiction import confident_joint, floor, rank_of_sureness
from striate.observe.left_out import kernel, left_out_shares
from striate.observe.nearest import Thumbs, vote

__all__ = ["Labelled", "by_answers", "by_neighbours", "by_others", "early_pass", "surest_contradictions"]

Labelled = tuple[Thumbs, NDArray[np.int64]]
"""Standardised thumbnails and their labels, none below 0."""

_SUREST = 0.25
_VAL, _OTHERS = 2000, 1500
"""Images judged: own choice, for cost."""
_FEWEST = 50
_LAST_EARLY = 8
"""Passes among which the early one is chosen: by then networks of a few thousand images are past chance."""
_SUSPECTS = 40
_READY = 0.9
"""Of the best val accuracy. Later passes have begun to learn wrong labels by heart while val still gains: of digits with 20 % flipped the
surest answers contradict 20 % in the first pass, 15 % in the third, 6 % in the eighth."""


def by_neighbours(queries: Labelled, references: Labelled | None, classes: int) -> dict[str, Any]:
    """Fields of `AgreementSeen` about neighbours. Without `references`, the queries judge each other.

    k = 5; of classes with equally many votes the one with the lower number counts.
    """
    thumbs, labels = queries[0][:_VAL], queries[1][:_VAL]
    known, names = references if references is not None else (thumbs, labels)
    if not len(labels) or not len(names):
        return {}
    votes, _ = vote(thumbs, known, names, classes, alone=references is None)
    commonest = int(np.bincount(names, minlength=classes).argmax())
    return {
        "neighbours": len(labels),
        "neighbours_right": int((votes.argmax(1) == labels).sum()),
        "chance": float((labels == commonest).mean()),
    }


def by_others(train: Labelled, classes: int) -> tuple[dict[str, Any], NDArray[np.int64], NDArray[np.float64]]:
    """Fields of `AgreementSeen` about folds (each image is a fold), which images were judged, and their shares (n, classes)."""
    rng = np.random.default_rng(7)
    chosen = np.sort(rng.permutation(len(train[1]))[:_OTHERS])
    labels = train[1][chosen]
    if len(labels) < _FEWEST or len(np.unique(labels)) < 2:
        return {}, np.empty(0, np.int64), np.empty((0, classes))
    shares = left_out_shares(kernel(train[0][chosen].reshape(len(chosen), -1)), labels, classes)
    ordered = np.sort(shares, axis=1)
    wrong = shares.argmax(1) != labels
    rank = rank_of_sureness(shares.argmax(1), ordered[:, -1] - ordered[:, -2])
    noise = confident_joint(shares, labels)
    facts = {
        "folds": len(chosen),
        "folds_noise": noise,
        "folds_low": min(noise, floor(wrong, rank)),
        "folds_accuracy": float(1 - wrong.mean()),
    }
    return facts, chosen, shares


def by_answers(labels: NDArray[Any], answers: NDArray[Any], sureness: NDArray[Any]) -> tuple[int, int]:
    """(answers in the surest quarter of each answered class, how many of them the label contradicts)."""
    told = (labels >= 0) & (answers >= 0)
    labels, answers = labels[told], answers[told]
    sure = rank_of_sureness(answers, sureness[told]) < _SUREST
    return int(sure.sum()), int((answers[sure] != labels[sure]).sum())


def early_pass(train: list[float], val: list[float], val_n: int) -> int:
    """Which pass (from 0) to take answers of: the first after which val is as good as it gets in eight passes, or nearly.

    `train`: accuracy of answers given in each pass, before each batch's step; `val`: accuracy after each pass, shorter where it was not
    measured. Training images are learnt by heart from the pass on in which they are answered better than new ones by 3
    standard errors; then it is the pass before that one. Without val it is the second.
    """
    both = list(zip(train[:_LAST_EARLY], val, strict=False))
    if not both:
        return min(1, len(train) - 1)
    enough = _READY * max(val[:_LAST_EARLY])
    before = 0
    for i, (right, new) in enumerate(both):
        error = np.sqrt(max(new * (1 - new), 0.01) / max(1, val_n))
        if right > new + 3 * error:
            return before
        if new >= enough:
            return i
        before = i
    return before


def surest_contradictions(
    given: NDArray[Any], suggested: NDArray[Any], score: NDArray[Any], name: Callable[[int], str]
) -> tuple[Suspect, ...]:
    """Up to 40 of the images whose label is not the one suggested, the surest first; `name` by row."""
    wrong = np.flatnonzero((given != suggested) & (given >= 0) & (suggested >= 0))
    first = wrong[np.argsort(-score[wrong], kind="stable")][:_SUSPECTS]
    return tuple(
        Suspect(sample=name(int(i)), given=int(given[i]), suggested=int(suggested[i]), score=float(score[i]))
        for i in first
    )
