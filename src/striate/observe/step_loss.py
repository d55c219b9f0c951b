"""What one step did to the loss of its own batch, beside what the gradient had promised.

The loss is the mean cross-entropy L of a fixed part of the batch, in the mode of training and with the same random masks before and after.
Its own gradient g is taken in the pass before, so that <g, dw> belongs to L whatever loss the loop minimises, and whether or not the
loop's gradient was clipped, scaled for half precision or summed over several batches. Knows nothing about when it is asked.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor, nn

from striate.observe.outputs_of import mean_loss, scored
from striate.observe.shadow import Generators, aliased, evenly, logits, shadow

__all__ = ["Change", "StepLoss"]

IMAGES = 64
"""Most images of a batch that are asked. Over random parts of a batch both <g, dw> and the change of the loss have the whole
batch's values as means, so a part costs precision, not truth; 64 with a backward pass take as long as 128 twice forward."""
LARGEST = 100_000_000
"""Parameters above which the step is not asked: weights and gradients are held twice meanwhile, 800 MB at this size."""


class Change(NamedTuple):
    """NaN where it could not be had."""

    predicted: float = math.nan
    """<g, dw>."""
    before: float = math.nan
    after: float = math.nan


class StepLoss:
    """Asked around an optimiser's step. `parameters` are those that the step may change, by name."""

    def __init__(self, model: nn.Module, parameters: Mapping[str, nn.Parameter]) -> None:
        self._model, self._parameters = model, parameters
        self.possible = sum(p.numel() for p in parameters.values()) <= LARGEST
        self._batch: tuple[Tensor, Tensor] | None = None
        self._generators: Generators | None = None
        self._before = math.nan
        self._gradient: dict[str, Tensor] = {}
        self._weights: dict[str, Tensor] = {}

    def before(self, images: Tensor | None, targets: Tensor | None) -> None:
        """The loss now, its gradient, and a copy of the weights."""
        self.forget()
        images, targets = evenly(IMAGES, images, targets)
        if images is None or targets is None or not self.possible:
            return
        self._generators = Generators.of(self._model)
        with shadow(self._model, gradients=True), aliased(self._model, self._parameters) as weights:
            scores = logits(self._model, images)
            loss = None if scores is None else mean_loss(scores, targets)
            if loss is None:
                self.possible = scores is not None
                return
            self._gradient = _gradient(loss, weights)
        self._batch = images, targets
        self._before = _mean(scores, targets)
        self._weights = {name: self._parameters[name].detach().clone() for name in self._gradient}

    def after(self) -> Change:
        """The loss after the step; all NaN where `before` had nothing to ask."""
        if self._batch is None:
            return Change()
        images, targets = self._batch
        with shadow(self._model, start=self._generators):
            after = _mean(logits(self._model, images), targets)
        with torch.no_grad():
            terms = [
                ((self._parameters[name].detach() - self._weights[name]) * g).sum().float().cpu()
                for name, g in self._gradient.items()
            ]
        predicted = float(torch.stack(terms).double().sum()) if terms else math.nan
        found = Change(predicted, self._before, after)
        self.forget()
        return found

    def forget(self) -> None:
        """Let go of what is held between the two."""
        self._batch, self._generators, self._before = None, None, math.nan
        self._gradient, self._weights = {}, {}


def _gradient(loss: Tensor, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """By name, for the weights that the loss depends on; none at all where no graph leads to any."""
    if not weights or not loss.requires_grad:
        return {}
    try:
        found: tuple[Tensor | None, ...] = torch.autograd.grad(
            loss, list(weights.values()), allow_unused=True
        )
    except RuntimeError:  # a network that does not allow it: activation checkpointing of the old kind
        return {}
    return {name: g for name, g in zip(weights, found, strict=True) if g is not None}


def _mean(scores: Tensor | None, targets: Tensor) -> float:
    found = scored(scores, targets)
    return math.nan if found is None or not found.n else found.loss / found.n
