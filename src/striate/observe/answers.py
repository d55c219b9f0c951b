"""Targets become class numbers and outputs become answers, on the device where they lie.

-1 stands for "no one class": mixed images (MixUp, CutMix), regression, several labels an image, ignored samples. Nothing here waits
for an accelerator. Knows nothing about images, passes or which answer is right.
"""

from __future__ import annotations

import torch

__all__ = ["classes_given", "said", "width"]

_SUMS_TO_ONE = 1e-3
"""Shares of classes, and probabilities, may miss 1 by this: half precision rounds to 5e-4."""
_SECOND = 1e-3
"""A soft target whose second share is this much above its third is a mixture; smoothing leaves all but the first equal."""
_SURE = 0.75
"""Of two classes there is no third: a soft target below this is a mixture (smoothing by 0.5 would be at it)."""


def classes_given(targets: object, n: int) -> torch.Tensor:
    """(n,) int32: the class of each sample, -1 where it has no single one. Never a view of what was given.

    Whole numbers are classes; 0.0 and 1.0 alone are the two of a binary task; rows of shares that add up to 1 are soft targets, whose
    largest is the class unless two are mixed.
    """
    if not isinstance(targets, torch.Tensor) or targets.ndim not in (1, 2) or len(targets) != n:
        return torch.full((n,), -1, dtype=torch.int32)
    given = targets.detach()
    if given.ndim == 2 and given.shape[1] == 1:
        given = given[:, 0]
    none = torch.full((n,), -1, dtype=torch.int32, device=given.device)
    if given.ndim == 1:
        if given.dtype == torch.bool or given.is_complex():
            return given.int() if given.dtype == torch.bool else none
        if not given.is_floating_point():
            return torch.where(given < 0, none, given.int())
        binary = ((given == 0) | (given == 1)).all()
        return torch.where(binary, given.nan_to_num(0.0).int(), none)
    if given.is_complex():
        return none
    return torch.where(_one_class(given.float()), given.argmax(1).int(), none)


def _one_class(shares: torch.Tensor) -> torch.Tensor:
    first = torch.topk(shares, min(3, shares.shape[1]), dim=1).values
    fair = (shares.amin(1) >= 0) & ((shares.sum(1) - 1).abs() <= _SUMS_TO_ONE)
    if shares.shape[1] == 2:
        return fair & (first[:, 0] >= _SURE)
    alone = (first[:, 0] - first[:, 1] > _SECOND) & (first[:, 1] - first[:, 2] <= _SECOND)
    return fair & alone


def width(logits: object, n: int) -> int:
    """K of outputs that are one row of K numbers a sample; 2 for one number a sample; 0 for anything else."""
    if not isinstance(logits, torch.Tensor) or len(logits.shape) not in (1, 2) or len(logits) != n:
        return 0
    if not logits.is_floating_point():
        return 0
    return 2 if logits.ndim == 1 or logits.shape[1] == 1 else int(logits.shape[1])


def said(logits: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Answers (n,) int32 and how sure they are (n,) float32: the softmax of the largest; outputs that are probabilities stay.

    One number a sample is the log odds of class 1. NaN makes its row an answer of -1 with a sureness of 0.
    """
    outputs = logits.detach()
    if outputs.ndim == 1 or outputs.shape[1] == 1:
        outputs = torch.stack([torch.zeros_like(outputs.reshape(-1)), outputs.reshape(-1)], 1)
    best = outputs.max(1)
    broken = best.values.isnan()
    answers = torch.where(broken, -1, best.indices).int()
    values = outputs.float()
    probabilities = ((values.amin() >= 0) & ((values.sum(1) - 1).abs() <= _SUMS_TO_ONE)).all()
    sure = torch.where(probabilities, best.values.float(), values.softmax(1).amax(1))
    return answers, torch.where(broken, 0.0, sure)
