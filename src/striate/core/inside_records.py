"""Frozen records of what was seen inside a network and its loop while it trained.

Series are columns: the tuples of one record have one entry for each sampled step, NaN where nothing was read. Norms are L2.
Knows nothing about torch, or about which numbers are good.
"""

from __future__ import annotations

from typing import Literal

from striate.core.layer_records import LayerFact
from striate.core.records import Record

__all__ = [
    "ActivationSeries",
    "Inside",
    "LayerSeries",
    "LoopSeen",
    "NetworkSeen",
    "NonFiniteSeen",
    "NormSeries",
    "OutputsSeen",
    "ParameterSeen",
]

GradientSeen = Literal["none", "zero", "seen"]


class ParameterSeen(Record):
    """One tensor of parameters over the run."""

    name: str
    numel: int
    requires_grad: bool
    in_optimizer: bool
    gradient: GradientSeen
    """none: `grad` was None at every checked step; zero: it was there and exactly 0; seen: it had a value."""
    changed: bool | None
    """Whether any bit of it changed over the checked steps; None when fewer than 5 steps were taken at a positive rate."""
    shared_with: str = ""
    """Name of the parameter that this one is the same tensor as."""


class OutputsSeen(Record):
    """What the network's outputs are, and what loss their gradient says is being minimised.

    With outputs z, targets as one-hot rows y and softmax p, the mean cross-entropy of N images has dL/dz = (p - y) / N. The gradient that
    really arrives at z, seen by a hook on it, tells which loss is used without asking for it.
    """

    checked: int = 0
    """Training batches that were looked at."""
    probabilities: float = 0.0
    """Share of them whose rows are >= 0 and sum to 1 within 1e-3."""
    log_probabilities: float = 0.0
    """Share of them whose rows have logsumexp 0 within 1e-3."""
    gradients: int = 0
    """Batches whose dL/dz was seen."""
    agreement: float | None = None
    """Median over batches of cos(dL/dz, p - y), in [-1, 1]: 1 for cross-entropy, -1 for its negative."""
    scale: float | None = None
    """Median of N <dL/dz, p - y> / |p - y|^2, AMP's scale taken out: 1 for the mean, N for the sum over a batch."""
    implied_right: float | None = None
    """Share of images whose most negative entry of dL/dz is that of their label."""
    implied_one_hot: float | None = None
    """Share of images whose dL/dz is exactly that of a cross-entropy against one class, whichever: smoothing and mixing are not."""
    squared_error_agreement: float | None = None
    """Median of cos(dL/dz, z - y): 1 for the mean squared error against one-hot targets."""
    binary_agreement: float | None = None
    """Median of cos(dL/dz, sigmoid(z) - y): 1 for binary cross-entropy of each class by itself."""
    label_only: float | None = None
    """Median over batches of |dL/dz in the entry of the label|^2 / |dL/dz|^2. Exactly 1 for the log-likelihood of outputs that are
    probabilities, where dL/dz = -y / (N z); below 1 by about 1 / K when these outputs go through another softmax."""
    softmax_agreement: float | None = None
    """Median of cos(dL/dz, d/dz of the cross-entropy that takes softmax(z) for logits): 1 for a softmax between these outputs and the loss."""
    loss_correlation: float | None = None
    """Spearman's rank correlation of the loss that the loop logged with the one recomputed; None where none was logged."""
    batch_size: int = 0


class NonFiniteSeen(Record):
    """The first value that was not finite."""

    step: int
    where: Literal["input", "weights", "activations", "outputs", "gradient"]
    """The first of these that was not finite, in the order of a step."""
    layer: str = ""
    lr: float | None = None
    largest_before: float | None = None
    """Largest loss among the last 20 finite ones."""
    first_loss: float | None = None
    samples: tuple[int, ...] = ()
    """Positions in the batch of images that were not finite."""


class LoopSeen(Record):
    """What the loop does at each step, counted."""

    optimizer_steps: int
    backwards: int
    """Counted in windows only: at all of the first steps, later now and then."""
    train_forwards: int
    """Forward passes of the whole network with gradients on."""
    window_steps: int = 0
    """Optimiser steps in the windows of `backwards`: their ratio is how many are accumulated."""
    skipped_steps: int = 0
    """Optimiser steps that AMP's scaler left out."""
    zero_rate_steps: int = 0
    stale_checked: int = 0
    """First backward passes after an optimiser step before which the gradients of what the optimiser holds were looked at."""
    stale: int = 0
    """Of those, how many found gradients of the step before still there and not 0."""
    mode_layers: int = 0
    """Layers that behave differently in train and eval mode: batch norm, dropout."""
    train_in_eval: float = 0.0
    """Share of training forward passes with all of `mode_layers` in eval mode."""
    train_partly_in_eval: float = 0.0
    """Share with some of them in eval mode."""
    eval_layers: tuple[str, ...] = ()
    """Up to 20 of those that were in eval mode while training."""
    val_forwards: int = 0
    val_in_train: float = 0.0
    """Share of validation forward passes with any of `mode_layers` in train mode."""
    val_with_grad: float = 0.0
    val_updates: int = 0
    """Optimiser steps taken on validation batches."""
    foreign_optimizer: bool = False
    """The optimiser holds no parameter of the network at all."""
    parameters: tuple[ParameterSeen, ...] = ()
    outputs: OutputsSeen | None = None
    non_finite: NonFiniteSeen | None = None


