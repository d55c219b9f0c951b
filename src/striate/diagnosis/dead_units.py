"""Which layers can lose units for good, and which lost them while training.

Knows nothing about what killed them, or whether they are missed.
"""

from __future__ import annotations

from striate.core.inside_records import ActivationSeries, Inside

__all__ = ["killed", "rectifiers"]

RECTIFIERS = frozenset({"relu", "relu6", "threshold", "clamp", "clamp_min"})
# Rates that killed units left 83 to 100 % of a layer dead, sound runs up to 46 % (own measurement); units that are merely sparse may look dead
# on few images. One with under a fifth dead before training was alive, an own starting value.
MOSTLY, ALIVE = 0.7, 0.2


def rectifiers(inside: Inside) -> tuple[ActivationSeries, ...]:
    """Activations whose slope is exactly 0 below 0, in order of depth: only such a unit can die."""
    found = [a for a in inside.activations if a.kind.lower() in RECTIFIERS]
    return tuple(sorted(found, key=lambda a: a.depth))


def killed(inside: Inside) -> tuple[ActivationSeries, ...]:
    """Layers of rectifiers that were alive before training, with 70 % of their channels dead ever since: not born so."""
    return tuple(
        a for a in rectifiers(inside) if a.stuck > MOSTLY and a.dead and a.dead[0] < min(ALIVE, a.stuck / 2)
    )
