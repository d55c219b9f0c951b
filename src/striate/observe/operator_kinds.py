"""Which of torch's operators are affine in what they are given, by their short names.

Knows nothing about networks.
"""

from __future__ import annotations

__all__ = ["CONVOLUTIONS", "MOVES", "NONLINEAR", "PRODUCTS", "SCALES", "SUMS", "is_norm"]

CONVOLUTIONS = ("convolution", "_convolution")
PRODUCTS = ("mm", "addmm", "bmm", "baddbmm", "matmul", "linear", "mv")
# fmt: off
MOVES = frozenset({
    "_reshape_alias", "_to_copy", "_unsafe_view", "alias", "as_strided", "cat", "channel_shuffle",
    "chunk", "clone", "constant_pad_nd", "contiguous", "copy", "detach", "expand", "expand_as",
    "flatten", "flip", "gather", "im2col", "index", "index_select", "lift_fresh", "movedim", "narrow",
    "permute", "pixel_shuffle", "pixel_unshuffle", "reflection_pad1d", "reflection_pad2d", "repeat",
    "replication_pad2d", "reshape", "roll", "select", "select_scatter", "slice", "slice_scatter",
    "split", "split_with_sizes", "squeeze", "stack", "t", "transpose", "unbind", "unflatten", "unfold",
    "unsqueeze", "view",
})
"""Shapes and places change, values do not."""
SUMS = frozenset({
    "_adaptive_avg_pool2d", "_upsample_nearest_exact2d", "adaptive_avg_pool2d", "add", "avg_pool1d",
    "avg_pool2d", "avg_pool3d", "dropout", "mean", "native_dropout", "neg", "rsub", "sub", "sum",
    "upsample_bicubic2d", "upsample_bilinear2d", "upsample_nearest2d",
})
"""Sums with fixed weights."""
SCALES = frozenset({
    "addcdiv", "addcmul", "div", "lerp", "mul",
})
"""Affine where only one operand depends on the image; so are products."""
NONLINEAR = frozenset({
    "_log_softmax", "_prelu_kernel", "_softmax", "abs", "adaptive_max_pool2d", "amax", "amin", "celu",
    "clamp", "clamp_max", "clamp_min", "cos", "elu", "exp", "gelu", "glu", "hardshrink", "hardsigmoid",
    "hardswish", "hardtanh", "leaky_relu", "linalg_vector_norm", "log", "log1p", "log_sigmoid_forward",
    "max", "max_pool1d", "max_pool2d", "max_pool3d", "maximum", "min", "minimum", "mish", "pow", "prelu",
    "reciprocal", "relu", "relu6", "rrelu", "rrelu_with_noise", "rsqrt", "selu", "sigmoid", "sign",
    "silu", "sin", "softmax", "softplus", "softshrink", "softsign", "sort", "sqrt", "square", "std",
    "std_mean", "tanh", "threshold", "topk", "var", "var_mean", "where",
})
"""Not affine, normalisations with statistics apart: those are told by `is_norm`."""
# fmt: on


def is_norm(name: str) -> bool:
    """Whether the operator, by its short name, is a normalisation with statistics."""
    return any(
        part in name for part in ("batch_norm", "layer_norm", "group_norm", "instance_norm", "rms_norm")
    )
