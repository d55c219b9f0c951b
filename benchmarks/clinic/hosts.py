"""Healthy runs that faults are planted in: a data set, an architecture and a way of training each, tuned to go well in seconds.

Those of the set "tune" may be looked at while rules are made; those of "report" share neither data nor architecture with them. Knows
nothing about faults.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import torch
from torch import Tensor

from benchmarks.clinic import images, scenes
from benchmarks.clinic.images import Images
from benchmarks.clinic.networks import NETWORKS
from benchmarks.clinic.plan import Plan
from benchmarks.clinic.transforms import Brightness, Erase, Flip, PadCrop

Part = Literal["tune", "report"]


@dataclass(frozen=True)
class Host:
    """One healthy recipe. `settings` are fields of `Plan`."""

    name: str
    part: Part
    data: Callable[[], Images]
    train_n: int
    val_n: int
    classes: int
    network: str
    settings: dict[str, Any]
    flips: tuple[str, ...] = ()
    """Mirrors and turns under which images keep their class: ``flip``, ``vflip``, ``rot180``."""
    changing: tuple[str, ...] = ()
    """Those that make another class of it."""

    @property
    def norm(self) -> str:
        """batch, group or none."""
        return NETWORKS[self.network][1]

    @property
    def relu(self) -> bool:
        """Whether its activations are ReLU."""
        return self.network not in ("tanh", "strided", "patches", "deep-gn")

    @property
    def colour(self) -> bool:
        """Whether images have three channels."""
        return self.data in (images.vehicles, images.animals, _discs)

    def plan(self, seed: int) -> Plan:
        """A new plan of the healthy run."""
        train, val = images.split(self.data(), self.train_n, self.val_n)
        scale = standard(train)
        return Plan(
            train=train,
            val=val,
            classes=self.classes,
            seed=seed,
            network=self.network,
            train_scale=scale,
            val_scale=scale,
            **self.settings,
        )


class Standard:
    """(x - mean) / std by channel."""

    def __init__(self, mean: Iterable[float], std: Iterable[float]) -> None:
        self.mean, self.std = (torch.tensor(list(v), dtype=torch.float32)[:, None, None] for v in (mean, std))

    def __call__(self, x: Tensor) -> Tensor:
        return (x - self.mean) / self.std


def standard(train: Images) -> Standard:
    """Scaling with the moments of the training images."""
    return Standard(train.x.mean((0, 2, 3)).tolist(), train.x.std((0, 2, 3)).tolist())


@cache
def _shapes() -> Images:
    return scenes.textured_shapes(2000)


@cache
def _shapes_small() -> Images:
    return scenes.textured_shapes(2000, 16)


@cache
def _discs() -> Images:
    return scenes.coloured_discs(2000)


@cache
def _arrows() -> Images:
    return scenes.arrows(2200)


@cache
def _relations() -> Images:
    return scenes.relations(2200)


SGD = {"optimizer": "SGD"}
ADAM = {"optimizer": "Adam"}
ADAMW = {"optimizer": "AdamW", "weight_decay": 0.01}
ALL = ("flip", "vflip", "rot180")

HOSTS: tuple[Host, ...] = (
    Host(
        "digits-plain", "tune", images.digits, 1200, 597, 10, "plain",
        {**SGD, "lr": 0.03, "schedule": "cosine", "loop": "tidy", "epochs": 14},
        (), ("vflip", "rot180"),
    ),
    Host(
        "digits-tanh", "tune", images.digits, 1200, 597, 10, "tanh",
        {**ADAM, "lr": 1e-3, "schedule": "constant", "loop": "afterwards", "epochs": 14, "loader": "own"},
        (), ("vflip", "rot180"),
    ),
    Host(
        "vehicles-bn", "tune", images.vehicles, 1600, 600, 4, "conv-bn",
        {**SGD, "lr": 0.1, "schedule": "one-cycle", "loop": "phases", "epochs": 10, "weight_decay": 5e-4, "augment": (Flip(), PadCrop(1))},
        ("flip",),
    ),
    Host(
        "shapes-resnet", "tune", _shapes, 1200, 600, 6, "resnet",
        {**SGD, "lr": 0.05, "schedule": "step", "loop": "trainer", "epochs": 12, "weight_decay": 1e-4},
        ("flip",),
    ),
    Host(
        "shapes-flatten", "tune", _shapes_small, 1400, 600, 6, "flatten",
        {**ADAM, "lr": 2.5e-3, "schedule": "cosine", "loop": "between", "epochs": 16, "augment": (PadCrop(2),)},
        ("flip",),
    ),
    Host(
        "discs-gn", "tune", _discs, 1200, 600, 5, "conv-gn",
        {**ADAMW, "lr": 3e-3, "schedule": "warm-up", "loop": "tidy", "epochs": 12},
        ALL,
    ),
    Host(
        "vehicles-deep", "tune", images.vehicles, 1400, 600, 4, "deep-bn",
        {**SGD, "lr": 0.05, "schedule": "cosine", "loop": "afterwards", "epochs": 10, "weight_decay": 1e-4, "augment": (Flip(),)},
        ("flip",),
    ),
    Host(
        "mnist-lenet", "report", images.mnist, 1500, 800, 10, "lenet",
        {**ADAM, "lr": 1e-3, "schedule": "constant", "loop": "trainer", "epochs": 10},
        (), ("vflip", "rot180"),
    ),
    Host(
        "mnist-separable", "report", images.mnist, 1500, 800, 10, "separable",
        {**ADAMW, "lr": 4e-3, "schedule": "one-cycle", "loop": "phases", "epochs": 10, "augment": (PadCrop(2),)},
        (), ("vflip", "rot180"),
    ),
    Host(
        "animals-vgg", "report", images.animals, 1800, 600, 4, "vgg",
        {**SGD, "lr": 0.05, "schedule": "warm-up", "loop": "afterwards", "epochs": 12, "weight_decay": 5e-4, "augment": (Flip(), PadCrop(2), Brightness(0.2))},
        ("flip",),
    ),
    Host(
        "animals-preact", "report", images.animals, 1500, 600, 4, "preact",
        {**SGD, "lr": 0.05, "schedule": "cosine", "loop": "between", "epochs": 10, "weight_decay": 5e-4, "augment": (Flip(), PadCrop(2)), "loader": "own"},
        ("flip",),
    ),
    Host(
        "relation-strided", "report", _relations, 1500, 600, 4, "strided",
        {**ADAM, "lr": 1e-3, "schedule": "step", "loop": "between", "epochs": 12},
        ("flip",), ("vflip", "rot180"),
    ),
    Host(
        "arrows-patches", "report", _arrows, 1500, 600, 4, "patches",
        {**ADAMW, "lr": 3e-3, "schedule": "cosine", "loop": "tidy", "epochs": 10, "augment": (Erase(0.3, 0.05),)},
        (), ALL,
    ),
    Host(
        "relation-deep", "report", _relations, 1200, 600, 4, "deep-gn",
        {**SGD, "lr": 0.1, "schedule": "one-cycle", "loop": "tidy", "epochs": 9},
        ("flip",), ("vflip", "rot180"),
    ),
)  # fmt: skip


def host(name: str) -> Host:
    """The host of that name; KeyError where there is none."""
    return {h.name: h for h in HOSTS}[name]
