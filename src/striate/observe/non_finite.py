"""The first value that was not finite, and where in the step it came up.

Told from what each step left behind, in the order of a step: input, weights (broken by the step before), outputs, gradient. Knows
nothing about causes.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from striate.core.inside_records import NonFiniteSeen
from striate.observe.outputs_watch import Read

__all__ = ["NonFiniteWatch"]

REMEMBERED = 20


@dataclass
class NonFiniteWatch:
    """Takes the reads of training steps in order."""

    seen: NonFiniteSeen | None = None
    _losses: deque[float] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    _first_loss: float | None = None
    _steps: int = 0

    def take(self, read: Read, *, lr: float | None, input_finite: bool) -> None:
        """One step. `input_finite`: of the batch's images, True where they were not looked at."""
        if self.seen is not None:
            return
        if not input_finite:
            self._found(read, "input", lr)
        elif not read.finite and 0 < len(read.bad_rows) < min(read.n, REMEMBERED):
            # Single images make single rows; a broken weight makes all of them.
            self._found(read, "input", lr)
        elif not read.finite:
            self._found(read, "weights" if self._steps else "activations", lr)
        elif not read.gradient_finite:
            self._found(read, "gradient", lr)
        elif read.n and math.isinf(read.loss):
            self._found(read, "outputs", lr)
        elif math.isfinite(read.loss):
            self._losses.append(read.loss)
            self._first_loss = read.loss if self._first_loss is None else self._first_loss
        self._steps += 1

    def _found(self, read: Read, where: str, lr: float | None) -> None:
        self.seen = NonFiniteSeen.model_validate(
            {
                "step": read.step,
                "where": where,
                "lr": lr,
                "largest_before": max(self._losses, default=None),
                "first_loss": self._first_loss,
                "samples": read.bad_rows,
            }
        )
