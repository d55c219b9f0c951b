"""The same few images under each transform of a policy, and under all of it.

Knows nothing about files or pages.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from striate.augment.policy import Policy
from striate.augment.targets import soft_targets

__all__ = ["Strip", "strips_of"]


@dataclass(frozen=True)
class Strip:
    """One row of pictures. The first strip shows the images as they are."""

    text: str
    """The transform as a policy writes it; "as they are"; or the whole policy."""
    images: NDArray[np.uint8]
    """(N, H, W, C)."""
    targets: NDArray[np.float32]
    """(N, K): the share that each class has in each picture."""


def strips_of(
    policy: Policy, images: torch.Tensor, labels: NDArray[np.int64], *, seed: int = 0, epoch: int = 0
) -> tuple[Strip, ...]:
    """Strips for images (N, C, H, W) uint8 with labels (N,): as they are, each transform alone done to all, the whole policy.

    The policy has to be bound to its classes. The whole is left out where it is one transform that happens to all images anyway.
    """
    rows = np.arange(len(labels))
    classes = len(policy.labels.classes)
    plain = soft_targets(labels, labels, np.ones(len(labels)), classes, torch.device("cpu"))
    found = [Strip("as they are", _pixels(images), plain.numpy())]
    alone = [dataclasses.replace(policy, transforms=(t.always(),)) for t in policy.transforms]
    whole = [policy] if len(alone) > 1 or any(t.share < 1 for t in policy.transforms) else []
    for some, text in [
        *zip(alone, [t.text for t in policy.transforms], strict=True),
        *((p, f"all together: {p.text}") for p in whole),
    ]:
        out, targets = some(images, labels, seed=seed, epoch=epoch, rows=rows)
        if targets.ndim == 1:
            targets = torch.nn.functional.one_hot(targets, classes).float()
        found.append(Strip(text, _pixels(out), targets.cpu().numpy()))
    return tuple(found)


def _pixels(images: torch.Tensor) -> NDArray[np.uint8]:
    return np.ascontiguousarray(images.permute(0, 2, 3, 1).cpu().numpy())
