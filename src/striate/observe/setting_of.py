"""How a run is set up, read off its optimiser and its loaders.

Knows nothing about what was meant; what cannot be read stays 0, None or "".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import torch

__all__ = ["dataset_size", "optimizer_facts", "rate", "transform_names"]

DEEPEST = 6


def rate(optimizer: torch.optim.Optimizer) -> float:
    """The largest learning rate of its groups."""
    return max((float(g["lr"]) for g in optimizer.param_groups), default=0.0)


def optimizer_facts(optimizers: Sequence[torch.optim.Optimizer]) -> dict[str, Any]:
    """Fields of `Setting` that an optimiser tells."""
    if not optimizers:
        return {}
    first = optimizers[0]
    group = first.param_groups[0] if first.param_groups else {}
    betas = group.get("betas")
    momentum = group.get("momentum", betas[0] if betas else None)
    return {
        "optimizer": "+".join(dict.fromkeys(type(o).__name__ for o in optimizers)),
        "momentum": _number(momentum),
        "weight_decay": _number(group.get("weight_decay")),
        "epsilon": _number(group.get("eps")),
    }


def dataset_size(loader: Any) -> int:
    """Images that one whole pass should give: of the sampler, where there is one, else of the data set; 0 where nobody knows."""
    for owner in ("sampler", "dataset"):
        try:
            return len(getattr(loader, owner))
        except (AttributeError, TypeError, NotImplementedError):
            continue
    return 0


def transform_names(loader: Any) -> tuple[str, ...]:
    """Class names of the transforms of a loader's data set, nested ones too, in order; () where there are none to be seen."""
    dataset, found = getattr(loader, "dataset", None), []
    for _ in range(DEEPEST):
        for name in ("transform", "transforms"):
            found += _names(getattr(dataset, name, None), 0)
        inner = getattr(dataset, "dataset", None)  # torch's Subset and its like
        if found or inner is None:
            break
        dataset = inner
    return tuple(dict.fromkeys(found))


def _names(transform: Any, depth: int) -> list[str]:
    if transform is None or depth > DEEPEST:
        return []
    inner = getattr(transform, "transforms", None)
    if inner is None and type(transform).__name__ == "StandardTransform":
        inner = [transform.transform]
    if inner is None and isinstance(transform, list | tuple):
        inner = transform
    if isinstance(inner, Iterable):
        return [name for part in inner for name in _names(part, depth + 1)]
    name = getattr(transform, "__name__", type(transform).__name__)
    return [] if name in ("function", "Compose") else [str(name)]


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None
