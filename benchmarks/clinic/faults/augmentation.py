"""Plants in augmentation: transforms that change the class, too much of it, random validation.

Knows nothing about networks or loops.
"""

from __future__ import annotations

from typing import Any

from benchmarks.clinic.faults.plant import Fault
from benchmarks.clinic.plan import Plan
from benchmarks.clinic.transforms import (
    Brightness,
    Erase,
    Flip,
    HalfTurn,
    Noise,
    PadCrop,
    ResizedCrop,
    VerticalFlip,
)

KINDS: dict[str, Any] = {"flip": Flip, "vflip": VerticalFlip, "rot180": HalfTurn}


def _changes(kind: str) -> Any:
    return lambda host: kind in host.changing


def _adds(kind: str) -> Any:
    def change(plan: Plan, p: float) -> None:
        plan.augment = (*plan.augment, KINDS[kind](p))

    return change


def cropped(plan: Plan, area: tuple[float, float]) -> None:
    """Only a small part of each image is shown."""
    plan.augment = (*plan.augment, ResizedCrop(*area))


def erased(plan: Plan, share: float) -> None:
    """A large part of nearly every image is blotted out."""
    plan.augment = (*plan.augment, Erase(0.95, share))


def noisy(plan: Plan, std: float) -> None:
    """Images drown in noise."""
    plan.augment = (*plan.augment, Noise(std))


def random_val(plan: Plan, extra: tuple[Any, ...]) -> None:
    """Val goes through the transforms of train."""
    plan.augment = (*plan.augment, *extra)
    plan.val_augment = plan.augment


AUGMENTATION: tuple[Fault, ...] = (
    Fault("vflip", "U1", ("label-changing-transform",), _adds("vflip"), {"mild": 0.2, "clear": 0.5}, _changes("vflip"), curves=("underfitting", "augmentation-too-strong", "over-regularised")),
    Fault("half-turn", "U1", ("label-changing-transform",), _adds("rot180"), {"mild": 0.2, "clear": 0.5}, _changes("rot180"), curves=("underfitting", "augmentation-too-strong", "over-regularised")),
    Fault("flip", "U1", ("label-changing-transform",), _adds("flip"), {"mild": 0.2, "clear": 0.5}, _changes("flip"), curves=("underfitting", "augmentation-too-strong", "over-regularised")),
    Fault("crop", "U2", ("augmentation-too-strong",), cropped, {"mild": (0.2, 0.4), "clear": (0.08, 0.2), "gross": (0.02, 0.08)}, curves=("underfitting", "over-regularised")),
    Fault("erase", "U2", ("augmentation-too-strong",), erased, {"clear": 0.5, "gross": 0.75}, curves=("underfitting", "over-regularised")),
    Fault("noise", "U2", ("augmentation-too-strong",), noisy, {"clear": 0.6, "gross": 1.5}, curves=("underfitting", "over-regularised")),
    Fault("random-val", "U3", ("random-validation",), random_val, {"mild": (PadCrop(1), Brightness(0.3)), "clear": (PadCrop(2), Erase(0.5, 0.2)), "gross": (ResizedCrop(0.3, 1.0), Noise(0.1))}, by_definition=True),
)  # fmt: skip
