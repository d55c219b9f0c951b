"""How alike the filters of a layer are: equal ones can never become different.

Knows nothing about why they are alike.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from striate.observe.structure import Weight

__all__ = ["filter_cosine", "largest_filter_cosine"]

FILTERS = 64
"""Filters of a layer that are compared, evenly spaced."""
LEAST = 9
"""Weights of a filter below which random filters are alike by themselves: the median |cosine| of normal ones is 0.23 at 9, 0.40 at 4 and 1 at 1."""


def largest_filter_cosine(model: nn.Module, weights: Sequence[Weight]) -> float | None:
    """The largest `filter_cosine` over layers; None where no layer has one."""
    named = dict(model.named_parameters())
    found = [filter_cosine(named[w.name]) for w in weights if w.name in named]
    return max((value for value in found if value is not None), default=None)


def filter_cosine(weight: Tensor) -> float | None:
    """Median |cosine| between two filters w_i of a weight (O, ...): |<w_i, w_j>| / (|w_i| |w_j|) over i < j.

    Filters of zeros have no direction and are left out: a layer that begins at zero on purpose is no symmetry. None where fewer than
    two are left, or where a filter has fewer than 9 weights.
    """
    if weight.dim() < 2 or not weight.is_floating_point() or weight[0].numel() < LEAST:
        return None
    step = max(1, -(-len(weight) // FILTERS))
    rows = weight.detach()[::step].flatten(1).float().cpu()
    sizes = rows.norm(dim=1)
    rows = rows[sizes > 0] / sizes[sizes > 0][:, None]
    if len(rows) < 2 or not bool(torch.isfinite(rows).all()):
        return None
    i, j = torch.triu_indices(len(rows), len(rows), 1)
    return float((rows @ rows.T)[i, j].abs().quantile(0.5))
