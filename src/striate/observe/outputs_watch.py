"""What comes out of the network at each step, and which loss that implies.

Each step only leaves references to small tensors (outputs, targets, now and then dL/dz); a flush reads all of them at once, so that a step
waits for no device. The gradient that arrives at the outputs identifies the loss: see `striate.core.inside_records.OutputsSeen`. Knows
nothing about the network or the loop.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

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
    closely: bool = False
    """To be compared with the gradients of known losses."""


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
    """Cross-entropy and hits of each batch, with one transfer from the device for all of them. All have the same K."""
    if not pending:
        return []
    logits = _together([p.logits for p in pending])
    y, known = _labels([p.targets for p in pending], logits.shape[1])
    log_p, predicted = _log_softmax(logits), logits.argmax(1)
    rows = np.arange(len(logits))
    if y.ndim == 1:
        losses, hits = -log_p[rows, y], (predicted == y).astype(np.float64)
    else:
        losses = -np.where(y > 0, y * np.where(y > 0, log_p, 0.0), 0.0).sum(1)
        hits = y[rows, predicted]
    finite: NDArray[np.bool_] = np.asarray(np.isfinite(logits).all(axis=1))
    reads, at = [], 0
    for p in pending:
        part = slice(at, at + len(p.logits))
        at = part.stop
        use = known[part]
        n = int(use.sum())
        bad = () if finite[part].all() else tuple(int(i) for i in np.flatnonzero(~finite[part])[:20])
        reads.append(
            Read(
                step=p.step,
                loss=float(losses[part][use].mean()) if n else math.nan,
                hits=float(hits[part][use].sum()),
                n=n,
                finite=not bad,
                bad_rows=bad,
                gradient_finite=p.gradient is None or bool(torch.isfinite(p.gradient).all()),
            )
        )
    return reads


def _together(tensors: Sequence[torch.Tensor]) -> Array:
    return torch.cat([t.detach() for t in tensors]).float().cpu().numpy().astype(np.float64)


def _log_softmax(logits: Array) -> Array:
    with np.errstate(invalid="ignore", over="ignore"):
        shifted = logits - logits.max(axis=1, keepdims=True)
        result: Array = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return result


def _labels(targets: Sequence[torch.Tensor], k: int) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Classes (N,), or rows of shares (N, K) where any batch has them; and which rows are classes of these outputs (-100 and the like are not)."""
    if all(t.ndim == 1 or t.shape[1] != k or k == 1 for t in targets):
        classes = torch.cat([t.detach().reshape(len(t)) for t in targets]).cpu().numpy().astype(np.int64)
        known = (classes >= 0) & (classes < k)
        return np.where(known, classes, 0), known
    shares = [_one_hot_rows(t, k) for t in targets]
    return np.concatenate([s for s, _ in shares]), np.concatenate([known for _, known in shares])


def _one_hot_rows(targets: torch.Tensor, k: int) -> tuple[Array, NDArray[np.bool_]]:
    if targets.ndim == 2 and targets.shape[1] == k and k > 1:
        return _together([targets]), np.ones(len(targets), dtype=np.bool_)
    classes, known = _labels([targets], k)
    return np.eye(k)[classes] * known[:, None], known


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
    label_only: list[float] = field(default_factory=list)
    softmaxed: list[float] = field(default_factory=list)
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
        y, use = _one_hot_rows(pending.targets, z.shape[1])
        y, z, g = y[use], z[use], g[use]
        if not len(y) or not np.isfinite(g).all() or not g.any():
            return
        p = np.exp(_log_softmax(z))
        away = p - y
        self.agreement.append(_cosine(g, away))
        if not pending.scaled and away.any():
            self.scale.append(float(len(z) * (g * away).sum() / (away * away).sum()))
        self.squared.append(_cosine(g, z - y))
        self.binary.append(_cosine(g, 1 / (1 + np.exp(-np.clip(z, -60, 60))) - y))
        self.label_only.append(float(((g * y).sum(1) ** 2).sum() / (g * g).sum()))
        self.softmaxed.append(_cosine(g, _through_softmax(p, y)))
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
            label_only=_median(self.label_only),
            softmax_agreement=_median(self.softmaxed),
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


def _through_softmax(p: Array, y: Array) -> Array:
    """d/dz of the cross-entropy of softmax(p), p = softmax(z): with q = softmax(p) - y it is p (q - <q, p>), a row each."""
    q = np.exp(_log_softmax(p)) - y
    result: Array = p * (q - (q * p).sum(1, keepdims=True))
    return result


def _cosine(a: Array, b: Array) -> float:
    scale = math.sqrt(float((a * a).sum())) * math.sqrt(float((b * b).sum()))
    return float((a * b).sum() / scale) if scale > 0 else 0.0


def _median(values: Sequence[float]) -> float | None:
    return float(np.median(values)) if values else None


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None
