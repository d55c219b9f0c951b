"""What a loader hands out, taken apart: images, and targets of a known kind.

A batch is a pair, a longer tuple whose first two entries are the pair, or a mapping with usual names. Knows nothing about
networks or loops.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch

__all__ = ["Parts", "TargetKind", "parts", "target_kind"]

TargetKind = Literal["classes", "shares", "multi-label", "regression", "unknown"]
"""Classes (N,) of integers; shares of classes (N, K) that sum to 1; several labels at once; real numbers; anything else."""

IMAGE_NAMES = ("pixel_values", "images", "image", "inputs", "input", "x", "data", "img")
TARGET_NAMES = ("labels", "label", "targets", "target", "y", "class", "classes", "fine_label")
SUM_ERROR = 1e-3


@dataclass(frozen=True)
class Parts:
    """One batch. `images` or `targets` is None where the batch has none that could be found."""

    images: torch.Tensor | None
    targets: torch.Tensor | None
    kind: TargetKind

    @property
    def size(self) -> int:
        """Images in the batch; 0 where that is unknown."""
        for part in (self.targets, self.images):
            if part is not None and part.ndim:
                return len(part)
        return 0


def parts(batch: Any) -> Parts:
    """Images and targets of a batch of any usual form; never raises.

    >>> parts((torch.zeros(2, 3, 4, 4), torch.tensor([0, 1]), ["a", "b"])).kind
    'classes'
    """
    images, targets = _pair(batch)
    return Parts(images, targets, target_kind(targets))


def target_kind(targets: torch.Tensor | None) -> TargetKind:
    """What targets are, from their type, shape and values.

    Integers (N,) or (N, 1) are classes; (N, K) whose rows are >= 0 and sum to 1 are shares; other (N, K) of zeros and
    ones are several labels at once; other real numbers are a regression.
    """
    if targets is None or targets.ndim == 0 or targets.is_complex():
        return "unknown"
    if targets.ndim == 1 or (targets.ndim == 2 and targets.shape[1] == 1):
        return "regression" if targets.is_floating_point() else "classes"
    if targets.ndim != 2:
        return "unknown"
    values = targets.detach().float()
    if bool((values >= 0).all()) and bool(((values.sum(1) - 1).abs() < SUM_ERROR).all()):
        return "shares"
    return "multi-label" if bool(((values == 0) | (values == 1)).all()) else "regression"


def _pair(batch: Any) -> tuple[torch.Tensor | None, torch.Tensor | None]:
    if isinstance(batch, torch.Tensor):
        return batch, None
    if isinstance(batch, Mapping):
        return _named(batch, IMAGE_NAMES, floating=True), _named(batch, TARGET_NAMES, floating=False)
    if isinstance(batch, Sequence) and not isinstance(batch, str | bytes):
        # Some loaders nest: ((images, extra), targets).
        flat = [b if isinstance(b, torch.Tensor) else _first(b) for b in batch[:2]]
        images, targets, *_ = [*flat, None, None]
        return images, targets
    return None, None


def _first(value: Any) -> torch.Tensor | None:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return next((v for v in value if isinstance(v, torch.Tensor)), None)
    return None


def _named(batch: Mapping[Any, Any], names: Sequence[str], *, floating: bool) -> torch.Tensor | None:
    for name in names:
        if isinstance(batch.get(name), torch.Tensor):
            found: torch.Tensor = batch[name]
            return found
    # Nothing by name: the first tensor with the shape of images, or with the shape of labels.
    for value in batch.values():
        if isinstance(value, torch.Tensor) and (value.ndim >= 3) == floating:
            return value
    return None
