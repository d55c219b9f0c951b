"""Frozen records of what was measured on a network: fields, shifts, gradients, filters.

Positions and sizes are (vertical, horizontal), in pixels of the input unless it says otherwise; shares are fractions in
[0, 1]; NaN stands for what has no value, and the field says why. Knows nothing about torch or how anything was measured.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from striate.core.records import Interval, Record

__all__ = [
    "ActivityRecord",
    "AttributionMap",
    "ConsistencyRecord",
    "Difference",
    "EffectiveField",
    "EquivarianceRecord",
    "FilterGroup",
    "FilterRecord",
    "GradientFlowRecord",
    "Grid",
    "LayerActivity",
    "LayerEquivariance",
    "LayerGradient",
    "ShiftError",
    "grid",
]

Grid = tuple[tuple[float, ...], ...]
"""A map of the image: Grid[i][j] is row i, column j."""


def grid(values: NDArray[np.floating]) -> Grid:
    """A 2-d array as a record keeps it."""
    return tuple(tuple(row) for row in values.astype(np.float64).tolist())


Border = Literal["circular", "zero"]
"""What enters an image that is shifted: what left it on the other side, or zeros (the mean colour)."""


class EffectiveField(Record):
    """How strongly each pixel of the input moves one unit of a layer."""

    layer: str
    layer_size: tuple[int, ...]
    """(O, H, W) of the layer, or (O,) where it has no map."""
    input_size: tuple[int, int, int]
    unit: tuple[int, int]
    """Row and column on the layer's map; (0, 0) where it has none."""
    channel: int | None
    """None: the energy of all channels, estimated with random signs."""
    images: int
    energy: Grid
    """Mean over images of the squared input gradient, summed over colours, as shares of its total."""
    magnitude: Grid
    """Mean over images of |gradient|, summed over colours, as shares of its total."""
    centroid: tuple[float, float]
    """Of the energy; pixel centres are whole numbers. NaN where no pixel has any."""
    sd: tuple[float, float]
    """Square root of the energy's second central moment on each axis."""
    box: tuple[int, int]
    """Height and width of the smallest square around the centroid, cut off at the image, that holds `held`."""
    pixels: int
    """The fewest pixels that hold `held` of the energy."""
    held: float = 0.95
    theoretical: tuple[int, int] | None = None
    """Size of the theoretical field, where it was handed in; it may exceed the image."""
    theoretical_start: tuple[int, int] | None = None
    """Row and column of its first pixel, negative beyond the image; None where only its size is known."""
    share: float
    """`pixels` over the pixels of the theoretical field that lie in the image; NaN without a theoretical field."""


class ShiftError(Record):
    """How far a layer is from moving with the image: ||T f(x) - f(T x)|| / ||f(x)||, mean over images."""

    shift: tuple[int, int]
    """Pixels down and right."""
    phase: tuple[int, int]
    """shift mod stride: (0, 0) where the shift is a whole number of units, and the comparison is fair."""
    moved: tuple[int, int]
    """Units that T moves the map: the nearest whole number to shift / stride."""
    everywhere: float
    """Over all units that have a counterpart."""
    interior: float
    """Over units that see no pixel at the image's edge, before and after; NaN where there are none."""
    border: float
    """Over the others; NaN where there are none."""


class LayerEquivariance(Record):
    """One layer under every shift."""

    name: str
    kind: str
    layer_size: tuple[int, int, int]
    stride: tuple[int, int]
    interior_units: float
    """Share of the map's units that see no pixel at the image's edge (of its end as many as a stride)."""
    errors: tuple[ShiftError, ...]


class EquivarianceRecord(Record):
    """Every layer under every shift."""

    input_size: tuple[int, int, int]
    images: int
    border: Border
    strides_from: str
    """In words."""
    layers: tuple[LayerEquivariance, ...]


