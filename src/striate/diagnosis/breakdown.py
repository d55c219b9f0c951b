"""Figures that cannot be what they seem: a loss that is no number, eval mode broken.

N1 names a rule of the project's catalogue of conditions, whose numbers are starting values themselves. Knows
nothing about files or drawing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from striate.core.records import EpochRecord
from striate.core.wording import count, percent, significant
from striate.diagnosis.curves import Curves, non_finite_epoch
from striate.diagnosis.pattern import Named, levels, named, points_of

__all__ = ["batch_norm_mismatch", "non_finite"]

# N1: eval-mode accuracy 10 points under train-mode accuracy on training images; general gate: beyond 4 SE.
MODE_POINTS, MODE_ERRORS = 0.10, 4.0
NOT_A_NUMBER = re.compile(r"\b(non-finite|not finite|nan|inf|infinite|infinity)\b", re.IGNORECASE)


def non_finite(history: Sequence[EpochRecord], failure: str) -> Named | None:
    """A loss that is NaN or infinite, in the records or as the reason why the run failed."""
    epoch = non_finite_epoch(points_of(history))
    if not epoch and not NOT_A_NUMBER.search(failure):
        return None
    where = f"in epoch {epoch:g}" if epoch else f"after {count(len(history), 'whole epoch')}"
    before = [e for e in history if not epoch or e.epoch < epoch]
    # The first line says what; the rest of an error is where and what to do.
    evidence = failure.strip().splitlines()[:1]
    if before:
        last = before[-1]
        evidence.append(
            f"epoch {last.epoch} was still finite: train loss {significant(last.train_loss)}, "
            f"largest gradient norm {significant(last.grad_norm_max)}, learning rate {significant(last.lr)}"
        )
    return named(
        f"The loss stopped being a number {where}.",
        "non-finite",
        "error",
        f"The loss became NaN or infinite {where}; nothing after that can be trusted.",
        evidence,
        "Try a tenth of the learning rate (`striate lr-find` measures a good one); --clip-grad 1 and "
        "--precision fp32 come next.",
    )


def batch_norm_mismatch(c: Curves) -> Named | None:
    """N1: on training images, clearly worse in eval mode than while training."""
    clean = c.end_clean
    drop = c.end(c.train) - clean.value
    if drop <= max(MODE_POINTS, MODE_ERRORS * clean.standard_error):
        return None
    return named(
        "Odd: worse on clean training images than while training.",
        "unclear",
        "warning",
        f"While training the network got {percent(c.end(c.train))} of its images right, on the same images clean "
        f"only {percent(clean.value)}: neither over- nor underfitting does that.",
        [levels(c)],
        "Suspect batch norm's running statistics: try a larger --batch-size or --norm group.",
    )
