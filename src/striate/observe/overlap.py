"""Which validation images are also in train, bit by bit or nearly.

Knows nothing about labels, networks, or how much overlap matters.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from striate.core.data_observation import OverlapSeen
from striate.observe.nearest import Thumbs, closest

__all__ = ["near_copies", "overlap_seen"]

_QUERIES = 1000
"""Images of val, and of train for the null, whose nearest are sought: own choice, for cost."""
_MARGIN = 0.8
"""A copy is closer than `_MARGIN` times the closest of `_QUERIES` pairs of the null: of n images the closest of 1,000 others would
be beaten by chance in n / (n + 1,000) of all sets. Own value; on MNIST and CIFAR-10 it leaves 0 to 4 in 1,000, which are natural copies."""
_TAIL = 0.01
_SURE = 4.0
"""Standard errors by which more images must be close than chance brings: own value; with it 3 % of copies among 1,000 are seen."""
_SHIFT = 2
"""Thumbnail pixels: a crop by 4 of 32 pixels."""
_PAIRS = 50


def near_copies(
    val: Thumbs, train: Thumbs, *, moved: bool, same: NDArray[np.bool_] | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(which of val, which of train it nearly is), for standardised thumbnails; as they are and mirrored.

    A copy is much closer to one training image than to any other, or closer than different training images are; how much closer
    chance brings, other training images tell: the closest of 1,000 pairs, and how many are below the quantile of the closest
    hundredth. `moved`: training images are augmented, so shifts are tried too. `same`: which of `train` have a twin bit by bit in train, which the null leaves out.
    """
    rng = np.random.default_rng(3)
    usable = np.arange(len(train)) if same is None else np.flatnonzero(~same)
    if len(usable) < 20 or len(val) == 0:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    chosen = np.sort(rng.choice(usable, min(_QUERIES, len(usable)), replace=False))
    shift = _SHIFT if moved else 0
    null = closest(train[chosen], train, ("", "flip"), shift=shift, skip=chosen)
    null_distance, _, null_share = _best(null.distance, null.at, null.other)
    seen = closest(val, train, ("", "flip"), shift=shift)
    distance, at, share = _best(seen.distance, seen.at, seen.other)
    # Distances are squared, shares too: the margin of a distance is the square of that of a share.
    near = (share < _MARGIN * null_share.min()) | (distance < _MARGIN**2 * null_distance.min())
    near |= _excess(share, null_share)
    return np.flatnonzero(near), at[near]


def _excess(share: NDArray[np.float32], null: NDArray[np.float32]) -> NDArray[np.bool_]:
    """As many of the closest as there are more below the 1 % quantile of the null than belong there; none if that is chance."""
    order = share.argsort(kind="stable")
    below = int((share < np.quantile(null, _TAIL)).sum())
    usual = _TAIL * len(share)
    found = np.zeros(len(share), bool)
    # The quantile is itself one of as many draws as the null has.
    if below > usual + _SURE * np.sqrt(usual * (1 + len(share) / len(null))):
        found[order[: round(below - usual)]] = True
    return found


def _best(
    distance: NDArray[np.float32], at: NDArray[np.int64], other: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float32]]:
    """Over forms: the least distance, whose it is, and its share of the least distance to another image."""
    rows = np.arange(len(distance))
    form = distance.argmin(1)
    best, whose = distance[rows, form], at[rows, form]
    others = np.where(at == whose[:, None], other, distance)
    return best, whose, best / np.maximum(others.min(1), 1e-12)


def overlap_seen(
    exact: NDArray[np.bool_],
    twin: NDArray[np.int64],
    near: tuple[NDArray[np.int64], NDArray[np.int64]],
    right: NDArray[np.bool_] | None,
    names: tuple[list[str], list[str]],
) -> OverlapSeen:
    """From who is where: `exact` by position in val, `twin` its position in train; `near` pairs of positions (val, train).

    `right`: which of val the last evaluation had right. `names`: of train and of val, by position.
    """
    also = ~exact[near[0]]
    whose = np.concatenate([np.flatnonzero(exact), near[0][also]])
    partner = np.concatenate([twin[exact], near[1][also]])
    on = np.zeros(len(exact), bool)
    on[whose] = True
    pairs = [(names[0][t], names[1][v]) for t, v in zip(partner[:_PAIRS], whose[:_PAIRS], strict=True)]
    told = right is not None and len(right) == len(on)
    return OverlapSeen(
        checked=len(exact),
        exact=int(exact.sum()),
        near=int(also.sum()),
        pairs=tuple(pairs),
        accuracy_on=float(right[on].mean()) if told and right is not None and on.any() else None,
        accuracy_off=float(right[~on].mean()) if told and right is not None and (~on).any() else None,
    )
