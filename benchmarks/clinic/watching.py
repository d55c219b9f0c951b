"""What a loop talks to: an attached diagnosis, or nobody.

Harm is measured with nobody watching; both give the same run to the bit. Knows nothing about what is recorded.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

import torch
from torch import nn

from striate.core.observation_records import Observation


class Doctor(Protocol):
    """The part of `striate.attach` that loops use."""

    def watch(self, loader: Any, split: str = "train") -> Iterable[Any]:
        """The same batches."""

    def log(self, **values: float) -> None:
        """What the loop itself says."""


class Nobody:
    """Watches nothing."""

    def watch(self, loader: Any, split: str = "train") -> Iterable[Any]:
        return loader

    def log(self, **values: float) -> None:
        pass

    def observation(self) -> Observation | None:
        """None: nothing was seen."""
        return None

    def detach(self) -> None:
        pass


def doctor(
    watched: bool, model: nn.Module, optimizer: torch.optim.Optimizer, declared: dict[str, Any]
) -> Any:
    """`striate.attach` with what is declared, or `Nobody`."""
    if not watched:
        return Nobody()
    import striate

    doc = striate.attach(model, optimizer)
    if declared:
        doc.declare(**declared)
    return doc
