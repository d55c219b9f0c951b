"""Matrix products and attention: rows of one factor meet columns of the other.

A product with a weight, as in a linear layer, joins the features of each row and leaves rows apart. Attention joins all
positions that a query looks at. Knows nothing about windows.
"""

from __future__ import annotations

from collections.abc import Sequence

from striate.analysis.field import Field
from striate.analysis.joining import union
from striate.analysis.operations import Operation, Value
from striate.analysis.rules.rule import Fields, Refused, Rule, place

__all__ = ["RULES"]


def _product(op: Operation, of: Fields, a: Value, b: Value, added: Value | None) -> Sequence[Field | None]:
    """(..., n, k) x (..., k, m): unit (i, j) sees row i of the one and column j of the other."""
    out = op.outputs[0]
    parts = []
    left, right = of(a), of(b)
    if left is not None:
        parts.append(left.joined_over([-1], f"a product over the map in {place(op)}"))
    if right is not None:
        parts.append(right.joined_over([-2], f"a product over the map in {place(op)}"))
    if added is not None and (field := of(added)) is not None:
        parts.append(field)
    return [union(parts, out.shape, place(op)) if parts else None]


def product(op: Operation, of: Fields) -> Sequence[Field | None]:
    """``mm`` and ``bmm``."""
    return _product(op, of, op["self"], op["mat2"], None)


def added_product(op: Operation, of: Fields) -> Sequence[Field | None]:
    """``addmm``: a linear layer with its bias."""
    return _product(op, of, op["mat1"], op["mat2"], op["self"])


def added_batch_product(op: Operation, of: Fields) -> Sequence[Field | None]:
    """``baddbmm``."""
    return _product(op, of, op["batch1"], op["batch2"], op["self"])


def matrix_vector(op: Operation, of: Fields) -> Sequence[Field | None]:
    """(n, k) x (k): unit i sees row i and all of the vector."""
    matrix, vector, out = of(op["self"]), of(op["vec"]), op.outputs[0]
    parts = []
    if matrix is not None:
        parts.append(matrix.joined_over([1], place(op)).laid_out(out.shape, [0]))
    if vector is not None:
        parts.append(vector.joined_over([0], place(op)))
    return [union(parts, out.shape, place(op)) if parts else None]


def attention(op: Operation, of: Fields) -> Sequence[Field | None]:
    """Query (..., L, E), key (..., S, E), value (..., S, V): unit (l, v) sees query l, every key, column v of every value.

    What a mask hides counts as seen, causal or not: as with weights, numbers that come out as zero are not looked at.
    """
    query, key, value = (of(op[name]) for name in ("query", "key", "value"))
    heads = {op[name].shape[-3] for name in ("query", "key", "value")}
    if len(heads) > 1:
        raise Refused(f"{place(op)} with grouped heads")
    reason, out, parts = f"attention in {place(op)}", op.outputs[0], []
    if query is not None:
        parts.append(query.joined_over([-1], reason))
    if key is not None:
        parts.append(key.joined_over([-2, -1], reason))
    if value is not None:
        parts.append(value.joined_over([-2], reason))
    mask = op.arguments.get("attn_mask", op.arguments.get("attn_bias"))
    if isinstance(mask, Value) and (field := of(mask)) is not None:
        parts.append(field.joined_over([-1], reason))
    seen = union(parts, out.shape, reason) if parts else None
    return [seen, *[None for _ in op.outputs[1:]]]


RULES: dict[str, Rule] = {
    "aten.mm": product,
    "aten.bmm": product,
    "aten.addmm": added_product,
    "aten.baddbmm": added_batch_product,
    "aten.mv": matrix_vector,
    **{
        f"aten._scaled_dot_product_{kind}": attention
        for kind in (
            "flash_attention_for_cpu",
            "flash_attention",
            "efficient_attention",
            "attention_math",
            "cudnn_attention",
        )
    },
}
