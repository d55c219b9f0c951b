"""Whether the predicted class survives a shift of the image (Zhang 2019).

Knows nothing about which class is the right one.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from striate.analysis.equivariance import shifted
from striate.analysis.forward import as_input, forward, logits_of
from striate.analysis.untouched import untouched
from striate.core import seeds
from striate.core.metrics import wilson
from striate.core.network_records import Border, ConsistencyRecord
from striate.core.progress import SILENT, Progress

__all__ = ["LARGEST", "consistency"]

LARGEST = 7
"""8 x 8 shifts. Zhang draws them up to 32 of 224 pixels; a net that halves the image three times or more repeats after 8 pixels
but for its padding, so more shifts cost much and say little."""

# Images at a time, over all shifts of each.
CHUNK = 64


def consistency(
    model: nn.Module,
    images: Tensor,
    *,
    largest: int = LARGEST,
    sample: int | None = None,
    border: Border = "circular",
    seed: int = 0,
    progress: Progress = SILENT,
) -> ConsistencyRecord:
    """Top-1 of `images` (N, C, H, W) under all shifts by 0 to `largest` pixels down and right, and how often it agrees.

    sample: of these shifts only so many, drawn by `seed`, no shift at all among them; the record says how many there were.

    pairs = share of images whose class is the same under two shifts drawn at random (Zhang 2019, section 4.1); the record also has
    all pairs, the agreement with the unshifted image, and the share of images whose class no shift changes. Pairs are drawn by `seed`.
    border as in `equivariance`. Evaluation mode; the model is as before afterwards. Raises InputRefused, LayerUnsuited.
    """
    shifts = _shifts(largest, sample, seed)
    with untouched(model):
        p = _probabilities(model, images, shifts, border, progress)  # (N, S, K)
    top = p.argmax(axis=2)  # (N, S)
    n, s = top.shape
    a, b = _pairs(n, s, seed)
    rows = np.arange(n)
    agree, steady = int((top[rows, a] == top[rows, b]).sum()), int((top == top[:, :1]).all(axis=1).sum())
    all_pairs = float(np.mean([_share_of_pairs(row) for row in top])) if n else 0.0
    return ConsistencyRecord(
        border=border,
        images=n,
        largest=largest,
        shifts=s,
        pairs=agree / n,
        pairs_interval=wilson(agree, n),
        all_pairs=all_pairs,
        all_pairs_interval=wilson(round(all_pairs * n), n),
        unshifted=float((top == top[:, :1]).mean()),
        steady=steady / n,
        steady_interval=wilson(steady, n),
        confidence_sd=float(np.take_along_axis(p, top[:, :1, None], axis=2).std(axis=1).mean()),
    )


def _shifts(largest: int, sample: int | None, seed: int) -> list[tuple[int, int]]:
    """All of them, or `sample` of them; the first is none."""
    every = [(down, right) for down in range(largest + 1) for right in range(largest + 1)]
    if sample is None or sample >= len(every):
        return every
    order = 1 + seeds.permutation(seed, "shifts", 0, len(every) - 1)[: sample - 1]
    return [every[0], *(every[i] for i in sorted(order.tolist()))]


def _probabilities(
    model: nn.Module, images: Tensor, shifts: list[tuple[int, int]], border: Border, progress: Progress
) -> NDArray[np.float64]:
    """(N, S, K)."""
    found = []
    with progress.task("Shifting images", len(images) * len(shifts)) as task:
        for first in range(0, len(images), CHUNK):
            x = as_input(model, images[first : first + CHUNK])
            rows = []
            for shift in shifts:
                logits = logits_of(forward(model, shifted(x, shift, border)))
                rows.append(logits.double().softmax(dim=1).cpu())
                task.advance(len(x))
            found.append(torch.stack(rows, dim=1))
    return torch.cat(found).numpy()


def _pairs(n: int, s: int, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Two different shifts for each image; the same one twice where there is only one."""
    u = seeds.uniform(seed, "shift pairs", 0, np.arange(n), 2)
    a = (u[:, 0] * s).astype(np.int64)
    return a, (a + 1 + (u[:, 1] * (s - 1)).astype(np.int64)) % s


def _share_of_pairs(classes: NDArray[np.int64]) -> float:
    """Of all pairs of different shifts of one image, those that agree: sum_c k_c (k_c - 1) / (S (S - 1))."""
    counts, s = np.bincount(classes), len(classes)
    return float((counts * (counts - 1)).sum() / (s * (s - 1))) if s > 1 else 1.0
