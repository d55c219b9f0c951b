"""What a network is, from one walk: depth, skips, norms, non-linearity, field.

Knows nothing about training, or what suits which images.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from striate.analysis.cost import multiply_adds, parameter_count
from striate.analysis.forward import as_input
from striate.analysis.layers import layers_of
from striate.analysis.operations import Operation, Walk
from striate.analysis.receptive_field import fields_of
from striate.core.errors import StriateError
from striate.core.inside_records import NetworkSeen
from striate.observe.filter_cosine import largest_filter_cosine
from striate.observe.inside import initial_loss_of
from striate.observe.pooled_field import pooled_field
from striate.observe.shadow import logits, possible, shadow
from striate.observe.structure import Structure, short, structure_of, walk_beside

__all__ = ["affine_residual", "network_seen"]

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
        return _described(model, walk_beside(model, size), images, targets, bare)
    except FAILURES as error:
        return bare.model_copy(update={"because": _reason(error)})


def _described(
    model: nn.Module, walked: Walk, images: Tensor, targets: Tensor | None, bare: NetworkSeen
) -> NetworkSeen:
    structure = structure_of(walked, dict(model.named_parameters()))
    seen = pooled_field(walked)
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
            "field": seen.size,
            "pooled": seen.pooled,
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
