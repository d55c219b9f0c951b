"""What comes out of the network at each step, read in batches of steps: loss, hits, and which loss is minimised.

Each step only leaves references to small tensors (outputs, targets, now and then dL/dz); a flush reads all of them at once, so that a step
waits for no device. The gradient that arrives at the outputs identifies the loss: see `striate.core.inside_records.OutputsSeen`. Knows
nothing about the network or the loop.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from striate.core.inside_records import OutputsSeen

__all__ = ["OutputsWatch", "Pending", "Read", "read_outputs"]

Array = NDArray[np.float64]

SUM_ERROR = 1e-3
# Relative spread of p_k / g_k over the entries that are pushed down: rounding of float32 leaves 1e-4, bfloat16 outputs 1e-2.
ONE_HOT_SPREAD = 0.03
# Rows that are as good as learnt have gradients of rounding only.
LEARNT = 0.02


@dataclass
class Pending:
    """One batch whose outputs were not read yet."""

    step: int
    logits: torch.Tensor
    """(N, K), detached."""
    targets: torch.Tensor
    """(N,) classes or (N, K) shares."""
    gradient: torch.Tensor | None = None
    """dL/dz, (N, K), where a hook saw it."""
    scaled: bool = False
    """The gradient bears AMP's loss scale."""


@dataclass(frozen=True)
class Read:
    """What a batch's outputs say. NaN where the targets are not classes of the outputs."""

    step: int
    loss: float
    hits: float
    n: int
    finite: bool
    """Of the outputs."""
    bad_rows: tuple[int, ...] = ()
    gradient_finite: bool = True


def read_outputs(pending: Sequence[Pending]) -> list[Read]:
    """Cross-entropy and hits of each batch, with one transfer from the device for all of them."""
    if not pending:
        return []
    sizes = [len(p.logits) for p in pending]
    logits = _together([p.logits for p in pending])
    targets = [_shares(p.targets, p.logits.shape[1]) for p in pending]
    known = torch.cat([t[1] for t in targets]).cpu().numpy()
    y = torch.cat([t[0] for t in targets]).double().cpu().numpy()
    log_p = _log_softmax(logits)
    losses = -np.where(y > 0, y * np.where(y > 0, log_p, 0.0), 0.0).sum(1)
    hits = np.take_along_axis(y, logits.argmax(1)[:, None], axis=1)[:, 0]
    rows = np.isfinite(logits).all(1)
    reads, at = [], 0
    for p, n in zip(pending, sizes, strict=True):
        part = slice(at, at + n)
        at += n
        use = known[part]
        bad = np.flatnonzero(~rows[part])
        reads.append(
            Read(
                step=p.step,
                loss=float(losses[part][use].mean()) if use.any() else math.nan,
                hits=float(hits[part][use].sum()),
                n=int(use.sum()),
                finite=len(bad) == 0,
                bad_rows=tuple(int(i) for i in bad[:20]),
                gradient_finite=p.gradient is None or bool(torch.isfinite(p.gradient).all()),
            )
        )
    return reads


def _together(tensors: Sequence[torch.Tensor]) -> Array:
    return torch.cat([t.detach().float() for t in tensors]).cpu().numpy().astype(np.float64)


def _log_softmax(logits: Array) -> Array:
    with np.errstate(invalid="ignore", over="ignore"):
        shifted = logits - logits.max(axis=1, keepdims=True)
        result: Array = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return result


