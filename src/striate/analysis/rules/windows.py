"""Operators with a window that moves over the image: convolution and pooling.

Unit i along an axis reads ``s i - p + d u`` for u in 0 .. k-1; a transposed convolution turns the sentence round: unit
``s i - p + d u`` reads i. Positions in the padding hold nothing to see. Knows nothing about channels beyond their groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from striate.analysis.extents import Extent
from striate.analysis.field import Field
from striate.analysis.joining import union
from striate.analysis.law import Taps
from striate.analysis.operations import Operation, Value
from striate.analysis.rules.rule import Fields, Rule, everywhere, pair, place, spatial

__all__ = ["RULES"]


def convolution(op: Operation, of: Fields) -> Sequence[Field | None]:
    """Every channel out sees the windows of all channels of its group."""
    field, out = of(op["input"]), op.outputs[0]
    parts = [] if field is None else [_convolved(op, field, out)]
    for name in ("weight", "bias"):
        made = op.arguments.get(name)
        made = of(made) if isinstance(made, Value) else None
        if (
            made is not None
        ):  # a kernel computed from the image: every unit reads all that it was computed from
            parts.append(
                everywhere(made, [1] * len(out.shape), f"a kernel made from the image in {place(op)}")
            )
    return [union(parts, out.shape, place(op)) if parts else None]


def _convolved(op: Operation, field: Field, out: Value) -> Field:
    channels = out.shape[1]
    kernel = op["weight"].shape[2:]
    axes = len(kernel)
    stride, padding, dilation = (pair(op[name], axes) for name in ("stride", "padding", "dilation"))
    for a, dim in enumerate(spatial(out, axes)):
        window = (kernel[a], stride[a], padding[a], dilation[a])
        read = _transposed if op["transposed"] else _window
        reads, taps = read(out.shape[dim], *window)
        field = field.read(dim, reads, taps, place(op))
    return field.mixed(1, op["groups"], channels)


def _window(n_out: int, k: int, s: int, p: int, d: int) -> tuple[Extent, Taps]:
    offsets = -p + d * np.arange(k)
    reads = s * np.arange(n_out)[:, None] + offsets
    return reads, Taps(down=s, up=1, offsets=(tuple(offsets.tolist()),))


def _transposed(n_out: int, k: int, s: int, p: int, d: int) -> tuple[Extent, Taps]:
    at = np.arange(n_out)[:, None] + p - d * np.arange(k)
    reads = np.where(at % s == 0, at // s, -1)
    phases = tuple(
        tuple((f + p - d * u) // s for u in range(k) if (f + p - d * u) % s == 0) for f in range(s)
    )
    return reads, Taps(down=1, up=s, offsets=phases)


def pooling(op: Operation, of: Fields) -> Sequence[Field | None]:
    """A window a channel; maximum and average see alike, and so do the indices of the maximum."""
    field, out = of(op["self"]), op.outputs[0]
    if field is None:
        return [None for _ in op.outputs]
    axes = _axes(op)
    kernel = pair(op["kernel_size"], axes)
    stride = pair(op["stride"] or kernel, axes)
    padding = pair(op["padding"], axes)
    dilation = pair(op.arguments.get("dilation", 1), axes)
    for a, dim in enumerate(spatial(out, axes)):
        reads, taps = _window(out.shape[dim], kernel[a], stride[a], padding[a], dilation[a])
        field = field.read(dim, reads, taps, place(op))
    return [field for _ in op.outputs]


def adaptive_pooling(op: Operation, of: Fields) -> Sequence[Field | None]:
    """Unit i of m reads ``floor(i n / m)`` to ``ceil((i + 1) n / m) - 1`` of n; one unit reads them all."""
    field, out = of(op["self"]), op.outputs[0]
    if field is None:
        return [None for _ in op.outputs]
    for dim in spatial(out, _axes(op)):
        n, m = field.shape[dim], out.shape[dim]
        if m == 1:
            field = field.joined_over([dim], f"global pooling in {place(op)}")
        elif n != m:
            field = field.read(dim, *_shares(n, m), place(op))
    return [field for _ in op.outputs]


def _axes(op: Operation) -> int:
    """2 of ``max_pool2d_with_indices``."""
    return int(op.op[op.op.index("pool") + 4])


def _shares(n: int, m: int) -> tuple[Extent, Taps]:
    ratio = Fraction(n, m)
    shares = [range((i * n) // m, -((-(i + 1) * n) // m)) for i in range(m)]
    width = max(len(share) for share in shares)
    reads = np.array([[*share, *[-1] * (width - len(share))] for share in shares], dtype=np.int64)
    period = tuple(tuple(share) for share in shares[: ratio.denominator])
    return reads, Taps(down=ratio.numerator, up=ratio.denominator, offsets=period)


def unfolding(op: Operation, of: Fields) -> Sequence[Field | None]:
    """``im2col``: (N, C, H, W) to (N, C kh kw, OH OW), every window a column."""
    field, out = of(op["self"]), op.outputs[0]
    if field is None:
        return [None]
    channels, sizes, kernels = field.shape[1], [], op["kernel_size"]
    for a, dim in enumerate((2, 3)):
        k, s, p, d = (op[name][a] for name in ("kernel_size", "stride", "padding", "dilation"))
        n_out = (field.shape[dim] + 2 * p - d * (k - 1) - 1) // s + 1
        reads, _ = _window(n_out, k, s, p, d)
        field = field.read(dim, reads.T.reshape(-1, 1), None, place(op))  # offset by offset, then position
        sizes.append(n_out)
    apart = field.reshaped((1, channels, kernels[0], sizes[0], kernels[1], sizes[1]), place(op))
    return [apart.permuted((0, 1, 2, 4, 3, 5)).reshaped(out.shape, place(op))]


RULES: dict[str, Rule] = {
    "aten.convolution": convolution,
    "aten._convolution": convolution,
    "aten.im2col": unfolding,
    **{
        f"aten.{name}": pooling
        for name in (
            "max_pool2d_with_indices",
            "max_pool3d_with_indices",
            "max_pool1d",
            "max_pool2d",
            "max_pool3d",
            "avg_pool1d",
            "avg_pool2d",
            "avg_pool3d",
        )
    },
    **{
        f"aten.{name}": adaptive_pooling
        for name in (
            "_adaptive_avg_pool2d",
            "_adaptive_avg_pool3d",
            "adaptive_avg_pool1d",
            "adaptive_max_pool2d",
            "adaptive_max_pool3d",
        )
    },
}
