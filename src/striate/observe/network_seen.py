"""What a network is, from one walk through it and a few small passes: depth, skips, normalisation, non-linearity, field.

Knows nothing about training, or what suits which images.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor, nn

from striate.analysis.cost import multiply_adds, parameter_count
from striate.analysis.forward import as_input
from striate.analysis.layers import layers_of
from striate.analysis.operations import Operation, Value, Walk
from striate.analysis.receptive_field import described, fields_of
from striate.analysis.trace import walk
from striate.core.errors import StriateError
from striate.core.inside_records import NetworkSeen
from striate.observe.filter_cosine import largest_filter_cosine
from striate.observe.inside import initial_loss_of
from striate.observe.shadow import logits, possible, shadow
from striate.observe.structure import Structure, is_norm, short, structure_of

__all__ = ["affine_residual", "field_before_pooling", "network_seen"]

PAIRS = 8
"""Pairs of images of which the affine residual is the mean."""
WORK = 10_000_000_000
"""Multiply-adds that it may take: under a second on one core."""
# What walking through a network that others wrote, and working with what it returned, may raise.
FAILURES = (
    StriateError,
    RuntimeError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    ArithmeticError,
    AssertionError,
)


def network_seen(model: nn.Module, images: Tensor, *, targets: Tensor | None = None) -> NetworkSeen:
    """One look at `model` with images (N, C, H, W) as it takes them; never raises, `because` says why it failed.

    With `targets` the network is taken to be untrained: the initial loss and the likeness of filters are measured too. The model is as
    before afterwards, to the bit.
    """
    size = tuple(images.shape[1:])
    bare = NetworkSeen(kind=type(model).__name__, input_size=size, parameters=0)
    try:
        if not possible(model):
            return bare.model_copy(
                update={"because": "a layer has no shape yet, or cannot be run beside training"}
            )
        bare = bare.model_copy(update={"parameters": parameter_count(model), "dropout": _dropout(model)})
        with shadow(model):
            walked = walk(model, size)
        return _described(model, walked, images, targets, bare)
    except FAILURES as error:
        return bare.model_copy(update={"because": _reason(error)})


def _described(
    model: nn.Module, walked: Walk, images: Tensor, targets: Tensor | None, bare: NetworkSeen
) -> NetworkSeen:
    structure = structure_of(walked, dict(model.named_parameters()))
    modules = dict(model.named_modules())
    untrained = targets is not None
    return bare.model_copy(
        update={
            "layers": layers_of(walked, fields_of(walked)),
            "convolutions": structure.convolutions,
            "shortest": structure.shortest,
            "additions": structure.additions,
            "normalisations": len(structure.norms),
            "norm_kinds": tuple(sorted({_norm_kind(modules, op) for op in structure.norms})),
            "nonlinear": _nonlinear(structure),
            "nonlinear_by": structure.nonlinear_by,
            "affine_residual": affine_residual(model, images[: 2 * _pairs(walked)]),
            "field": field_before_pooling(walked),
            "initial_loss": initial_loss_of(model, images, targets) if untrained else None,
            "filter_cosine": largest_filter_cosine(model, structure.weights) if untrained else None,
        }
    )


def _pairs(walked: Walk) -> int:
    """Pairs of images that the network can be asked about within `WORK`, one at least; a pair is four passes."""
    each = 4 * sum(map(multiply_adds, walked.operations))
    return max(1, min(PAIRS, WORK // max(1, each)))


def _nonlinear(structure: Structure) -> bool | None:
    if structure.nonlinear_by:
        return True
    return None if structure.unknown or len(structure.weights) < 2 else False


def affine_residual(model: nn.Module, images: Tensor) -> float | None:
    """Mean over pairs of images of |f(a) + f(b) - f(a + b) - f(0)| / |f(a) - f(0)|, f the scores in eval mode.

    0 (in float32 about 1e-6) for an affine network, of order 1 for others. Pairs are neighbours among the images. None for fewer
    than two images, or where f is not finite, or the same for a and 0.
    """
    pairs = min(PAIRS, len(images) // 2)
    if not pairs:
        return None
    x = as_input(model, images[: 2 * pairs].detach())
    a, b = x[::2], x[1::2]
    with shadow(model, "eval"):
        scores = logits(model, torch.cat([a, b, a + b, torch.zeros_like(a)]))
        if scores is None or len(scores) != 4 * pairs:
            return None
        of_a, of_b, of_sum, of_zero = scores.float().flatten(1).cpu().double().chunk(4)
    above = (of_a + of_b - of_sum - of_zero).norm(dim=1)
    below = (of_a - of_zero).norm(dim=1)
    if not bool(torch.isfinite(above).all()) or not bool((below > 0).all()):
        return None
    return float((above / below).mean())


def field_before_pooling(walked: Walk) -> tuple[int, ...] | None:
    """Field (height, width) of the last map with several positions; None where it has no one size, as behind attention or a gate.

    Normalisations count as acting on each position by itself: the few statistics that they take from the whole map tell
    nothing of where things are.
    """
    fields = fields_of(replace(walked, operations=tuple(map(_by_position, walked.operations))))
    last: Value | None = None
    axes = len(walked.input.shape)
    for op in walked.operations:
        for out in op.outputs:
            if out.number in fields and len(out.shape) == axes and min(out.shape[2:], default=1) > 1:
                last = out
    return None if last is None else described(fields, last, walked.input.shape[1:]).size


def _by_position(op: Operation) -> Operation:
    """A normalisation as an operator that sees its own position only."""
    return (
        Operation("aten.relu", {"self": op.inputs[0]}, op.outputs[:1], op.module)
        if is_norm(short(op))
        else op
    )


def _dropout(model: nn.Module) -> float:
    """Largest rate of the dropout modules; a function that drops in forward is not seen."""
    layers = (m for m in model.modules() if isinstance(m, nn.modules.dropout._DropoutNd))
    return max((float(m.p) for m in layers), default=0.0)


def _norm_kind(modules: dict[str, nn.Module], op: Operation) -> str:
    """Class of the layer where that calls itself one, else the operator: a block may normalise by a function."""
    kind = type(modules.get(op.module)).__name__
    return kind if "norm" in kind.lower() else short(op)


def _reason(error: BaseException) -> str:
    first = str(error).strip().split("\n")[0]
    return first or type(error).__name__
