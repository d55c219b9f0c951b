"""The rules of UMLAUT (CHI 2021) with the thresholds of its code as they are published.

Its "validation accuracy is suspiciously high" is read as an overlap of train and val, the cause that its message names
first for a reader of ours. Knows nothing about a run but its observation.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from striate.core.observation_records import Observation

RATE_HIGH, RATE_LOW = 0.01, 1e-7
TOO_GOOD, ABOVE_TRAIN = 0.95, 0.05
DROPOUT = 0.5


def umlaut(seen: Observation) -> tuple[str, ...]:
    """Slugs for the rules that fire, in the order in which its page lists them."""
    return (*_inputs(seen), *_network(seen), *_curves(seen))


def _inputs(seen: Observation) -> Iterator[str]:
    train = seen.data.train if seen.data else None
    if train is not None and (train.low < -1 or train.high > 1 or "float" not in train.dtype):
        yield "input-not-scaled"
    if seen.loop and seen.loop.non_finite:
        yield "non-finite"


def _network(seen: Observation) -> Iterator[str]:
    outputs = seen.loop.outputs if seen.loop else None
    if outputs is not None and outputs.probabilities > 0.5:
        yield "softmax-before-loss"
    if seen.network is not None and seen.network.nonlinear is False:
        yield "missing-nonlinearity"
    lr = seen.setting.lr
    if lr is not None and lr > RATE_HIGH:
        yield "learning-rate-too-high"
    if lr is not None and lr < RATE_LOW:
        yield "learning-rate-too-low"
    if seen.network is not None and seen.network.dropout > DROPOUT:
        yield "over-regularised"


def _curves(seen: Observation) -> Iterator[str]:
    points = [p for p in seen.epochs if None not in (p.train_loss, p.val_loss)]
    for before, after in pairwise(points):
        if after.val_loss > before.val_loss and after.train_loss < before.train_loss:  # type: ignore[operator]
            yield "overfitting"
            break
    for p in seen.epochs:
        if p.val_accuracy is None:
            continue
        if p.val_accuracy > TOO_GOOD or (
            p.train_accuracy is not None and p.val_accuracy > p.train_accuracy + ABOVE_TRAIN
        ):
            yield "train-val-overlap"
            break
