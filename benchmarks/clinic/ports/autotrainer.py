"""The symptom rules of AutoTrainer (ICSE 2021, TDSC 2024) with the thresholds of its code as they are published.

The share of zero gradients is not in an observation; the share of channels that never fire stands in for it. Cause rules run only
while accuracy is below its threshold, as there. Knows nothing about a run but its observation.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from striate.core.observation_records import Observation

VANISH_RATIO, VANISH_NORM, EXPLODE_RATIO = 1e-3, 1e-4, 70.0
DYING = 0.7
SWING, SWING_SHARE = 0.03, 0.2
SLOW = 0.01
THETA = 0.6
ACTIVATION = 10.0


def autotrainer(seen: Observation) -> tuple[str, ...]:
    """Slugs for the symptoms that it reports, in its order."""
    return (*_gradients(seen), *_accuracies(seen))


def _gradients(seen: Observation) -> Iterator[str]:
    if seen.loop and seen.loop.non_finite:
        yield "non-finite"
    if seen.inside is None or len(seen.inside.layers) < 2:
        return
    layers = sorted(seen.inside.layers, key=lambda layer: layer.depth)
    pairs = [(a, b) for a, b in zip(layers[0].grad, layers[-1].grad, strict=False) if b > 0]
    if any(a / b < VANISH_RATIO and a < VANISH_NORM for a, b in pairs):
        yield "vanishing-gradient"
    if any(a / b > EXPLODE_RATIO for a, b in pairs):
        yield "learning-rate-too-high"
    if any(a.dead and a.dead[-1] >= DYING for a in seen.inside.activations):
        yield "dead-relu"


def _accuracies(seen: Observation) -> Iterator[str]:
    train = [p.train_accuracy for p in seen.epochs if p.train_accuracy is not None]
    val = [p.val_accuracy for p in seen.epochs if p.val_accuracy is not None]
    if len(val) < 2:
        return
    turns = [
        b
        for a, b, c in zip(val, val[1:], val[2:], strict=False)
        if (b - a) * (c - b) < 0 and max(abs(b - a), abs(c - b)) >= SWING
    ]
    if len(turns) >= SWING_SHARE * len(val):
        yield "learning-rate-too-high"
    if max(b - a for a, b in pairwise(val)) < SLOW:
        yield "learning-rate-too-low"
    if max([*train, *val]) < THETA:
        if seen.inside and any(
            max(map(abs, a.mean), default=0) >= ACTIVATION for a in seen.inside.activations
        ):
            yield "input-not-scaled"
        yield "underfitting"
