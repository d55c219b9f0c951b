"""Images, labels, outputs and curves for the patients of data and integrity: sound ones, and ways to change one thing.

Knows nothing about conditions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from striate.core.data_observation import AgreementSeen, DataSeen, SplitSeen, Suspect
from striate.core.inside_records import LoopSeen, OutputsSeen
from striate.core.observation_records import EpochPoint
from tests.patients.seen import loop

__all__ = ["agreement", "confusion", "curve", "data", "outputs", "split", "suspects", "with_outputs"]

RISING = (0.5, 0.7, 0.8, 0.86, 0.9, 0.92, 0.93, 0.94, 0.95, 0.95)


def split(name: str, **more: Any) -> SplitSeen:
    """Standardised images of ten equally common classes."""
    n = 2000 if name == "train" else 1000
    usual: dict[str, Any] = {
        "split": name,
        "n": n,
        "expected": n,
        "shape": (3, 32, 32),
        "dtype": "float32",
        "mean": (0.02, 0.0, -0.02),
        "std": (1.0, 0.98, 1.02),
        "low": -2.0,
        "high": 2.2,
        "counts": (n // 10,) * 10,
        "hashed": n,
        "contrast": 0.9,
        "sharpness": 0.2,
    }
    return SplitSeen(**usual | more)


def data(**more: Any) -> DataSeen:
    """Both splits as they should be."""
    return DataSeen(**{"train": split("train"), "val": split("val")} | more)


def curve(
    val: Sequence[float] = RISING,
    *,
    train: Sequence[float] | None = None,
    clean: Sequence[float] | None = None,
    **more: Any,
) -> tuple[EpochPoint, ...]:
    """Evaluations after each epoch of 20 steps; train as trained is like val where nobody says."""
    train = val if train is None else train
    return tuple(
        EpochPoint(
            epoch=float(i + 1),
            step=20 * (i + 1),
            train_loss=1 - train[i],
            train_accuracy=train[i],
            train_n=2000,
            clean_accuracy=None if clean is None else clean[i],
            clean_n=0 if clean is None else 2000,
            val_loss=1 - val[i],
            val_accuracy=val[i],
            val_n=1000,
            **more,
        )
        for i in range(len(val))
    )


def outputs(**more: Any) -> OutputsSeen:
    """Logits under a mean cross-entropy, seen in 30 batches of 100."""
    usual: dict[str, Any] = {
        "checked": 30,
        "gradients": 30,
        "agreement": 1.0,
        "scale": 1.0,
        "implied_right": 1.0,
        "implied_one_hot": 1.0,
        "squared_error_agreement": 0.6,
        "binary_agreement": 0.7,
        "label_only": 0.7,
        "softmax_agreement": 0.8,
        "batch_size": 100,
    }
    return OutputsSeen(**usual | more)


def with_outputs(**more: Any) -> LoopSeen:
    """A sound loop with `outputs`."""
    return loop(outputs=outputs(**more))


def confusion(
    right: float = 0.9, n: int = 100, moved: dict[int, int] | None = None, classes: int = 10
) -> tuple[tuple[int, ...], ...]:
    """n images of each class: a share `right` goes to the class itself (or to where `moved` says), the rest to the next ones."""
    rows = []
    for c in range(classes):
        row = [0] * classes
        row[(moved or {}).get(c, c)] = round(right * n)
        rest = n - sum(row)
        for k in range(rest):
            row[(c + 1 + k) % classes] += 1
        rows.append(tuple(row))
    return tuple(rows)


def suspects(n: int = 40, pairs: int = 20) -> tuple[Suspect, ...]:
    """`n` of them, spread over so many pairs of ten classes."""
    every = [(a, b) for a in range(10) for b in range(a)]
    return tuple(
        Suspect(sample=f"train[{i}]", given=every[i % pairs][0], suggested=every[i % pairs][1], score=0.95)
        for i in range(n)
    )


def agreement(**more: Any) -> AgreementSeen:
    """An easy task with sound labels."""
    usual: dict[str, Any] = {
        "neighbours": 1000,
        "neighbours_right": 800,
        "chance": 0.1,
        "confident": 500,
        "confident_wrong": 10,
        "val_confident": 250,
        "val_confident_wrong": 5,
        "epoch": 1.0,
    }
    return AgreementSeen(**usual | more)
