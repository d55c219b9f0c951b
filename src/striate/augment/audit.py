"""What a network makes of images before and after a transform: counts, no verdict.

Knows nothing about where the network comes from, nor about what counts as harm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import torch
from numpy.typing import NDArray

from striate.augment.transform import ImageTransform, Key
from striate.core import metrics
from striate.core.augment_records import TransformFlow

__all__ = ["Predict", "flow_between", "flow_under"]

Predict = Callable[[torch.Tensor], NDArray[np.int64]]
"""Images (N, C, H, W) uint8 -> the classes they are taken for (N,)."""

Chunk = tuple[NDArray[np.int64], torch.Tensor]
"""Places in the held-out set (N,) and their images (N, C, H, W)."""


def flow_under(
    transform: ImageTransform,
    predict: Predict,
    chunks: Iterable[Chunk],
    labels: NDArray[np.int64],
    before: NDArray[np.int64],
    classes: int,
    seed: int = 0,
) -> TransformFlow:
    """The flow of predictions under `transform`, done to every image once, at its strength and with its own draws.

    chunks: all held-out images, in parts. labels, before: (N,) true classes, and what `predict` said about the images as they are. The
    draws are those of epoch 0 of a policy of this transform alone, so the figure can be had again.
    """
    forced = transform.always()
    after = np.empty_like(before)
    changed = 0
    for places, images in chunks:
        shape = (images.shape[1], images.shape[2], images.shape[3])
        draw = forced.once(forced.draw(Key(seed, 0, f"audit/{transform.name}"), places, shape))
        out = forced.apply(images, draw)
        changed += int((out != images).flatten(1).any(dim=1).sum())
        after[places] = predict(out)
    return flow_between(transform, labels, before, after, classes, changed / max(1, len(labels)))


def flow_between(
    transform: ImageTransform,
    labels: NDArray[np.int64],
    before: NDArray[np.int64],
    after: NDArray[np.int64],
    classes: int,
    changed: float,
) -> TransformFlow:
    """The counts of two lots of answers (N,) about images of the classes `labels` (N,)."""
    kept = np.bincount(labels[(before == labels) & (after == labels)], minlength=classes)
    return TransformFlow(
        transform=transform.text,
        name=transform.name,
        order=transform.order,
        changed=changed,
        before=_counts(labels, before, classes),
        after=_counts(labels, after, classes),
        both=tuple(int(n) for n in kept),
    )


def _counts(
    labels: NDArray[np.int64], predicted: NDArray[np.int64], classes: int
) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(int(n) for n in row) for row in metrics.confusion_matrix(labels, predicted, classes))
