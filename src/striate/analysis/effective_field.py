"""The effective receptive field: how strongly each pixel moves a unit (Luo et al. 2016).

The theoretical field says which pixels may matter; most of them hardly do. Knows nothing about the theoretical one
but its size, where that is handed in.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from striate.analysis.capture import captured, image_map, layer_named, only_tensor
from striate.analysis.errors import LayerUnsuited
from striate.analysis.forward import as_input, forward
from striate.analysis.untouched import untouched
from striate.core import seeds
from striate.core.network_records import EffectiveField, grid

__all__ = ["HELD", "beside", "effective_field"]

HELD = 0.95
"""Luo et al. 2016 call the pixels above 4.55 % of the peak (two standard deviations) the effective field; a share of the
energy needs no peak, which single images make noisy."""

# Images at a time: the graph of a batch has to be held until its gradient is taken.
CHUNK = 8

Array = NDArray[np.float64]


def effective_field(
    model: nn.Module,
    images: Tensor,
    layer: str,
    *,
    unit: tuple[int, int] | None = None,
    channel: int | None = None,
    theoretical: tuple[int, int] | None = None,
    start: tuple[int, int] | None = None,
    seed: int = 0,
) -> EffectiveField:
    """Energy of the input gradient of one unit of `layer`, over `images` (N, C, H, W) as the network takes them.

    energy[i, j] = mean_n sum_c (d y / d x[n, c, i, j])^2, y the unit at `unit` (row, column; the middle of the map by default)
    in `channel`. Without a channel y is the sum over channels, each with a random sign of its own for each image: the
    expectation of its energy is the sum of the channels' energies (Hutchinson 1989), and channels cannot cancel. A layer
    that puts out (N, F) has one place. Signs are a function of `seed`.

    `theoretical` is (height, width) of the theoretical field, `start` its first row and column, which may be negative; without a
    start as much of it counts as would fit into the image. Evaluation mode; the model is as before afterwards. Raises
    UnknownLayer, LayerUnsuited, InputRefused.

    >>> net = nn.Sequential(nn.Conv2d(1, 1, 3, padding=1), nn.Conv2d(1, 1, 3, padding=1))
    >>> effective_field(net, torch.zeros(1, 1, 9, 9), "1").pixels <= 25
    True
    """
    layer_named(model, layer)
    n, _, height, width = images.shape
    energy, magnitude = np.zeros((height, width)), np.zeros((height, width))
    size: tuple[int, ...] = ()
    place = (0, 0)
    with untouched(model, gradients=True):
        for parameter in model.parameters():
            parameter.requires_grad_(False)
        for first in range(0, n, CHUNK):
            x = as_input(model, images[first : first + CHUNK]).detach().clone().requires_grad_()
            size, place, y = _unit(model, x, layer, unit, channel, (seed, first))
            (gradient,) = torch.autograd.grad(y, x)
            g = gradient.double().cpu()
            energy += g.square().sum(dim=(0, 1)).numpy()
            magnitude += g.abs().sum(dim=(0, 1)).numpy()
    _, channels, height, width = images.shape
    record = _record(energy, magnitude).model_copy(
        update={
            "layer": layer,
            "layer_size": size,
            "input_size": (channels, height, width),
            "unit": place,
            "channel": channel,
            "images": n,
        }
    )
    return beside(record, theoretical, start)


def beside(
    field: EffectiveField, theoretical: tuple[int, int] | None, start: tuple[int, int] | None = None
) -> EffectiveField:
    """The same field beside a theoretical one, for a size that is known only later."""
    shape = field.input_size[1:]
    share = math.nan if theoretical is None else field.pixels / _within(shape, theoretical, start)
    return field.model_copy(update={"theoretical": theoretical, "theoretical_start": start, "share": share})


def _unit(
    model: nn.Module,
    x: Tensor,
    layer: str,
    unit: tuple[int, int] | None,
    channel: int | None,
    draw: tuple[int, int],
) -> tuple[tuple[int, ...], tuple[int, int], Tensor]:
    """Size of the layer, place of the unit on it, and the sum over images of the unit."""
    with captured(model, [layer]) as seen:
        # A copy, since a network may work in place on its input.
        forward(model, x.clone())
    last = only_tensor(seen[-1]) if seen else None
    if last is not None and last.dim() == 2:
        values, place = last, (0, 0)  # (N, F)
    else:
        last = image_map(seen, layer, x.shape)
        place = unit or (last.shape[2] // 2, last.shape[3] // 2)
        _check_place(layer, last, place)
        values = last[:, :, place[0], place[1]]  # (N, O)
    if not values.requires_grad:
        raise LayerUnsuited("this layer does not depend on the image by any gradient", where=layer)
    if channel is not None:
        return tuple(last.shape[1:]), place, values[:, channel].sum()
    signs = _signs(draw, values.shape[0], values.shape[1])
    return tuple(last.shape[1:]), place, (values * signs.to(values)).sum()


def _check_place(layer: str, values: Tensor, place: tuple[int, int]) -> None:
    height, width = values.shape[2:]
    if not (0 <= place[0] < height and 0 <= place[1] < width):
        raise LayerUnsuited(
            "no such unit on this layer's map",
            where=layer,
            got=f"row {place[0]}, column {place[1]}",
            expected=f"rows 0 to {height - 1}, columns 0 to {width - 1}",
        )


def _signs(draw: tuple[int, int], n: int, channels: int) -> Tensor:
    """+1 or -1 for each image and channel, by the image's number alone."""
    seed, first = draw
    halves = seeds.uniform(seed, "field signs", 0, np.arange(first, first + n), channels) < 0.5
    return torch.from_numpy(np.where(halves, -1.0, 1.0))


