"""Whether a layer moves with the image: ||T f(x) - f(T x)|| / ||f(x)||, shift by shift.

Convolution is equivariant but for its padding, and a stride but for shifts between its steps; both are measured apart.
Knows nothing about what a large error does to the prediction (see `consistency`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from striate.analysis.blocks import layers_with_maps
from striate.analysis.capture import captured, image_map, layer_named
from striate.analysis.forward import as_input, forward
from striate.analysis.untouched import untouched
from striate.core.network_records import Border, EquivarianceRecord, LayerEquivariance, ShiftError

__all__ = ["equivariance", "shifted", "stride_by_size"]

Pair = tuple[int, int]
Shift = Pair

# Images at a time: the maps of all layers are held for the batch.
CHUNK = 16


def equivariance(
    model: nn.Module,
    images: Tensor,
    shifts: Sequence[Shift],
    *,
    layers: Sequence[str] | None = None,
    border: Border = "circular",
    strides: Mapping[str, Pair] | None = None,
) -> EquivarianceRecord:
    """Mean over `images` (N, C, H, W) of ||T f(x) - f(T x)||_2 / ||f(x)||_2, T a shift by (down, right) pixels, either sign.

    border: what enters the image, what left it on the other side ("circular") or zeros, the mean colour ("zero"). On a layer's map
    T moves by shift / stride units. Where that is no whole number (phase other than 0), T moves by the nearest one, and the error
    says how far stride alone takes the layer from equivariance. Units that T moves out of the map have no counterpart and are left out.

    Interior are units that see no pixel at the edge of the image, neither before nor after: padding cannot be what moves them. They
    are found by letting NaN through the network from the edge, which also finds layers with a global view, that have none. Strides come from `strides` (name -> (down, right)), else from the sizes of image and map (see `stride_by_size`).
    Layers: those named, by default `layers_with_maps`. Evaluation mode; the model is as before afterwards. Raises UnknownLayer, LayerUnsuited,
    InputRefused.

    >>> record = equivariance(nn.Conv2d(3, 8, 3, padding=1, padding_mode="circular"), torch.randn(2, 3, 8, 8), [(0, 1)], layers=[""])
    >>> record.layers[0].errors[0].everywhere < 1e-6
    True
    """
    names = layers_with_maps(model, images) if layers is None else list(layers)
    for name in names:
        layer_named(model, name)
    with untouched(model):
        plans = _plans(model, images, names, strides)
        sums = _measure(model, images, shifts, plans, border)
    _, channels, height, width = images.shape
    return EquivarianceRecord(
        input_size=(channels, height, width),
        images=len(images),
        border=border,
        strides_from=_origin(names, strides or {}),
        layers=tuple(_layer(plan, shifts, sums[plan.name]) for plan in plans),
    )


def _origin(names: Sequence[str], strides: Mapping[str, Pair]) -> str:
    known = sum(name in strides for name in names)
    if known == len(names):
        return "the walk through the network"
    return (
        "the sizes of image and map" if not known else "the walk through the network, else the sizes of maps"
    )


def stride_by_size(image: int, units: int) -> int:
    """Pixels from unit to unit by the sizes of image and map: their ratio where it is whole, else the nearest power of 2.

    Padding makes maps a little smaller or larger than the image divided by the stride, hence the power. A tower without padding
    that has no stride is misjudged: hand over the strides of a walk through the network where there is one.
    """
    return image // units if image % units == 0 else max(1, 2 ** round(math.log2(image / units)))


def shifted(x: Tensor, shift: Shift, border: Border) -> Tensor:
    """(..., H, W) moved down and right by `shift`; what enters is what left ("circular") or zero ("zero")."""
    down, right = shift
    moved = torch.roll(x, (down, right), dims=(-2, -1))
    if border == "zero":
        moved = moved.clone()
        moved[..., slice(0, down) if down >= 0 else slice(down, None), :] = 0
        moved[..., slice(0, right) if right >= 0 else slice(right, None)] = 0
    return moved


@dataclass(frozen=True)
class _Plan:
    """One layer: what is the same for all shifts and images."""

    name: str
    kind: str
    size: tuple[int, int, int]
    stride: Pair
    wraps: bool
    """Whether the map covers the image in whole steps, so that a circular shift of it is one, too."""
    inside: Tensor
    """(h, w), True where a unit sees no pixel at the edge."""


def _plans(
    model: nn.Module, images: Tensor, names: Sequence[str], strides: Mapping[str, Pair] | None
) -> list[_Plan]:
    """The layers in the order given."""
    _, _, height, width = images.shape
    sizes = _maps(model, images[:1], names)
    steps = {
        name: (strides or {}).get(name)
        or (stride_by_size(height, size.shape[1]), stride_by_size(width, size.shape[2]))
        for name, size in sizes.items()
    }
    inside: dict[str, Tensor] = {}
    for stride in set(steps.values()):
        alike = [name for name in names if steps[name] == stride]
        seen = _maps(model, _ringed(images[:1], stride), alike)
        inside |= {name: ~values.isnan().any(dim=0) for name, values in seen.items()}
    return [
        _Plan(
            name=name,
            kind=type(layer_named(model, name)).__name__,
            size=(sizes[name].shape[0], sizes[name].shape[1], sizes[name].shape[2]),
            stride=steps[name],
            wraps=all(
                n * s == whole
                for n, s, whole in zip(sizes[name].shape[1:], steps[name], (height, width), strict=True)
            ),
            inside=inside[name],
        )
        for name in names
    ]


def _maps(model: nn.Module, image: Tensor, names: Sequence[str]) -> dict[str, Tensor]:
    """(O, h, w) of each layer for one image."""
    with captured(model, names) as seen:
        forward(model, as_input(model, image))
    return {name: image_map(seen, name, image.shape)[0] for name in names}


def _ringed(image: Tensor, stride: Pair) -> Tensor:
    """The image with NaN for its first row and column and its last `stride` rows and columns.

    Steps that do not divide the image leave up to stride - 1 pixels unseen at its end: behind them the last unit may see
    padding and yet not the outermost pixel.
    """
    ringed = image.clone().float()
    ringed[..., 0, :] = ringed[..., :, 0] = math.nan
    ringed[..., -stride[0] :, :] = math.nan
    ringed[..., :, -stride[1] :] = math.nan
    return ringed


def _nearest(shift: int, stride: int) -> int:
    """The whole number nearest to shift / stride, ties towards zero."""
    return int(math.copysign(math.ceil(abs(shift) / stride - 0.5), shift)) if shift else 0


def _moved(plan: _Plan, shift: Shift) -> Pair:
    return _nearest(shift[0], plan.stride[0]), _nearest(shift[1], plan.stride[1])


def _masks(plan: _Plan, moved: Pair, border: Border) -> tuple[Tensor, Tensor, Tensor]:
    """(h, w) each: units with a counterpart, those of them inside, those of them not."""
    whole = torch.ones_like(plan.inside)
    there = whole if border == "circular" and plan.wraps else shifted(whole, moved, "zero")
    # Inside before the shift, moved along, and inside after it.
    inside = plan.inside & shifted(plan.inside, moved, "zero") & there
    return there, inside, there & ~inside


def _measure(
    model: nn.Module, images: Tensor, shifts: Sequence[Shift], plans: Sequence[_Plan], border: Border
) -> dict[str, list[list[list[float]]]]:
    """errors[layer][shift] = three lists, one error for each image: everywhere, interior, border."""
    errors: dict[str, list[list[list[float]]]] = {p.name: [[[], [], []] for _ in shifts] for p in plans}
    names = [plan.name for plan in plans]
    for first in range(0, len(images), CHUNK):
        x = as_input(model, images[first : first + CHUNK])
        with captured(model, names) as seen:
            forward(model, x)
        still = {name: image_map(seen, name, x.shape) for name in names}
        for k, shift in enumerate(shifts):
            with captured(model, names) as seen:
                forward(model, shifted(x, shift, border))
            for plan in plans:
                moved = _moved(plan, shift)
                wanted = shifted(still[plan.name], moved, "circular")
                above, below = _energy(wanted - image_map(seen, plan.name, x.shape)), _energy(wanted)
                for which, mask in zip(errors[plan.name][k], _masks(plan, moved, border), strict=True):
                    which += _ratios(above, below, mask)
    return errors


def _energy(x: Tensor) -> Tensor:
    """(N, C, H, W) -> (N, H, W): sum of squares over channels."""
    return x.float().square().sum(dim=1, dtype=torch.float64)


def _ratios(above: Tensor, below: Tensor, mask: Tensor) -> list[float]:
    """Root of the ratio of two energies within the mask for each image: NaN where there is no unit, or only zeros below."""
    a, b = (energy[:, mask].sum(dim=1) for energy in (above, below))
    return torch.where(b > 0, (a / b).sqrt(), math.nan).tolist()


def _layer(plan: _Plan, shifts: Sequence[Shift], errors: list[list[list[float]]]) -> LayerEquivariance:
    return LayerEquivariance(
        name=plan.name,
        kind=plan.kind,
        layer_size=plan.size,
        stride=plan.stride,
        interior_units=float(plan.inside.double().mean()),
        errors=tuple(
            ShiftError(
                shift=shift,
                phase=(shift[0] % plan.stride[0], shift[1] % plan.stride[1]),
                moved=_moved(plan, shift),
                everywhere=_mean(found[0]),
                interior=_mean(found[1]),
                border=_mean(found[2]),
            )
            for shift, found in zip(shifts, errors, strict=True)
        ),
    )


def _mean(values: list[float]) -> float:
    """Over images that have a value; NaN where none has."""
    there = [v for v in values if not math.isnan(v)]
    return float(np.mean(there)) if there else math.nan
