"""The kernels of a network's first layer: as a sheet, and beside two controls.

"They look like Gabor functions" is judged by R^2 against the same layer at initialisation and against noise of equal norm, for a
fit alone says little. Knows nothing about what later layers do with the filters.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from striate.analysis.capture import capture, layer_named
from striate.analysis.errors import LayerUnsuited
from striate.analysis.gabor import PARAMETERS, fit_gabor
from striate.analysis.orientation import orientation_concentration
from striate.core import seeds
from striate.core.network_records import Difference, FilterGroup, FilterRecord
from striate.core.progress import SILENT, Progress, Task
from striate.core.records import Interval

__all__ = ["SMALLEST", "filters", "first_convolution", "judged", "kernels_of", "principal", "sheet"]

SMALLEST = 7
"""Pixels a side from which a fit is judged: 49 numbers for 8 parameters. At 3x3 there are 9, and nearly anything fits."""

BOOTSTRAPS = 2000

Array = NDArray[np.float64]


def filters(
    model: nn.Module,
    input_size: tuple[int, int, int],
    *,
    layer: str | None = None,
    fresh: Callable[[], nn.Module] | None = None,
    seed: int = 0,
    progress: Progress = SILENT,
) -> FilterRecord:
    """Judge the kernels of `layer`, by default of the convolution that runs first on an image of `input_size` (C, H, W).

    fresh: makes the same network at initialisation; without it the layer is drawn again by torch's default. The
    model is as before afterwards. Raises UnknownLayer, LayerUnsuited, InputRefused.
    """
    name = layer or first_convolution(model, input_size)
    if fresh is not None:
        initial, origin = kernels_of(fresh(), name), "the network built anew"
    else:
        initial, origin = _drawn_again(model, name, seed), "the layer drawn again by torch's default"
    return judged(name, kernels_of(model, name), initial, origin, seed=seed, progress=progress)


def first_convolution(model: nn.Module, input_size: tuple[int, int, int]) -> str:
    """The convolution that runs first. Raises LayerUnsuited where none runs, InputRefused."""
    names = [name for name, module in model.named_modules() if isinstance(module, nn.Conv2d)]
    ran = capture(model, torch.zeros(1, *input_size), names)
    if not ran:
        raise LayerUnsuited("the network has no convolution", where=type(model).__name__)
    return ran[0].name


def kernels_of(model: nn.Module, layer: str) -> Array:
    """(O, C, kh, kw) of a convolution. Raises UnknownLayer, LayerUnsuited."""
    module = layer_named(model, layer)
    if not isinstance(module, nn.Conv2d):
        raise LayerUnsuited(
            "only a convolution has kernels to show",
            where=layer,
            got=type(module).__name__,
            expected="Conv2d",
        )
    return module.weight.detach().double().cpu().numpy()


def sheet(kernels: Array) -> NDArray[np.float64]:
    """(O, kh, kw, 3) or (O, kh, kw, 1) in [0, 1]: each kernel by its own largest weight, 0 as middle grey.

    Kernels over 3 channels are shown in colour, over any other number by their principal component.
    """
    shown = kernels if kernels.shape[1] in (1, 3) else principal(kernels)[0][:, None]
    largest = np.abs(shown).max(axis=(1, 2, 3), keepdims=True)
    scaled = np.divide(shown, largest, out=np.zeros_like(shown), where=largest > 0)
    return 0.5 + 0.5 * scaled.transpose(0, 2, 3, 1)


def principal(kernels: Array) -> tuple[Array, Array]:
    """The best single picture of each kernel over its channels: (O, kh, kw), and the share of its energy in it (O,).

    The first left singular vector u of the kernel as (C, kh kw), not centred: sum_c u_c kernel_c.
    """
    o, c, kh, kw = kernels.shape
    _, s, v = np.linalg.svd(kernels.reshape(o, c, kh * kw), full_matrices=False)
    energy = (s**2).sum(axis=1)
    share = np.divide(s[:, 0] ** 2, energy, out=np.ones(o), where=energy > 0)
    return (s[:, :1] * v[:, 0]).reshape(o, kh, kw), share


def judged(
    layer: str,
    kernels: Array,
    initial: Array,
    initial_from: str,
    *,
    seed: int = 0,
    progress: Progress = SILENT,
) -> FilterRecord:
    """Gabor fits and orientation of `kernels` (O, C, kh, kw), of `initial` and of Gaussian noise of each kernel's norm."""
    o, c, kh, kw = kernels.shape
    fits = min(kh, kw) >= SMALLEST
    material: dict[Literal["network", "initial", "noise"], Array] = {
        "network": kernels,
        "initial": initial,
        "noise": _noise_like(kernels, seed),
    }
    with progress.task("Fitting Gabor functions" if fits else "Looking at spectra", 3 * o) as task:
        groups = tuple(_group(name, values, fits, task) for name, values in material.items())
    network, _, noise = groups
    return FilterRecord(
        layer=layer,
        kernels=o,
        channels=c,
        kernel_size=(kh, kw),
        groups=groups,
        gabor=_difference(network.r2, noise.r2, seed) if fits else None,
        concentration=_difference(network.concentration, noise.concentration, seed),
        reason=""
        if fits
        else f"a {kh}x{kw} kernel has {kh * kw} numbers and a Gabor function {PARAMETERS} parameters: "
        f"nearly anything would fit. From {SMALLEST}x{SMALLEST} on a fit says something",
        initial_from=initial_from,
    )


def _group(
    name: Literal["network", "initial", "noise"], kernels: Array, fits: bool, task: Task
) -> FilterGroup:
    r2, concentration = [], []
    for kernel in principal(kernels)[0]:
        if fits:
            r2.append(fit_gabor(kernel).r2)
        concentration.append(orientation_concentration(kernel))
        task.advance()
    return FilterGroup(name=name, r2=tuple(r2), concentration=tuple(concentration))


def _noise_like(kernels: Array, seed: int) -> Array:
    """Gaussian kernels of the same shape, each of its kernel's norm."""
    drawn = np.random.default_rng(seeds.scalar_seed(seed, "noise kernels", 0)).normal(size=kernels.shape)
    norms = np.sqrt((kernels**2).sum(axis=(1, 2, 3), keepdims=True))
    return drawn * norms / np.sqrt((drawn**2).sum(axis=(1, 2, 3), keepdims=True))


def _drawn_again(model: nn.Module, layer: str, seed: int) -> Array:
    """The kernels of a copy of the layer, initialised by its own `reset_parameters`."""
    kernels_of(model, layer)
    # On the CPU, whose generator alone is put back.
    twin = copy.deepcopy(layer_named(model, layer)).cpu()
    assert isinstance(twin, nn.Conv2d)
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        twin.reset_parameters()
    return twin.weight.detach().double().numpy()


def _difference(network: tuple[float, ...], noise: tuple[float, ...], seed: int) -> Difference | None:
    """median(network) - median(noise), 95 % percentile bootstrap over kernels; constant kernels are left out."""
    a, b = (np.array([v for v in values if np.isfinite(v)]) for values in (network, noise))
    if not len(a) or not len(b):
        return None
    draw = np.random.default_rng(seeds.scalar_seed(seed, "bootstrap", 0))
    medians = [
        np.median(values[draw.integers(0, len(values), (BOOTSTRAPS, len(values)))], axis=1)
        for values in (a, b)
    ]
    low, high = np.quantile(medians[0] - medians[1], [0.025, 0.975])
    return Difference(
        value=float(np.median(a) - np.median(b)),
        interval=Interval(low=float(low), high=float(high), method="bootstrap"),
    )
