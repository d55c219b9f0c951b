"""Learning curves for tests: a history of `EpochRecord`s from a few arrays, everything else plausible.

Knows nothing about what the curves are meant to show.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from striate.core.observation_records import EpochPoint
from striate.core.records import EpochRecord

__all__ = ["history", "observed", "towards"]


def towards(start: float, end: float, epochs: int, speed: float = 4.0) -> list[float]:
    """An exponential approach from `start` to `end`, there to 1 - exp(-speed) at the last epoch."""
    x = np.linspace(0.0, 1.0, epochs)
    return [float(v) for v in end + (start - end) * np.exp(-speed * x)]


def history(
    clean: Sequence[float],
    val: Sequence[float],
    *,
    train: Sequence[float] | None = None,
    train_loss: Sequence[float] | None = None,
    val_loss: Sequence[float] | None = None,
    lr: Sequence[float] | None = None,
    clean_n: int = 2000,
    val_n: int = 2000,
    jitter: float = 0.0,
    seed: int = 0,
) -> tuple[EpochRecord, ...]:
    """One record an epoch. Losses default to -ln of a mix of accuracy and certainty; lr to a cosine to 0.

    `jitter` is the standard deviation of normal noise added to the val accuracy.
    """
    n = len(clean)
    rng = np.random.default_rng(seed)
    noisy = np.clip(np.asarray(val) + rng.normal(0.0, 1.0, n) * jitter, 0.0, 1.0)
    shares = np.round(noisy * val_n) / val_n if val_n else np.full(n, math.nan)
    clean_shares = np.round(np.asarray(clean) * clean_n) / clean_n if clean_n else np.full(n, math.nan)
    return tuple(
        EpochRecord(
            epoch=i + 1,
            steps=32,
            seconds=3.25,
            train_loss=train_loss[i] if train_loss else _loss(clean[i] - 0.01),
            train_accuracy=train[i] if train else max(0.0, clean[i] - 0.01),
            clean_loss=_loss(clean[i]),
            clean_accuracy=float(clean_shares[i]),
            clean_n=clean_n,
            val_loss=val_loss[i] if val_loss else _loss(val[i]),
            val_accuracy=float(shares[i]),
            val_balanced_accuracy=float(shares[i]),
            val_top5=min(1.0, float(shares[i]) + 0.04),
            val_ece=0.03,
            val_n=val_n,
            lr=lr[i] if lr else 0.05 * (1 + math.cos(math.pi * (i + 1) / n)),
            grad_norm=1.5,
            grad_norm_max=3.0,
            images_per_second=2600.0,
            data_wait=0.01,
        )
        for i in range(n)
    )


def observed(
    clean: Sequence[float],
    val: Sequence[float],
    *,
    clean_n: int = 2000,
    val_n: int = 2000,
    without: Sequence[str] = (),
    **more: Any,
) -> tuple[EpochPoint, ...]:
    """The same as evaluations of an observation, `without` some of the figures, as a foreign log would have it."""
    dropped = {*without, *([] if clean_n else ["clean_loss", "clean_accuracy"])}
    dropped |= set() if val_n else {"val_loss", "val_accuracy"}
    if more.get("train") and not more.get("train_loss"):
        more["train_loss"] = [_loss(accuracy) for accuracy in more["train"]]
    names = [n for n in EpochPoint.model_fields if n in EpochRecord.model_fields and n not in dropped]
    return tuple(
        EpochPoint(**{name: getattr(e, name) for name in names} | {"step": 32 * e.epoch})
        for e in history(clean, val, clean_n=clean_n, val_n=val_n, **more)
    )


def _loss(accuracy: float) -> float:
    return -math.log(min(max(accuracy, 0.02), 0.995))
