"""In which order labels come: how mixed batches are, and whether passes repeat.

Knows nothing about images, networks, or whether an order was meant.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from striate.core.data_observation import OrderSeen
from striate.observe.pass_log import PassLog

__all__ = ["batch_entropy", "order_seen"]

_BATCHES = 64
"""Batches that are looked at, spread over the pass: own choice, for cost; the null has as many."""
_DRAWS = 200
_DIFFERENT = 20
"""Fewer labels may agree by chance: 20 of two equally common classes do in one of a million shuffles."""


def batch_entropy(labels: NDArray[np.int64], batch: NDArray[np.int64]) -> float:
    """Mean over batches of -sum p ln p of its labels, nats; `batch` says which batch (0, 1, ...) each label is in."""
    classes = int(labels.max()) + 1
    counts = np.bincount(batch * classes + labels, minlength=(int(batch.max()) + 1) * classes)
    counts = counts.reshape(-1, classes).astype(np.float64)
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    return float(-(shares * np.log(np.where(shares > 0, shares, 1))).sum(1).mean())


def order_seen(passes: list[PassLog], count: int) -> OrderSeen | None:
    """Of the first passes over train, of `count` that there were; None without labels.

    The null draws as many batches of the same sizes from all labels of the pass without their order, 200 times, from a generator of its own.
    """
    if not passes:
        return None
    labels = passes[0].column("labels").astype(np.int64)
    if not len(labels) or not (labels >= 0).any():
        return None
    batch = np.repeat(np.arange(len(passes[0].sizes)), passes[0].sizes)
    batches = int(batch[-1]) + 1
    shown = np.unique(np.linspace(0, batches - 1, min(batches, _BATCHES)).astype(int))
    taken = np.isin(batch, shown) & (labels >= 0)
    if not taken.any():
        return None
    inside = np.unique(batch[taken], return_inverse=True)[1].astype(np.int64)
    pool = labels[labels >= 0]
    null = _null(pool, inside)
    return OrderSeen(
        entropy=batch_entropy(labels[taken], inside),
        null_entropy=float(null.mean()),
        null_low=float(np.quantile(null, 0.01)),
        passes=count,
        same_order=_same_order(passes),
        batches=batches,
    )


def _null(pool: NDArray[np.int64], inside: NDArray[np.int64]) -> NDArray[np.float64]:
    rng = np.random.default_rng(6)
    drawn = len(inside)
    # Of a large pass, drawing with replacement differs by less than the draws do, and needs no shuffle of the whole.
    few = len(pool) > 20 * drawn
    return np.array(
        [
            batch_entropy(
                pool[rng.integers(0, len(pool), drawn)] if few else rng.permutation(pool)[:drawn], inside
            )
            for _ in range(_DRAWS)
        ]
    )


def _same_order(passes: list[PassLog]) -> bool | None:
    """Whether the second pass has the labels of the first at the same positions, and more than one label."""
    whole = [log for log in passes[:2] if log.n]
    if len(whole) < 2:
        return None
    n = min(len(log.column("labels")) for log in whole)
    first, second = (log.column("labels")[:n] for log in whole)
    if (first != second).any():
        return False
    if n < _DIFFERENT or len(np.unique(first)) < 2:
        return None
    prints = [log.column("prints")[:n] for log in whole]
    if all(len(column) == n and (column != 0).all() for column in prints) and set(prints[0]) == set(
        prints[1]
    ):
        return bool((prints[0] == prints[1]).all())
    return True
