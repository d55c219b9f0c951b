"""What a policy is called with, checked: images, labels, rows of the data set.

A short or shifted array is broadcast or wrapped round by NumPy without a word, and then the wrong images are changed. Knows nothing
about transforms.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from striate.augment.errors import BatchUnusable

__all__ = ["checked"]


def checked(images: Any, labels: Any, rows: Any, classes: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The labels (N,) and rows (N,) as NumPy has them, of a tensor, a list or an array.

    classes: how many there are, 0 where that is not known. Raises BatchUnusable.
    """
    if not isinstance(images, torch.Tensor):
        raise _unusable("images are no tensor", type(images).__name__, "torch.from_numpy(images)")
    if images.ndim != 4:
        raise _unusable(
            "images are no batch", f"shape {tuple(images.shape)}", "images[None] for a single one"
        )
    if images.dtype != torch.uint8 and not images.is_floating_point():
        raise _unusable("pixels are neither uint8 nor float", str(images.dtype), "images.to(torch.uint8)")
    found = _numbers("labels", labels, len(images))
    if classes and len(found) and not 0 <= found.min() <= found.max() < classes:
        raise _unusable(
            f"a label is none of the {classes} classes",
            f"labels from {found.min()} to {found.max()}",
            f"numbers from 0 to {classes - 1}, in the order in which the policy was bound",
        )
    return found, _numbers("rows", rows, len(images))


def _numbers(name: str, given: Any, n: int) -> NDArray[np.int64]:
    if isinstance(given, torch.Tensor):
        given = given.detach().cpu()
    found = np.asarray(given)
    if found.shape != (n,) or (n and found.dtype.kind not in "iu"):
        raise _unusable(
            f"{name} are not one whole number for each image",
            f"{found.dtype} of shape {found.shape}, and {n} images",
            "soft targets come out of a policy; class numbers go in" if name == "labels" else None,
        )
    return found.astype(np.int64, copy=False)


def _unusable(what: str, got: str, next_step: str | None) -> BatchUnusable:
    return BatchUnusable(
        what,
        got=got,
        expected="images (N, C, H, W), uint8 or float from 0 to 1; labels (N,) and rows (N,) of whole numbers",
        next_step=next_step,
    )
