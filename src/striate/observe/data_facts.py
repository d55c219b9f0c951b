"""From kept passes to the record: which images and labels each fact is of.

Knows nothing about batches, devices, or which fact is a fault.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.core.data_observation import (
    AgreementSeen,
    DataSeen,
    FlipSeen,
    OverlapSeen,
    RepeatSeen,
)
from striate.observe.agreement import by_neighbours, by_others, surest_contradictions
from striate.observe.domain import told_apart
from striate.observe.early_answers import early_answers
from striate.observe.flips import flows_under, forms_between, forms_of
from striate.observe.moments import split_seen
from striate.observe.nearest import FORMS, Thumbs, standardised
from striate.observe.order import order_seen
from striate.observe.overlap import near_copies, overlap_seen
from striate.observe.pass_log import Looked, PassLog
from striate.observe.repeats import repeat_seen

__all__ = ["Watched", "data_seen"]

_PLAIN = 0.9
"""Share of training images that come again bit by bit, from which on training is not augmented: 1 then, but for values that are rarely changed."""
_VAL_QUERIES = 1000
_FLOW_QUERIES, _FLOW_REFERENCES = 800, 2000
_RARE = 0.02
"""A form that fewer training images than this take is a mistaken match, not a transform: own value."""


@dataclass
class Watched:
    """What `DataWatch` holds when it is asked."""

    train: list[PassLog]
    val: list[PassLog]
    classes: int
    train_passes: int
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    train_confusion: tuple[tuple[int, ...], ...] = ()
    val_confusion: tuple[tuple[int, ...], ...] = ()
    best_val_confusion: tuple[tuple[int, ...], ...] = ()

    def name(self, split: str, at: int) -> str:
        """Of the sample at a position of the first pass."""
        known = self.names.get(split, ())
        return known[at] if at < len(known) else f"{split}[{at}]"

    @cached_property
    def first(self) -> Sight | None:
        """What the first pass over train looks like."""
        return sight(self.train[0], self.classes) if self.train else None

    @cached_property
    def second(self) -> Sight | None:
        """The second."""
        return sight(self.train[1], self.classes) if len(self.train) > 1 else None

    @cached_property
    def shown(self) -> Sight | None:
        """What val looks like."""
        return sight(self.val[0], self.classes) if self.val else None

    @cached_property
    def comparable(self) -> bool:
        """Whether images of train and val have one size and can stand beside each other."""
        first, shown = self.first, self.shown
        return first is not None and shown is not None and first.thumbs.shape[1:] == shown.thumbs.shape[1:]

    @cached_property
    def repeats(self) -> tuple[RepeatSeen, ...]:
        """Of train and val."""
        found = (repeat_seen("train", self.train), repeat_seen("val", self.val))
        return tuple(one for one in found if one is not None)

    @cached_property
    def plain(self) -> bool | None:
        """Whether training images come as they are; None where that is not known."""
        share = next((r.same / r.images for r in self.repeats if r.split == "train" and r.images), None)
        if share is None:
            return None
        # A loader that drops its last batch shows others of the data set in each pass.
        whole = self.train[0].n / self.train[0].expected if self.train[0].expected else 1.0
        return share >= _PLAIN * min(1.0, whole)


@dataclass(frozen=True)
class Sight:
    """Images looked at in one pass, with a class each where they have one."""

    looked: Looked
    thumbs: Thumbs
    """Standardised with the moments of this split, so that another normalisation of the other split changes nothing."""
    labels: NDArray[np.int64]

    def labelled(self, most: int = 1 << 30) -> tuple[Thumbs, NDArray[np.int64]]:
        """Those with a class, at most so many, spread evenly."""
        rows = np.flatnonzero(self.labels >= 0)
        rows = rows[:: max(1, -(-len(rows) // most))]
        return self.thumbs[rows], self.labels[rows]


def sight(log: PassLog, classes: int) -> Sight | None:
    """None where nothing was looked at."""
    looked = log.looked()
    if looked is None or not len(looked.at):
        return None
    mean, std = looked.thumbs.mean((0, 2, 3), dtype=float), looked.thumbs.std((0, 2, 3), dtype=float)
    labels = log.column("labels")[looked.at].astype(np.int64)
    return Sight(looked, standardised(looked.thumbs, mean, std), np.where(labels < classes, labels, -1))


def data_seen(watched: Watched) -> DataSeen:
    """The record."""
    train = split_seen("train", watched.train[0], watched.classes) if watched.train else None
    val = split_seen("val", watched.val[0], watched.classes) if watched.val else None
    domain = _domain(watched)
    return DataSeen(
        train=train,
        val=val,
        order=order_seen(watched.train, watched.train_passes),
        overlap=_overlap(watched),
        agreement=_agreement(watched),
        flips=_flips(watched),
        repeats=watched.repeats,
        train_confusion=watched.train_confusion,
        val_confusion=watched.val_confusion,
        best_val_confusion=watched.best_val_confusion,
        domain_auc=domain[0] if domain else None,
        domain_low=domain[1] if domain else None,
        domain_n=domain[2] if domain else 0,
        sizes="unknown" if not (train and val) else "equal" if train.shape == val.shape else "different",
    )


def _domain(watched: Watched) -> tuple[float, float, int] | None:
    """Only where training images come as they are: augmentation alone tells train from val."""
    first, shown = watched.first, watched.shown
    if not watched.plain or not watched.comparable or first is None or shown is None:
        return None
    scale = first.looked.thumbs.mean((0, 2, 3), dtype=float), first.looked.thumbs.std((0, 2, 3), dtype=float)
    parts = [(standardised(one.looked.thumbs, *scale), _moments_of(one.looked)) for one in (first, shown)]
    return told_apart(parts[0], parts[1])


def _moments_of(looked: Looked) -> NDArray[np.float64]:
    spread = np.sqrt(np.clip(looked.square - looked.mean**2, 0, None))
    within = np.maximum(spread.mean(1), 1e-12)
    return np.concatenate([looked.mean, spread, (looked.sharp / within)[:, None]], 1)


def _overlap(watched: Watched) -> OverlapSeen | None:
    if not watched.train or not watched.val:
        return None
    mine, theirs = watched.val[0].column("prints"), watched.train[0].column("prints")
    if not (mine != 0).any() or not (theirs != 0).any() or watched.train[0].shape != watched.val[0].shape:
        return None
    values, where = np.unique(theirs, return_index=True)
    at = np.minimum(np.searchsorted(values, mine), len(values) - 1)
    exact = (values[at] == mine) & (mine != 0)
    near = (np.empty(0, np.int64), np.empty(0, np.int64))
    first, shown = watched.first, watched.shown
    if watched.comparable and first is not None and shown is not None:
        rows = np.flatnonzero(~exact[shown.looked.at])[:_VAL_QUERIES]
        twice = np.unique(theirs, return_counts=True)
        common = np.isin(theirs[first.looked.at], twice[0][twice[1] > 1])
        found = near_copies(shown.thumbs[rows], first.thumbs, moved=watched.plain is not True, same=common)
        near = (shown.looked.at[rows[found[0]]], first.looked.at[found[1]])
    pair = tuple(
        [watched.name(split, i) for i in range(n)]
        for split, n in (("train", len(theirs)), ("val", len(mine)))
    )
    return overlap_seen(exact, where[at], near, _right(watched), (pair[0], pair[1]))


def _right(watched: Watched) -> NDArray[np.bool_] | None:
    """Which of the images of the first evaluation the last one had right; None where they come in another order."""
    ended = [log for log in watched.val if log.ended] or watched.val
    labels, last = watched.val[0].column("labels"), ended[-1].column("labels")
    answers = ended[-1].column("answers")
    if len(last) != len(labels) or (last != labels).any() or not (answers >= 0).any():
        return None
    right: NDArray[np.bool_] = answers == last
    return right


def _flips(watched: Watched) -> tuple[FlipSeen, ...]:
    first, second, shown = watched.first, watched.second, watched.shown
    if first is None or watched.classes < 2:
        return ()
    forms = forms_of(first.thumbs.shape)
    used: dict[str, float] | None = None
    if watched.plain:
        used = dict.fromkeys(forms, 0.0)
    elif second is not None and second.thumbs.shape[1:] == first.thumbs.shape[1:]:
        used = forms_between(first.labelled(), second.labelled(), forms)
    queries = shown.labelled(_FLOW_QUERIES) if shown is not None and watched.comparable else None
    found = []
    for form in FORMS:
        share = used.get(form) if used is not None else None
        told = form in forms and queries is not None and (share is None or share > _RARE)
        # Training images that may be turned themselves cannot say what a turn does: then val judges val.
        known = first.labelled(_FLOW_REFERENCES) if share == 0 else None
        flows = flows_under(form, queries, known, watched.classes) if told and queries is not None else ()
        found.append(FlipSeen(transform=form, used=share, flows=flows))
    return tuple(found)


def _agreement(watched: Watched) -> AgreementSeen | None:
    first, shown = watched.first, watched.shown
    if not watched.train or watched.classes < 2:
        return None
    facts: dict[str, Any] = {}
    judged = np.empty(0, np.int64)
    shares = np.empty((0, watched.classes))
    if first is not None and (first.labels >= 0).any():
        if shown is not None and watched.comparable:
            facts |= by_neighbours(shown.labelled(), first.labelled(), watched.classes)
        else:
            facts |= by_neighbours(first.labelled(), None, watched.classes)
        more, judged, shares = by_others(first.labelled(), watched.classes)
        facts |= more
    facts |= early_answers(watched.train, watched.val)
    if not facts:
        return None
    if len(judged) and first is not None:
        at = first.looked.at[np.flatnonzero(first.labels >= 0)[judged]]
        given = watched.train[0].column("labels")[at]
        facts["suspects"] = surest_contradictions(
            given, shares.argmax(1), shares.max(1), lambda i: watched.name("train", int(at[i]))
        )
    return AgreementSeen(**facts)