class LayerSeries(Record):
    """The weight of one convolution or linear layer over the sampled steps."""

    name: str
    kind: Literal["conv", "linear"]
    depth: int
    """Order in which the network calls it, from 0."""
    parameters: int
    width: int
    """Output channels."""
    grad: tuple[float, ...]
    weight: tuple[float, ...]
    update: tuple[float, ...]
    """Norm of what one optimiser step changed (estimated from a fixed sample of the entries, scaled to all of them)."""
    normalised: bool = False
    """A normalisation layer follows, so that the scale of this weight does not matter."""


class ActivationSeries(Record):
    """The output of one layer on the probe images over the probes."""

    name: str
    kind: str
    """Class name, such as ``ReLU``; a function called in forward is named by its operator."""
    depth: int
    channels: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    """Over all images, channels and positions."""
    zero: tuple[float, ...]
    """Share of values <= 0."""
    saturated: tuple[float, ...]
    """Share with |tanh| > 0.97, or sigmoid outside [0.03, 0.97]; 0 for other layers."""
    dead: tuple[float, ...]
    """Share of channels whose largest value over all images and positions is <= 0."""
    stuck: float = 0.0
    """Share of channels that were dead at every one of the last three probes."""
    rank: tuple[float, ...] = ()
    """Effective rank exp(entropy of the normalised spectrum) of channels over images, where it was computed."""


class NormSeries(Record):
    """One batch-norm layer: what it has stored beside what the batch says."""

    name: str
    depth: int
    momentum: float | None
    shift: tuple[float, ...]
    """Median over channels of |running mean - batch mean| / batch standard deviation."""
    variance_ratio: tuple[float, ...]
    """Median over channels of running / batch variance."""


class Inside(Record):
    """Samples of the inside of a network while it trains.

    `step` belongs to `layers`, `predicted`, `before` and `after`; `probe_step` to the rest. The probe is a fixed set of training images.
    """

    step: tuple[int, ...] = ()
    lr: tuple[float, ...] = ()
    batch: int = 0
    """Images in the batches of `before` and `after`."""
    layers: tuple[LayerSeries, ...] = ()
    predicted: tuple[float, ...] = ()
    """<g, dw>: what the loss on this batch should change by, to first order, in this step; negative is down."""
    before: tuple[float, ...] = ()
    after: tuple[float, ...] = ()
    """Loss of the same batch, in the same mode with the same masks, before and after the step."""
    probe_step: tuple[int, ...] = ()
    probe_n: int = 0
    activations: tuple[ActivationSeries, ...] = ()
    norms: tuple[NormSeries, ...] = ()
    train_mode_loss: tuple[float, ...] = ()
    train_mode_accuracy: tuple[float, ...] = ()
    eval_mode_loss: tuple[float, ...] = ()
    eval_mode_accuracy: tuple[float, ...] = ()
    """The same images once in train mode (batch statistics, no dropout) and once in eval mode."""
    gradient_correlation: tuple[float, ...] = ()
    """Mean correlation of dL/dx between neighbouring pixels: white noise has 0 (Balduzzi et al. 2017)."""


class NetworkSeen(Record):
    """What the network is, from one walk through it."""

    kind: str
    """Class name."""
    input_size: tuple[int, ...]
    """(C, H, W) of the images that it was given."""
    parameters: int
    layers: tuple[LayerFact, ...] = ()
    convolutions: int = 0
    """On the longest path."""
    shortest: int = 0
    """Convolutions on the shortest path from the image to the output: few where there are skips, by addition or by concatenation."""
    additions: int = 0
    """Places where a tensor is added to one that it came from: residual connections."""
    normalisations: int = 0
    norm_kinds: tuple[str, ...] = ()
    dropout: float = 0.0
    """Largest rate."""
    nonlinear: bool | None = None
    """Whether anything but affine maps stands between the parametrised layers; None when the walk could not tell."""
    nonlinear_by: tuple[str, ...] = ()
    """Operators that make it so, as ``relu`` or ``max_pool2d``; normalisations are not counted."""
    affine_residual: float | None = None
    """|f(a) + f(b) - f(a + b) - f(0)| / |f(a) - f(0)|, mean: 0 for an affine network."""
    field: tuple[int, ...] | None = None
    """Receptive field (height, width) before everything is pooled; None where it has no one size."""
    pooled: bool | None = None
    """Whether the positions of that map are averaged or the largest taken; False where it is flattened, which keeps them apart."""
    initial_loss: float | None = None
    """Cross-entropy on the first batch before any step."""
    filter_cosine: float | None = None
    """Largest over layers of the median |cosine| between two filters of a layer, before any step."""
    because: str = ""
    """Why the walk failed, if it did."""