def _shares(targets: torch.Tensor, k: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Targets as rows of shares (N, K), and which rows are classes of these outputs (-100 and the like are not)."""
    if targets.ndim == 2 and targets.shape[1] == k and k > 1:
        return targets.detach().float(), torch.ones(len(targets), dtype=torch.bool, device=targets.device)
    classes = targets.detach().reshape(len(targets)).long()
    known = (classes >= 0) & (classes < k)
    rows = torch.zeros(len(classes), k, device=classes.device)
    rows[torch.arange(len(classes), device=classes.device)[known], classes[known]] = 1.0
    return rows, known


@dataclass
class OutputsWatch:
    """Collects what the checked batches say about the loss; `seen` is their summary."""

    checked: int = 0
    probabilities: int = 0
    log_probabilities: int = 0
    agreement: list[float] = field(default_factory=list)
    scale: list[float] = field(default_factory=list)
    implied_right: list[float] = field(default_factory=list)
    implied_one_hot: list[float] = field(default_factory=list)
    squared: list[float] = field(default_factory=list)
    binary: list[float] = field(default_factory=list)
    batch_size: int = 0

    def check(self, pending: Pending) -> None:
        """Look at one batch closely. Batches that are not finite say nothing about the loss."""
        z = _together([pending.logits])
        if not np.isfinite(z).all() or z.shape[1] < 2:
            return
        self.checked += 1
        self.batch_size = max(self.batch_size, len(z))
        with np.errstate(over="ignore"):
            total, log_total = z.sum(1), np.log(np.exp(z).sum(1))
        self.probabilities += bool((z >= 0).all() and (np.abs(total - 1) < SUM_ERROR).all())
        self.log_probabilities += bool((np.abs(log_total) < SUM_ERROR).all())
        if pending.gradient is not None:
            self._gradient(pending, z)

    def _gradient(self, pending: Pending, z: Array) -> None:
        assert pending.gradient is not None
        g = _together([pending.gradient])
        shares, known = _shares(pending.targets, z.shape[1])
        use = known.cpu().numpy()
        y = shares.double().cpu().numpy()[use]
        z, g = z[use], g[use]
        if not len(y) or not np.isfinite(g).all() or not g.any():
            return
        p = np.exp(_log_softmax(z))
        away = p - y
        self.agreement.append(_cosine(g, away))
        if not pending.scaled and away.any():
            self.scale.append(float(len(z) * (g * away).sum() / (away * away).sum()))
        self.squared.append(_cosine(g, z - y))
        self.binary.append(_cosine(g, 1 / (1 + np.exp(-np.clip(z, -60, 60))) - y))
        size = np.abs(g).sum(1)
        telling = (np.abs(away).sum(1) > LEARNT) & (size > LEARNT * np.median(size))
        if telling.any():
            self.implied_right.append(float(np.mean(y[telling, g[telling].argmin(1)] == y[telling].max(1))))
            self.implied_one_hot.append(float(np.mean(_one_hot(p[telling], g[telling]))))

    def seen(self, loss_correlation: float | None) -> OutputsSeen:
        """The summary of what was checked."""
        n = max(self.checked, 1)
        return OutputsSeen(
            checked=self.checked,
            probabilities=self.probabilities / n,
            log_probabilities=self.log_probabilities / n,
            gradients=len(self.agreement),
            agreement=_median(self.agreement),
            scale=_median(self.scale),
            implied_right=_mean(self.implied_right),
            implied_one_hot=_mean(self.implied_one_hot),
            squared_error_agreement=_median(self.squared),
            binary_agreement=_median(self.binary),
            loss_correlation=loss_correlation,
            batch_size=self.batch_size,
        )


def _one_hot(p: Array, g: Array) -> NDArray[np.bool_]:
    """Which rows are the gradient of a cross-entropy against one class: g_k = p_k / s for all other classes, g negative for the one."""
    down = g > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(down, p / np.where(down, g, 1.0), np.nan)
    # Of tiny probabilities both parts are rounding.
    ratio = np.where(p > 1e-4, ratio, np.nan)
    enough = np.isfinite(ratio).sum(1) >= 1
    ratio[~enough] = 1.0
    spread = (np.nanmax(ratio, axis=1) - np.nanmin(ratio, axis=1)) / np.nanmedian(ratio, axis=1)
    return enough & (spread < ONE_HOT_SPREAD) & ((g < 0).sum(1) == 1)


def _cosine(a: Array, b: Array) -> float:
    scale = math.sqrt(float((a * a).sum())) * math.sqrt(float((b * b).sum()))
    return float((a * b).sum() / scale) if scale > 0 else 0.0


def _median(values: Sequence[float]) -> float | None:
    return float(np.median(values)) if values else None


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None
