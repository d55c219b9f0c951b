"""Operators that read the same position of every argument; and those that read nothing.

Activations, arithmetic, comparisons, copies; arguments are broadcast. A product with zero counts as reading: what stands in
a tensor is not looked at. Knows nothing about axes.
"""

from __future__ import annotations

from collections.abc import Sequence

from striate.analysis.field import Field
from striate.analysis.joining import union
from striate.analysis.operations import Operation, Value
from striate.analysis.rules.rule import Fields, Refused, Rule, everywhere, place

__all__ = ["RULES"]


def pointwise(op: Operation, of: Fields) -> Sequence[Field | None]:
    """Each result sees what the arguments see at its position."""
    known = [field for value in op.inputs if (field := of(value)) is not None]
    return [union(known, out.shape, place(op)) if known else None for out in op.outputs]


def copied(op: Operation, of: Fields) -> Sequence[Field | None]:
    """``copy_``: what stood there before is gone."""
    field = of(op["src"])
    return [union([field], out.shape, place(op)) if field else None for out in op.outputs]


def nothing(op: Operation, _: Fields) -> Sequence[Field | None]:
    """Constants, whatever the argument that lends its shape."""
    return [None for _ in op.outputs]


def filled(op: Operation, of: Fields) -> Sequence[Field | None]:
    """``fill_``: nothing of what stood there, everything that the one value was made from."""
    value = op["value"]
    field = of(value) if isinstance(value, Value) else None
    reason = f"one value for all in {place(op)}"
    return [everywhere(field, out.shape, reason) if field else None for out in op.outputs]


def same_layout(op: Operation, of: Fields) -> Sequence[Field | None]:
    """``as_strided_`` to the shape that was there already: how it lies in memory changes, not what it is."""
    if list(op["self"].shape) == list(op["size"]):
        return [of(op["self"])]
    raise Refused(f"{place(op)} reads memory by strides")


_POINTWISE = (
    "relu",
    "relu6",
    "gelu",
    "silu",
    "mish",
    "sigmoid",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "leaky_relu",
    "elu",
    "celu",
    "selu",
    "softplus",
    "tanh",
    "log_sigmoid",
    "log_sigmoid_forward",
    "threshold",
    "hardshrink",
    "softshrink",
    "_prelu_kernel",
    "prelu",
    "rrelu_with_noise",
    "exp",
    "exp2",
    "expm1",
    "log",
    "log2",
    "log10",
    "log1p",
    "sqrt",
    "rsqrt",
    "square",
    "pow",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "atan2",
    "sinh",
    "cosh",
    "erf",
    "erfc",
    "erfinv",
    "abs",
    "neg",
    "sign",
    "sgn",
    "reciprocal",
    "ceil",
    "floor",
    "round",
    "trunc",
    "frac",
    "nan_to_num",
    "clamp",
    "clamp_min",
    "clamp_max",
    "add",
    "sub",
    "rsub",
    "mul",
    "div",
    "true_divide",
    "floor_divide",
    "remainder",
    "fmod",
    "addcmul",
    "addcdiv",
    "lerp",
    "maximum",
    "minimum",
    "fmax",
    "fmin",
    "hypot",
    "where",
    "masked_fill",
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
    "logical_and",
    "logical_or",
    "logical_not",
    "logical_xor",
    "bitwise_and",
    "bitwise_or",
    "bitwise_not",
    "isnan",
    "isinf",
    "isfinite",
    "clone",
    "alias",
    "detach",
    "lift_fresh",
    "_to_copy",
    "contiguous",
    "dropout",
    "native_dropout",
    "bernoulli",
    "_conj",
    "fake_quantize_per_tensor_affine",
)
_NOTHING = (
    "zeros",
    "ones",
    "empty",
    "full",
    "arange",
    "linspace",
    "eye",
    "scalar_tensor",
    "rand",
    "randn",
    "randint",
    "tril_indices",
    "triu_indices",
    "empty_strided",
    "zeros_like",
    "ones_like",
    "empty_like",
    "full_like",
    "rand_like",
    "randn_like",
    "new_zeros",
    "new_ones",
    "new_empty",
    "new_full",
    "new_empty_strided",
    "zero",
)

RULES: dict[str, Rule] = {
    **{f"aten.{name}": pointwise for name in _POINTWISE},
    **{f"aten.{name}": nothing for name in _NOTHING},
    "aten.copy": copied,
    "aten.fill": filled,
    # Drawn around a mean that may be computed; drawn in place from two plain numbers.
    "aten.normal": pointwise,
    "aten.normal_": nothing,
    "aten.uniform_": nothing,
    "aten.as_strided_": same_layout,
}
