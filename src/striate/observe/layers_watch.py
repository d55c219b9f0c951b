"""Norms of weights, gradients and updates of every layer, at the steps that are sampled.

|dw| is measured on a fixed random sample of the entries and scaled to all of them: sqrt(numel / sampled) times the norm of the sample, exact
for small layers. Knows nothing about the loss, or when it is asked to look.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from striate.core.inside_records import LayerSeries
from striate.observe.structure import Weight

__all__ = ["LayersWatch", "Norms"]

SAMPLED = 4096
"""Entries of a weight that are compared: a norm is then known within 1 / sqrt(2 * 4096) = 1.1 % where entries are like normal ones."""
SEED = 0


class Norms(NamedTuple):
    """One sampled step, one number for each watched weight."""

    grad: tuple[float, ...]
    weight: tuple[float, ...]
    update: tuple[float, ...]


class LayersWatch:
    """The weights of convolutions and linear layers. Those that no optimiser could change are watched too."""

    def __init__(self, model: nn.Module, weights: Sequence[Weight]) -> None:
        named = dict(model.named_parameters())
        self._about = [w for w in weights if w.name in named and named[w.name].is_floating_point()]
        self._weights = [named[w.name] for w in self._about]
        self._widths = [_width(model, w.layer, p) for w, p in zip(self._about, self._weights, strict=True)]
        drawn = torch.Generator().manual_seed(SEED)
        self._places = [_places(p, drawn) for p in self._weights]
        self._before: list[Tensor] = []
        self._sizes: list[Tensor] = []

    def __len__(self) -> int:
        return len(self._weights)

    def before(self, scale: float = 1.0) -> None:
        """When the gradients are there: their norms over `scale`, those of the weights, and a sample of the entries."""
        with torch.no_grad():
            self._before = [_some(p, at) for p, at in zip(self._weights, self._places, strict=True)]
            gradients = [g / scale for g in _norms([p.grad for p in self._weights])]
            self._sizes = [*gradients, *_norms(self._weights)]

    def after(self) -> Norms | None:
        """After the step: all norms, with one transfer from the device. None where `before` was not called for this step."""
        if not self._sizes:
            return None
        with torch.no_grad():
            now = [_some(p, at) for p, at in zip(self._weights, self._places, strict=True)]
            moved = [
                a - b if a.shape == b.shape else a * math.nan for a, b in zip(now, self._before, strict=True)
            ]
            found = _floats([*self._sizes, *_norms(moved)])
        n = len(self._weights)
        parts = [math.sqrt(p.numel() / max(1, m.numel())) for p, m in zip(self._weights, moved, strict=True)]
        updates = tuple(u * part for u, part in zip(found[2 * n :], parts, strict=True))
        self._before, self._sizes = [], []
        return Norms(tuple(found[:n]), tuple(found[n : 2 * n]), updates)

    def series(self, samples: Sequence[Norms]) -> tuple[LayerSeries, ...]:
        """One record a layer, in the order of use."""
        return tuple(
            LayerSeries(
                name=about.layer,
                kind=about.kind,
                depth=about.depth,
                parameters=weight.numel(),
                width=width,
                grad=tuple(sample.grad[i] for sample in samples),
                weight=tuple(sample.weight[i] for sample in samples),
                update=tuple(sample.update[i] for sample in samples),
                normalised=about.normalised,
            )
            for i, (about, weight, width) in enumerate(
                zip(self._about, self._weights, self._widths, strict=True)
            )
        )


def _width(model: nn.Module, layer: str, weight: Tensor) -> int:
    """Output channels: what the layer says (a transposed convolution keeps its inputs first), else the first axis."""
    module = dict(model.named_modules()).get(layer)
    said = getattr(module, "out_channels", getattr(module, "out_features", None))
    return said if isinstance(said, int) else weight.shape[0] if weight.dim() else 1


def _places(parameter: Tensor, drawn: torch.Generator) -> Tensor | None:
    """Places of the sampled entries; None for all of them. Drawn from a generator of their own, with repeats."""
    if parameter.numel() <= SAMPLED:
        return None
    return torch.randint(parameter.numel(), (SAMPLED,), generator=drawn).to(parameter.device)


def _some(parameter: Tensor, places: Tensor | None) -> Tensor:
    if places is None:
        return parameter.detach().clone()
    return torch.take(parameter.detach(), places.to(parameter.device))


def _norms(tensors: Sequence[Tensor | None]) -> list[Tensor]:
    """L2 norms, in float32 at least; NaN where there is no tensor, or a sparse one."""
    there = {i: t.detach() for i, t in enumerate(tensors) if t is not None and _dense(t)}
    some = list(there.values())
    found = dict(
        zip(there, torch._foreach_norm(some, 2.0, dtype=_precise(some)) if some else (), strict=True)
    )
    return [found.get(i, torch.tensor(math.nan)) for i in range(len(tensors))]


def _dense(tensor: Tensor) -> bool:
    return tensor.layout == torch.strided and tensor.numel() > 0


def _precise(tensors: Sequence[Tensor]) -> torch.dtype:
    return torch.float64 if any(t.dtype == torch.float64 for t in tensors) else torch.float32


def _floats(numbers: Sequence[Tensor]) -> list[float]:
    if not numbers:
        return []
    devices = {n.device for n in numbers if n.device.type != "cpu"}
    home = devices.pop() if len(devices) == 1 else torch.device("cpu")
    values: list[float] = torch.stack([n.to(home, torch.float32) for n in numbers]).tolist()
    return values
