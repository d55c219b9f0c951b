"""The rules of Amazon SageMaker Debugger with their default thresholds.

Defaults: last public copy of its developer guide. Rules of other domains (text, trees, GPU profiling) are left out. Mean |gradient| is estimated from
the norm of a layer's gradient as norm / sqrt(entries), which is above the mean. Knows nothing about a run but its observation.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from striate.core.observation_records import Observation

LEAST_GRADIENT = 1e-7
DEAD_SHARE = SATURATED_SHARE = 0.5
VARIANCE_RATIO = 10.0
UPDATE_HIGH, UPDATE_LOW = 10.0, 1e-8
WINDOW, LEAST_FALL, RISE = 10, 0.001, 0.05
OVERFIT_RATIO = 0.1
PATIENCE, DELTA = 10, 0.01
IMBALANCE = 10.0
INPUT_MEAN = 0.2


def sagemaker(seen: Observation) -> tuple[str, ...]:
    """Slugs for the rules that fire, in the order of the guide."""
    return (*_tensors(seen), *_losses(seen), *_data(seen))


def _tensors(seen: Observation) -> Iterator[str]:
    if seen.loop and seen.loop.non_finite:
        yield "non-finite"
    if seen.loop and any(p.requires_grad and p.changed is False for p in seen.loop.parameters):
        yield "parameters-not-updated"
    if seen.inside is None:
        return
    layers = seen.inside.layers
    if any(g / math.sqrt(layer.parameters) < LEAST_GRADIENT for layer in layers for g in layer.grad):
        yield "vanishing-gradient"
    if any(d > DEAD_SHARE for a in seen.inside.activations for d in a.dead):
        yield "dead-relu"
    if any(s > SATURATED_SHARE for a in seen.inside.activations for s in a.saturated):
        yield "saturated-activations"
    variances = [layer.weight[0] ** 2 / layer.parameters for layer in layers if layer.weight]
    if variances and max(variances) > VARIANCE_RATIO * max(min(variances), 1e-30):
        yield "bad-initialisation"
    ratios = [
        u / w
        for layer in layers
        for u, w in zip(layer.update, layer.weight, strict=False)
        if w > 0 and u == u
    ]
    if any(r > UPDATE_HIGH for r in ratios):
        yield "learning-rate-too-high"
    if any(r < UPDATE_LOW for r in ratios):
        yield "learning-rate-too-low"


def _losses(seen: Observation) -> Iterator[str]:
    losses = [(s, v) for s, v in zip(seen.steps.step, seen.steps.loss, strict=True) if math.isfinite(v)]
    checks = losses[:1]
    for step, loss in losses:
        if step - checks[-1][0] >= WINDOW:
            checks.append((step, loss))
    pairs = list(pairwise(checks))
    if any(after > before * (1 + RISE) for (_, before), (_, after) in pairs):
        yield "learning-rate-too-high"
    if any(after > before * (1 - LEAST_FALL) for (_, before), (_, after) in pairs):
        yield "learning-rate-too-low"
    points = [(p.train_loss, p.val_loss) for p in seen.epochs if p.train_loss and p.val_loss is not None]
    if any((val - train) / train > OVERFIT_RATIO for train, val in points):
        yield "overfitting"
    best, since = math.inf, 0
    for _, val in points:
        best, since = (val, 0) if val < best - DELTA else (best, since + 1)
        if since >= PATIENCE:
            yield "late-overfitting"
            return


def _data(seen: Observation) -> Iterator[str]:
    train = seen.data.train if seen.data else None
    if train is None:
        return
    counts = [c for c in train.counts if c]
    if counts and max(counts) / min(counts) > IMBALANCE:
        yield "class-imbalance"
    if any(abs(m) > INPUT_MEAN for m in train.mean):
        yield "input-not-scaled"
