"""The network on fixed images: activations, batch norm, train and eval mode.

Knows nothing about gradients of weights, or when it is asked to look.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from striate.core.inside_records import ActivationSeries, NormSeries
from striate.observe.activation_probe import Activation, activations
from striate.observe.norm_probe import Drift, batch_norms, drifts
from striate.observe.outputs_of import Scored, scored
from striate.observe.pixel_gradient import gradient_correlation
from striate.observe.shadow import Mode, evenly, logits, shadow

__all__ = ["Probe", "ProbeWatch"]

IMAGES = 64
"""A unit that is never active on them is active on under 3 / 64 = 5 % of all images, with 95 % confidence; each has all of its positions."""
LASTING = 3
"""Probes in a row at which a channel must be dead to count as stuck."""

NAN = math.nan


class _Mean(NamedTuple):
    loss: float = NAN
    accuracy: float = NAN

    @classmethod
    def of(cls, found: Scored | None) -> _Mean:
        return cls() if found is None or not found.n else cls(found.loss / found.n, found.hits / found.n)


@dataclass(frozen=True)
class Probe:
    """One look."""

    step: int
    train: _Mean
    eval: _Mean
    correlation: float
    activations: dict[str, Activation]
    norms: dict[str, Drift]


class ProbeWatch:
    """Keeps the probe images and looks at them; the caller keeps the looks."""

    def __init__(self, model: nn.Module) -> None:
        self._model = model
        self._images: Tensor | None = None
        self._targets: Tensor | None = None
        self._dead: deque[dict[str, Tensor]] = deque(maxlen=LASTING)
        self.norms_train = True
        """Whether training uses the batch's statistics: activations are read in that mode."""

    @property
    def n(self) -> int:
        """Images that are kept."""
        return 0 if self._images is None else len(self._images)

    def keep(self, images: Tensor, targets: Tensor | None) -> None:
        """Copies of at most 64 rows of a batch, evenly spaced."""
        some, labels = evenly(IMAGES, images, targets)
        assert some is not None
        self._images = some.detach().clone()
        self._targets = None if labels is None else labels.detach().clone()

    def look(self, step: int) -> Probe | None:
        """One pass in train mode (without dropout), one in eval mode where that differs, one backward to the pixels of some.

        None where nothing is kept or the network does not take it.
        """
        if self._images is None:
            return None
        norms = batch_norms(self._model)
        modes: tuple[Mode, ...] = ("norms", "eval") if norms else ("eval",)
        read = "norms" if norms and self.norms_train else "eval"
        means: dict[Mode, _Mean] = {}
        found: dict[str, Activation] = {}
        drift: dict[str, Drift] = {}
        for mode in modes:
            with shadow(self._model, mode):
                with drifts(self._model) if mode == "norms" else nullcontext(drift) as drift:
                    scores, seen = self._run(listening=mode == read)
                if scores is None:
                    return None
                found = seen or found
                means[mode] = _Mean.of(scored(scores, self._targets))
        self._dead.append({name: a.dead for name, a in found.items()})
        correlation = (
            NAN if self._targets is None else gradient_correlation(self._model, self._images, self._targets)
        )
        return Probe(step, means[modes[0]], means["eval"], correlation, found, drift)

    def _run(self, *, listening: bool) -> tuple[Tensor | None, dict[str, Activation]]:
        assert self._images is not None
        if not listening:
            return logits(self._model, self._images), {}
        with activations(self._model) as found:
            scores = logits(self._model, self._images)
        return scores, found

    def activations(self, probes: Sequence[Probe]) -> tuple[ActivationSeries, ...]:
        """One record for each non-linearity that ran at any probe, in the order of the last one; NaN where it did not run."""
        stuck = dict(self._stuck())
        nothing = Activation("", 0, NAN, NAN, NAN, NAN, NAN, torch.zeros(0, dtype=torch.bool))
        names = dict.fromkeys(name for probe in reversed(probes) for name in probe.activations)
        found = []
        for depth, name in enumerate(names):
            rows = [probe.activations.get(name, nothing) for probe in probes]
            newest = next(row for row in reversed(rows) if row is not nothing)
            found.append(
                ActivationSeries(
                    name=name,
                    kind=newest.kind,
                    depth=depth,
                    channels=newest.channels,
                    mean=tuple(row.mean for row in rows),
                    std=tuple(row.std for row in rows),
                    zero=tuple(row.zero for row in rows),
                    saturated=tuple(row.saturated for row in rows),
                    dead=tuple(float(row.dead.double().mean()) if len(row.dead) else NAN for row in rows),
                    stuck=stuck.get(name, 0.0),
                    rank=tuple(row.rank for row in rows),
                )
            )
        return tuple(found)

    def _stuck(self) -> Iterator[tuple[str, float]]:
        """Share of channels that were dead at each of the last three probes."""
        if len(self._dead) < LASTING:
            return
        for name, newest in self._dead[-1].items():
            masks = [dead.get(name) for dead in self._dead]
            same = [m for m in masks if m is not None and m.shape == newest.shape]
            if len(same) == LASTING:
                yield name, float(torch.stack(same).all(0).double().mean())

    def norms(self, probes: Sequence[Probe]) -> tuple[NormSeries, ...]:
        """One record for each batch norm that ran at any probe."""
        modules = batch_norms(self._model)
        names = dict.fromkeys(name for probe in reversed(probes) for name in probe.norms)
        nothing = Drift(NAN, NAN)
        return tuple(
            NormSeries(
                name=name,
                depth=depth,
                momentum=modules[name].momentum,
                shift=tuple(probe.norms.get(name, nothing).shift for probe in probes),
                variance_ratio=tuple(probe.norms.get(name, nothing).variance_ratio for probe in probes),
            )
            for depth, name in enumerate(name for name in names if name in modules)
        )
