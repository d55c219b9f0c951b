"""How large the gradients of the loss are along a network, on one batch, with no step.

Knows nothing about what size would be healthy.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from striate.analysis.capture import Captured, captured, only_tensor
from striate.analysis.forward import as_input, forward, logits_of
from striate.analysis.untouched import untouched
from striate.core import seeds
from striate.core.network_records import GradientFlowRecord, LayerGradient

__all__ = ["gradient_flow"]


def gradient_flow(
    model: nn.Module,
    images: Tensor,
    labels: Tensor | None = None,
    *,
    mode: Literal["train", "eval"] = "train",
    seed: int = 0,
) -> GradientFlowRecord:
    """Norms of the gradients of the mean cross-entropy by each layer's parameters and by its output.

    images: (N, C, H, W) as the network takes them; labels: (N,), by default drawn evenly from the classes, which is what a
    network without training knows. The model is taken as it is: hand over a fresh one for gradients at initialisation. In mode
    "train" batch norm uses the batch, as in a step (its statistics are put back); dropout draws by `seed`. Layers are those
    with parameters of their own, in the order in which they first ran. Raises InputRefused, LayerUnsuited.
    """
    owners = [
        name for name, m in model.named_modules() if next(m.parameters(recurse=False), None) is not None
    ]
    with untouched(model, gradients=True):
        _seed_generators(model, seed)
        model.train(mode == "train")
        for parameter in model.parameters():
            parameter.requires_grad_(parameter.is_floating_point())
        with captured(model, owners) as seen:
            logits = logits_of(forward(model, as_input(model, images)))
        wanted = _labels(labels, len(images), logits.shape[1], seed).to(logits.device)
        loss = F.cross_entropy(logits.float(), wanted)
        weights = {name: _own(model.get_submodule(name)) for name in owners}
        runs = _first_runs(seen)
        by_weight, by_output = _gradients(loss, weights, runs)
        layers = tuple(
            _layer(model, name, weights[name], by_weight[name], by_output.get(name))
            for name in [*runs, *(name for name in owners if name not in runs)]
        )
    return GradientFlowRecord(
        images=len(images),
        loss=float(loss.detach()),
        labels_from="as given" if labels is not None else f"drawn evenly from {logits.shape[1]} classes",
        mode=mode,
        layers=layers,
    )


def _seed_generators(model: nn.Module, seed: int) -> None:
    """Those of the devices that the model is on, which `untouched` puts back; no other."""
    torch.default_generator.manual_seed(seed)
    for device in {p.device for p in model.parameters() if p.device.type == "cuda"}:
        torch.cuda.default_generators[device.index or 0].manual_seed(seed)


def _labels(labels: Tensor | None, n: int, classes: int, seed: int) -> Tensor:
    if labels is not None:
        return labels.long()
    drawn = seeds.uniform(seed, "labels", 0, np.arange(n))[:, 0] * classes
    return torch.from_numpy(drawn.astype(np.int64))


def _own(module: nn.Module) -> list[nn.Parameter]:
    return list(module.parameters(recurse=False))


def _first_runs(seen: list[Captured]) -> dict[str, Tensor]:
    runs: dict[str, Tensor] = {}
    for found in seen:
        runs.setdefault(found.name, only_tensor(found))
    return runs


def _gradients(
    loss: Tensor, weights: dict[str, list[nn.Parameter]], runs: dict[str, Tensor]
) -> tuple[dict[str, list[Any]], dict[str, Tensor]]:
    """By parameters, None where no path leads there; and by outputs. One backward pass."""
    flat = [p for own in weights.values() for p in own]
    outputs = {name: out for name, out in runs.items() if out.requires_grad}
    found: tuple[Any, ...] = torch.autograd.grad(loss, [*flat, *outputs.values()], allow_unused=True)
    of_weights = iter(found[: len(flat)])
    by_weight = {name: [next(of_weights) for _ in own] for name, own in weights.items()}
    by_output = dict(zip(outputs, found[len(flat) :], strict=True))
    return by_weight, {name: g for name, g in by_output.items() if g is not None}


def _layer(
    model: nn.Module, name: str, own: list[nn.Parameter], gradients: list[Any], by_output: Tensor | None
) -> LayerGradient:
    weight = _norm(own)
    arrived = [g for g in gradients if g is not None]
    gradient = _norm(arrived) if arrived else math.nan
    activation = math.nan
    if by_output is not None:
        n = by_output.shape[0]
        # The loss is a mean over images: times n it is the gradient of an image's own loss.
        each = by_output.double().flatten(1).norm(dim=1) * n
        activation = float(each.square().mean().sqrt())
    return LayerGradient(
        name=name,
        kind=type(model.get_submodule(name)).__name__,
        weight_norm=weight,
        weight_gradient=gradient,
        relative=gradient / weight if weight > 0 else math.nan,
        activation_gradient=activation,
    )


def _norm(tensors: list[Any]) -> float:
    return math.sqrt(sum(float(t.detach().double().square().sum()) for t in tensors))
