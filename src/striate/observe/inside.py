"""The inside of a network as it trains: what steps did, how a set of images fares.

Whoever runs the loop decides when to look; every look leaves the training as it was, to the bit. Knows nothing about when to look, or what
numbers are good.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from striate.analysis.errors import InputRefused, NotYetShaped
from striate.core.inside_records import Inside, NetworkSeen
from striate.observe.filter_cosine import largest_filter_cosine
from striate.observe.layers_watch import LayersWatch, Norms
from striate.observe.norm_probe import batch_norms
from striate.observe.outputs_of import scored
from striate.observe.probe_watch import Probe, ProbeWatch
from striate.observe.shadow import evenly, logits, possible, shadow
from striate.observe.step_loss import IMAGES, Change, StepLoss
from striate.observe.structure import Weight, structure_of, walk_beside, weights_by_definition
from striate.observe.thinning import MOST, Thinned

__all__ = ["InsideWatch", "initial_loss_of", "weights_of"]

CELLS = 16_384
"""Layers times samples that are kept: 512 samples of 32 layers, fewer of a deeper network; about 1 MB as a file."""
FIRST_BATCH = 256
"""Images of the first batch on which the loss before any step is measured."""


class _Step(NamedTuple):
    step: int
    lr: float
    norms: Norms
    change: Change


class InsideWatch:
    """Looks inside `model`, which is not compiled and not wrapped, as `optimizers` change it."""

    def __init__(self, model: nn.Module, optimizers: Sequence[torch.optim.Optimizer]) -> None:
        self._model, self._optimizers = model, optimizers
        self._probes = ProbeWatch(model)
        self._layers: LayersWatch | None = None
        self._loss: StepLoss | None = None
        self._steps: Thinned[_Step] = Thinned()
        self._looks: Thinned[Probe] = Thinned()
        self._pending: tuple[int, float] | None = None
        self._batch = 0
        self.initial_loss: float | None = None
        """Cross-entropy on the first batch before any step, batch norm as in training, no dropout."""
        self.filter_cosine: float | None = None
        """Largest over layers of the median |cosine| of two filters before any step."""

    def start(self, images: Tensor, targets: Tensor | None) -> None:
        """Before the first step, on the first training batch: keeps the probe images, takes the first probe.

        While a layer has no shape yet only the images are kept.
        """
        self._probes.keep(images, targets)
        if not possible(self._model):
            return
        weights = self._prepare(images)
        self.filter_cosine = largest_filter_cosine(self._model, weights)
        self.initial_loss = initial_loss_of(self._model, images, targets)
        self.probe(step=0)

    def before_step(
        self, images: Tensor | None, targets: Tensor | None, *, step: int, lr: float, scale: float = 1.0
    ) -> None:
        """When the gradients of a step are there. They are `scale` times what they stand for (AMP before it unscales them).

        images: the batch of this step; None where it belongs to several: then there is no loss before and after.
        """
        self._pending = None
        if not possible(self._model):
            return
        if self._layers is None:
            self._prepare(images)
        assert self._layers is not None
        assert self._loss is not None
        self._note_modes()
        self._layers.before(scale)
        self._loss.before(images, targets)
        self._batch = max(self._batch, 0 if images is None else min(len(images), IMAGES))
        self._pending = step, lr

    def after_step(self, *, step: int) -> None:
        """After the optimiser's step; nothing is noted where `before_step` was not called for the same step."""
        if self._pending is None or self._layers is None or self._loss is None:
            return
        (begun, lr), self._pending = self._pending, None
        norms = self._layers.after()
        if begun != step or norms is None:
            self._loss.forget()
            return
        self._steps.add(_Step(step, lr, norms, self._loss.after()))

    def probe(self, *, step: int) -> None:
        """Look at the probe images after `step` steps."""
        if not possible(self._model):
            return
        found = self._probes.look(step)
        if found is not None:
            self._looks.most = _most(len(found.activations) + len(found.norms))
            self._looks.add(found)

    def evaluate(self, images: Tensor, targets: Tensor) -> tuple[float, float, int]:
        """Sum of cross-entropies, right answers and images, in eval mode; (0, 0, 0) where there is nothing to compare."""
        if not possible(self._model):
            return 0.0, 0.0, 0
        with shadow(self._model, "eval"):
            found = scored(logits(self._model, images), targets)
        return (0.0, 0.0, 0) if found is None else (found.loss, float(found.hits), found.n)

    def completed(self, network: NetworkSeen) -> NetworkSeen:
        """The same with what was measured before the first step: the initial loss and how alike filters were."""
        early = {"initial_loss": self.initial_loss, "filter_cosine": self.filter_cosine}
        return network.model_copy(update={name: value for name, value in early.items() if value is not None})

    def seen(self) -> Inside:
        """Everything so far."""
        steps, probes = list(self._steps), list(self._looks)
        layers = () if self._layers is None else self._layers.series([s.norms for s in steps])
        return Inside(
            step=tuple(s.step for s in steps),
            lr=tuple(s.lr for s in steps),
            batch=self._batch,
            layers=layers,
            predicted=tuple(s.change.predicted for s in steps),
            before=tuple(s.change.before for s in steps),
            after=tuple(s.change.after for s in steps),
            probe_step=tuple(p.step for p in probes),
            probe_n=self._probes.n,
            activations=self._probes.activations(probes),
            norms=self._probes.norms(probes),
            train_mode_loss=tuple(p.train.loss for p in probes),
            train_mode_accuracy=tuple(p.train.accuracy for p in probes),
            eval_mode_loss=tuple(p.eval.loss for p in probes),
            eval_mode_accuracy=tuple(p.eval.accuracy for p in probes),
            gradient_correlation=tuple(p.correlation for p in probes),
        )

    def _prepare(self, images: Tensor | None) -> tuple[Weight, ...]:
        """Once the network has its shape: which weights there are, which of them a step may change."""
        self._note_modes()
        weights = weights_of(self._model, images)
        self._layers = LayersWatch(self._model, weights)
        self._steps.most = _most(len(self._layers))
        held = {id(p) for o in self._optimizers for group in o.param_groups for p in group["params"]}
        trained = {name: p for name, p in self._model.named_parameters() if id(p) in held and p.requires_grad}
        self._loss = StepLoss(self._model, trained)
        return weights

    def _note_modes(self) -> None:
        """Batch norm that stays in eval mode while training (a frozen one) is looked at in eval mode."""
        norms = batch_norms(self._model).values()
        self._probes.norms_train = not norms or any(module.training for module in norms)


def weights_of(model: nn.Module, images: Tensor | None) -> tuple[Weight, ...]:
    """The weights of convolutions and linear layers in the order of use, for images like these; no trace is left.

    In the order of definition where the network cannot be walked.
    """
    if images is None:
        return weights_by_definition(model)
    try:
        walked = walk_beside(model, images.shape[1:])
    except (InputRefused, NotYetShaped):
        return weights_by_definition(model)
    return structure_of(walked, dict(model.named_parameters())).weights


def initial_loss_of(model: nn.Module, images: Tensor, targets: Tensor | None) -> float | None:
    """Mean cross-entropy on (at most 256 of) the images, batch norm in train mode and all else in eval mode; None where there is none."""
    some, labels = evenly(FIRST_BATCH, images, targets)
    if some is None:
        return None
    with shadow(model, "norms"):
        found = scored(logits(model, some), labels)
    return None if found is None or not found.n or not math.isfinite(found.loss) else found.loss / found.n


def _most(rows: int) -> int:
    """Samples kept of a series with so many rows."""
    return max(16, min(MOST, CELLS // max(1, rows)))
