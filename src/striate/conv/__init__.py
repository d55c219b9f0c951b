"""The lesson as code: the equations of a convolutional network, forward beside backward.

NumPy in float64, written to be read and to check faster code against; no torch. One axis legend, here and in all of
striate:

    N  images of a batch          n     C  channels of an image      c
    H  rows of a map              h     W  columns of a map          w
    O  output channels            o     K  classes                   k
    I  rows of positions          i     J  columns of positions      j
    U  rows of a kernel           u     V  columns of a kernel       v

    k, s, p, d  kernel, stride, padding and dilation along one axis; a pair of them is (rows, columns)
    dY          short for dL/dY, the gradient of the loss with respect to Y, shaped as Y

A capital is how many there are, the small letter one of them, counted from 0. So images are x[n, c, h, w], a weight is
w[o, c, u, v], a map of outputs is y[n, o, i, j]. Forward is named by what it does; ``_backward`` takes dL/dY first, then
what forward took, and gives the gradients of what can be learned or passed on. ``docs/LESSON.md`` trains a network
with these functions.

Read in this order: `geometry`, `receptive_field`, `windows`, `convolution`, `products`, `pooling`, `activation`,
`normalisation`, `dropout`, `linear`, `residual`, `loss`, `updates`.
"""

from __future__ import annotations

from striate.conv.activation import gelu, gelu_backward, relu, relu_backward, silu, silu_backward
from striate.conv.convolution import convolve, grad_bias, grad_input, grad_weight
from striate.conv.dropout import dropout, dropout_backward, dropout_mask
from striate.conv.geometry import effective_kernel, output_size, same_padding
from striate.conv.linear import linear, linear_backward
from striate.conv.loss import cross_entropy, cross_entropy_backward, log_softmax, softmax, targets
from striate.conv.normalisation import (
    RunningStatistics,
    batch_norm,
    batch_norm_backward,
    batch_norm_eval,
    batch_norm_eval_backward,
)
from striate.conv.pooling import (
    average_pool,
    average_pool_backward,
    global_average,
    global_average_backward,
    max_pool,
    max_pool_backward,
)
from striate.conv.products import convolution_matrix
from striate.conv.receptive_field import AxisWindow, ReceptiveField, receptive_fields
from striate.conv.residual import residual, residual_backward
from striate.conv.updates import AdamState, adam, adamw, decayed, momentum, nesterov, sgd, with_l2

__all__ = [
    "AdamState",
    "AxisWindow",
    "ReceptiveField",
    "RunningStatistics",
    "adam",
    "adamw",
    "average_pool",
    "average_pool_backward",
    "batch_norm",
    "batch_norm_backward",
    "batch_norm_eval",
    "batch_norm_eval_backward",
    "convolution_matrix",
    "convolve",
    "cross_entropy",
    "cross_entropy_backward",
    "decayed",
    "dropout",
    "dropout_backward",
    "dropout_mask",
    "effective_kernel",
    "gelu",
    "gelu_backward",
    "global_average",
    "global_average_backward",
    "grad_bias",
    "grad_input",
    "grad_weight",
    "linear",
    "linear_backward",
    "log_softmax",
    "max_pool",
    "max_pool_backward",
    "momentum",
    "nesterov",
    "output_size",
    "receptive_fields",
    "relu",
    "relu_backward",
    "residual",
    "residual_backward",
    "same_padding",
    "sgd",
    "silu",
    "silu_backward",
    "softmax",
    "targets",
    "with_l2",
]
