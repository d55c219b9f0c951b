"""Units that never fire, are stuck, or fire rarely: judged over all places of all images.

A zero on one image is sparsity; only a unit that is at zero everywhere on every image may be dead, and the record says how
much n images can tell. Knows nothing about why a unit is as it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from striate.analysis.capture import captured, only_tensor
from striate.analysis.errors import LayerUnsuited
from striate.analysis.forward import as_input, forward
from striate.analysis.untouched import untouched
from striate.core.network_records import ActivityRecord, LayerActivity

__all__ = ["NONLINEARITIES", "activity"]

# Sigmoid and tanh count as flat where their slope is under a hundredth of its largest value: y (1 - y) < 1/400 and
# 1 - y^2 < 1/100, which is |x| > 5.98 and |x| > 2.99.
FLAT = 0.01

Test = Callable[[Tensor], Tensor]


def _never(y: Tensor) -> Tensor:
    return torch.zeros_like(y, dtype=torch.bool)


NONLINEARITIES: dict[type[nn.Module], tuple[bool, Test]] = {
    nn.ReLU: (True, _never),
    nn.ReLU6: (True, lambda y: y >= 6),
    nn.GELU: (True, _never),
    nn.SiLU: (True, _never),
    nn.Hardswish: (True, _never),
    nn.Sigmoid: (False, lambda y: y * (1 - y) < FLAT / 4),
    nn.Tanh: (False, lambda y: 1 - y * y < FLAT),
}
"""Kind -> (whether 0 and below is rest, where its output says that the function is flat)."""


# timm has classes of its own for the same functions.
_OF_TIMM: dict[str, type[nn.Module]] = {
    "GELU": nn.GELU,
    "GELUTanh": nn.GELU,
    "QuickGELU": nn.GELU,
    "HardSwish": nn.Hardswish,
    "Sigmoid": nn.Sigmoid,
    "Swish": nn.SiLU,
    "Tanh": nn.Tanh,
}


def _kind(module: nn.Module) -> type[nn.Module] | None:
    """The function that the module computes, by torch's class for it; None for anything else."""
    own = type(module)
    if own.__module__.startswith("timm.layers."):
        return _OF_TIMM.get(own.__name__)
    return own if own in NONLINEARITIES else None


@dataclass
class _Tally:
    """One non-linearity over the batches seen so far."""

    kind: str
    rests: bool
    ever_active: Tensor
    always_flat: Tensor
    values: int = 0
    inactive: int = 0
    flat: int = 0


def activity(model: nn.Module, batches: Tensor | Iterable[Tensor]) -> ActivityRecord:
    """Dead, saturated and inactive units of every ReLU, ReLU6, GELU, SiLU, Hardswish, Sigmoid and Tanh module, torch's or timm's.

    batches: images (N, C, H, W) as the network takes them, or any number of batches of them. A unit is a channel of (N, O, H, W), a
    feature of (N, F), and a feature of the last axis of tokens (N, L, F). Dead: its output was at or below zero at every place of
    every image (for GELU, SiLU and Hardswish, too, whose gradient then is small but not always zero). Saturated: flat at every place of
    every image. A module that runs twice in a pass is told apart by `call`. What a network does by a function (``F.relu``) is
    not a module and is not seen. Evaluation mode; the model is as before afterwards. Raises InputRefused, and LayerUnsuited where there is
    no such module or no image.
    """
    kinds = {name: kind for name, module in model.named_modules() if (kind := _kind(module))}
    tallies: dict[tuple[str, int], _Tally] = {}
    images = 0
    with untouched(model):
        for batch in [batches] if isinstance(batches, Tensor) else batches:
            with captured(model, kinds) as seen:
                forward(model, as_input(model, batch))
            images += len(batch)
            calls: dict[str, int] = {}
            for found in seen:
                call = calls[found.name] = calls.get(found.name, -1) + 1
                _count(tallies, (found.name, call), kinds[found.name], only_tensor(found))
    if not tallies:
        raise LayerUnsuited(
            "no non-linearity ran as a module, or there was no image",
            got=f"{len(kinds)} modules, {images} images",
            expected="modules such as nn.ReLU: a function such as F.relu cannot be watched",
        )
    return ActivityRecord(
        images=images,
        unseen_bound=min(1.0, 3.0 / images),
        layers=tuple(_layer(name, call, tally) for (name, call), tally in tallies.items()),
    )


def _count(
    tallies: dict[tuple[str, int], _Tally], key: tuple[str, int], kind: type[nn.Module], y: Tensor
) -> None:
    """Add one output to its tally."""
    rests, is_flat = NONLINEARITIES[kind]
    units = _by_unit(y)  # (values, units)
    active, flat = units > 0, is_flat(units)
    tally = tallies.get(key)
    if tally is None:
        tally = _Tally(kind.__name__, rests, active.any(dim=0), flat.all(dim=0))
        tallies[key] = tally
    tally.ever_active = tally.ever_active | active.any(dim=0)
    tally.always_flat = tally.always_flat & flat.all(dim=0)
    tally.values += units.numel()
    tally.inactive += int((~active).sum())
    tally.flat += int(flat.sum())


def _by_unit(y: Tensor) -> Tensor:
    """(N, O, H, W) -> (N H W, O); anything else keeps its last axis: (N, F), (N, L, F) -> (..., F)."""
    if y.dim() == 4:
        y = y.permute(0, 2, 3, 1)
    return y.reshape(-1, y.shape[-1])


def _layer(name: str, call: int, tally: _Tally) -> LayerActivity:
    dead = (~tally.ever_active).nonzero()[:, 0].tolist() if tally.rests else []
    return LayerActivity(
        name=name,
        call=call,
        kind=tally.kind,
        units=len(tally.ever_active),
        dead=tuple(dead),
        saturated=tuple(tally.always_flat.nonzero()[:, 0].tolist()),
        inactive_share=tally.inactive / tally.values if tally.rests else math.nan,
        saturated_share=tally.flat / tally.values,
    )
