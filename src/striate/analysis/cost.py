"""What a network costs for one image: multiply-adds, memory of activations, parameters.

Multiply-adds are those of convolutions, matrix products and attention: for a convolution ``numel(Y) (C / groups) k_h k_w``,
for a product of (n, k) and (k, m) ``n k m``. Two of torch's FLOPs are one multiply-add. Pointwise operators, pools and norms
are not counted: they cost memory, not arithmetic. Knows nothing about receptive fields.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from torch import nn

from striate.analysis.operations import Operation, Walk

__all__ = ["activation_bytes", "depending", "multiply_adds", "parameter_count"]

_PRODUCTS = {
    "aten.mm": "self",
    "aten.bmm": "self",
    "aten.addmm": "mat1",
    "aten.baddbmm": "batch1",
    "aten.mv": "self",
}


def parameter_count(model: nn.Module) -> int:
    """Numbers that training may change or that are frozen weights; shared ones once, buffers not."""
    return sum(parameter.numel() for parameter in model.parameters())


def multiply_adds(op: Operation) -> int:
    """Of one operator; 0 for those that are not counted."""
    if op.op in ("aten.convolution", "aten._convolution"):
        moved = op["input"] if op["transposed"] else op.outputs[0]
        return moved.numel * prod(op["weight"].shape[1:])
    if op.op in _PRODUCTS:
        return op.outputs[0].numel * op[_PRODUCTS[op.op]].shape[-1]
    if op.op.startswith("aten._scaled_dot_product"):
        query, key, value = op["query"], op["key"], op["value"]
        pairs = query.numel // query.shape[-1] * key.shape[-2]
        return pairs * (query.shape[-1] + value.shape[-1])
    return 0


def activation_bytes(operations: Iterable[Operation], depending: frozenset[int]) -> int:
    """New memory for results that depend on the image; what works in place or is a view takes none."""
    return sum(
        out.numel * out.itemsize
        for op in operations
        if op.allocates
        for out in op.outputs
        if out.number in depending
    )


def depending(walked: Walk) -> frozenset[int]:
    """Numbers of all values that are computed from the image."""
    found = {walked.input.number}
    for op in walked.operations:
        if any(value.number in found for value in op.inputs):
            found.update(out.number for out in op.outputs)
    return frozenset(found)
