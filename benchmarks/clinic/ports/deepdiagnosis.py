"""The symptoms of DeepDiagnosis (ICSE 2022) with the thresholds of its code as they are published; it stops at the first.

Its "|pre-activation| >= 5 for more than half" is judged here by saturated outputs. Knows nothing about a run but its observation.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from striate.core.observation_records import Observation

ZEROS = 0.7
SATURATED = 0.5
LEAST_GRADIENT = 1e-7
VARIANCES = (1e-5, 10.0)
USUAL_RATE, RATE_FACTOR = 1e-3, 100.0


def deepdiagnosis(seen: Observation) -> tuple[str, ...]:
    """The slug of the first symptom, or none."""
    return tuple(_symptoms(seen))[:1]


def _symptoms(seen: Observation) -> Iterator[str]:
    if seen.loop and seen.loop.non_finite:
        yield "non-finite"
    if seen.inside is not None:
        activations = seen.inside.activations
        if any(z >= ZEROS for a in activations if "relu" in a.kind.lower() for z in a.zero):
            yield "dead-relu"
        if any(s > SATURATED for a in activations for s in a.saturated):
            yield "saturated-activations"
        layers = seen.inside.layers
        if any(g / math.sqrt(layer.parameters) < LEAST_GRADIENT for layer in layers for g in layer.grad):
            yield "vanishing-gradient"
        variances = [w**2 / layer.parameters for layer in layers for w in layer.weight if math.isfinite(w)]
        if any(not VARIANCES[0] <= v <= VARIANCES[1] for v in variances):
            yield "bad-initialisation"
    if seen.loop and any(p.requires_grad and p.changed is False for p in seen.loop.parameters):
        yield "parameters-not-updated"
    lr = seen.setting.lr
    if lr is not None and lr > USUAL_RATE * RATE_FACTOR:
        yield "learning-rate-too-high"
    if lr is not None and lr < USUAL_RATE / RATE_FACTOR:
        yield "learning-rate-too-low"
    losses = [p.train_loss for p in seen.epochs if p.train_loss is not None]
    if len(losses) > 1 and losses[-1] >= losses[0]:
        yield "underfitting"