def _record(energy: Array, magnitude: Array) -> EffectiveField:
    """Everything that follows from the two maps."""
    shares, centre = _normalised(energy), (math.nan, math.nan)
    sd, box, pixels = (math.nan, math.nan), (0, 0), 0
    if energy.sum() > 0:
        centre, sd = _moments(shares)
        box = _box(shares, centre)
        pixels = int(np.searchsorted(np.cumsum(np.sort(shares, axis=None)[::-1]), HELD - 1e-12)) + 1
    return EffectiveField(
        layer="",
        layer_size=(),
        input_size=(0, 0, 0),
        unit=(0, 0),
        channel=None,
        images=0,
        energy=grid(shares),
        magnitude=grid(_normalised(magnitude)),
        centroid=centre,
        sd=sd,
        box=box,
        pixels=pixels,
        held=HELD,
        share=math.nan,
    )


def _within(shape: tuple[int, ...], size: tuple[int, int], start: tuple[int, int] | None) -> int:
    """Pixels of a box that lie in the image."""
    first = (0, 0) if start is None else start
    sides = [min(n, f + s) - max(0, f) for n, s, f in zip(shape, size, first, strict=True)]
    return max(1, sides[0]) * max(1, sides[1])


def _normalised(values: Array) -> Array:
    total = values.sum()
    return values / total if total > 0 else values


def _moments(p: Array) -> tuple[tuple[float, float], tuple[float, float]]:
    """Mean and standard deviation of row and column under the shares `p`."""
    rows, columns = np.arange(p.shape[0]), np.arange(p.shape[1])
    r, c = p.sum(axis=1), p.sum(axis=0)
    centre = (float(r @ rows), float(c @ columns))
    variance = (float(r @ (rows - centre[0]) ** 2), float(c @ (columns - centre[1]) ** 2))
    return centre, (math.sqrt(variance[0]), math.sqrt(variance[1]))


def _box(p: Array, centre: tuple[float, float]) -> tuple[int, int]:
    """Side lengths of the smallest box of radius r around the pixel nearest to `centre` that holds HELD."""
    i, j = round(centre[0]), round(centre[1])
    for radius in range(max(p.shape)):
        top, left = max(0, i - radius), max(0, j - radius)
        inside = p[top : i + radius + 1, left : j + radius + 1]
        if inside.sum() >= HELD - 1e-12:
            return inside.shape[0], inside.shape[1]
    return p.shape[0], p.shape[1]