class ConsistencyRecord(Record):
    """Whether the predicted class survives a shift."""

    border: Border
    images: int
    largest: int
    """Shifts are 0 to `largest` pixels down and right."""
    shifts: int
    """How many of the (largest + 1)^2 were tried, no shift among them."""
    pairs: float
    """Share of images whose top-1 is the same under two random shifts, one pair an image (Zhang 2019)."""
    pairs_interval: Interval
    all_pairs: float
    """The same over all pairs of different shifts, mean over images."""
    all_pairs_interval: Interval
    """As if every image were one yes or no: on the safe side, since a share varies less than that."""
    unshifted: float
    """Share of all (image, shift) with the top-1 of the unshifted image."""
    steady: float
    """Share of images with one and the same top-1 under all shifts that were tried."""
    steady_interval: Interval
    confidence_sd: float
    """Standard deviation over shifts of the probability of the class predicted without a shift, mean over images."""


class LayerGradient(Record):
    """Gradients of the loss at one layer; NaN where none arrived."""

    name: str
    kind: str
    weight_norm: float
    weight_gradient: float
    """L2 norm of the gradient of all parameters of the layer."""
    relative: float
    """weight_gradient / weight_norm."""
    activation_gradient: float
    """Root mean square, over images, of the L2 norm of the gradient of one image's own loss by the layer's output."""


class GradientFlowRecord(Record):
    """Gradients along the network, in the order in which layers ran."""

    images: int
    loss: float
    labels_from: str
    mode: Literal["train", "eval"]
    layers: tuple[LayerGradient, ...]


class LayerActivity(Record):
    """What the units of one non-linearity did on all images. A unit is a channel, over all of its positions."""

    name: str
    call: int
    """0 for the first time the module ran in a forward pass, 1 for the second, ..."""
    kind: str
    units: int
    dead: tuple[int, ...] = ()
    """Units that were above zero at no position of no image; empty for sigmoid and tanh, which cannot be."""
    saturated: tuple[int, ...] = ()
    """Units that were saturated at every position of every image."""
    inactive_share: float
    """Share of values at or below zero over images, units and positions: sparsity, not death. NaN for sigmoid, tanh."""
    saturated_share: float
    """Share of values where the function is flat on its upper side (sigmoid, tanh: on either side)."""


class ActivityRecord(Record):
    """Dead, saturated and sparse units of every non-linearity that is a module."""

    images: int
    unseen_bound: float
    """Rule of three: a unit never active in n images is active in under 3 / n of all, with 95 % confidence."""
    layers: tuple[LayerActivity, ...]


class FilterGroup(Record):
    """The kernels of a first layer, or of a control, judged alike."""

    name: Literal["network", "initial", "noise"]
    r2: tuple[float, ...]
    """Of the best Gabor function, one a kernel; NaN for a constant kernel. Empty where no fit can be judged."""
    concentration: tuple[float, ...]
    """Of spectral energy in one orientation: 0 for none, 1 for a perfect grating; one a kernel."""


class Difference(Record):
    """median(network) - median(noise), with a bootstrap interval."""

    value: float
    interval: Interval


class FilterRecord(Record):
    """The first layer's kernels and what can be said about their form."""

    layer: str
    kernels: int
    channels: int
    kernel_size: tuple[int, int]
    groups: tuple[FilterGroup, ...]
    gabor: Difference | None
    """None where the kernels are too small to judge."""
    concentration: Difference | None
    reason: str
    """Why there is no fit; empty where there is one."""
    initial_from: str
    """Where the initial kernels come from, in words."""


class AttributionMap(Record):
    """Where one image speaks for a class, on the image's own pixels."""

    method: Literal["grad-cam", "occlusion"]
    layer: str
    """Empty for occlusion."""
    target: int
    probability: float
    """Of the target class on the whole image."""
    values: Grid
    """Grad-CAM: at least 0, in units of the logit's slope. Occlusion: loss of probability where a patch hides it."""
