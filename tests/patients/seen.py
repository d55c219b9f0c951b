"""Observations for the patients: a plain healthy run, and ways to make parts of it.

Knows nothing about conditions: each patient changes what its condition is about.
"""

from __future__ import annotations

from typing import Any

from striate.core.inside_records import LoopSeen, ParameterSeen
from striate.core.observation_records import Observation, Setting
from striate.diagnosis.case import Case

__all__ = ["case", "loop", "parameter", "setting"]


def setting(**more: Any) -> Setting:
    """A finished run of 10 classes under SGD."""
    usual: dict[str, Any] = {
        "source": "attached",
        "classes": 10,
        "train_n": 2000,
        "val_n": 1000,
        "batch_size": 100,
        "optimizer": "SGD",
        "lr": 0.1,
        "momentum": 0.9,
    }
    return Setting(**usual | more)


def parameter(name: str, numel: int = 1000, **more: Any) -> ParameterSeen:
    """One that learns."""
    usual: dict[str, Any] = {
        "requires_grad": True,
        "in_optimizer": True,
        "gradient": "seen",
        "changed": True,
    }
    return ParameterSeen(name=name, numel=numel, **usual | more)


def loop(**more: Any) -> LoopSeen:
    """200 sound steps of two layers."""
    usual: dict[str, Any] = {
        "optimizer_steps": 200,
        "backwards": 200,
        "train_forwards": 200,
        "parameters": (parameter("stem.weight"), parameter("head.weight")),
    }
    return LoopSeen(**usual | more)


def case(**parts: Any) -> Case:
    """A case of the given parts of an `Observation`."""
    return Case(Observation(**{"setting": setting()} | parts))
