"""One forward pass; where a network refuses its input, the error names the layer.

Knows nothing about what the outputs are for.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from striate.analysis.errors import InputRefused, LayerUnsuited

__all__ = ["as_input", "first_tensor", "forward", "logits_of"]

# What torch and the code of models raise on a tensor they cannot work with.
_REFUSALS = (
    RuntimeError,
    ValueError,
    AssertionError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
)


def as_input(model: nn.Module, images: Tensor) -> Tensor:
    """`images` on the device and in the precision of the model's first floating-point parameter."""
    like = next((p for p in model.parameters() if p.is_floating_point()), None)
    return images if like is None else images.to(device=like.device, dtype=like.dtype)


def forward(model: nn.Module, images: Tensor) -> Any:
    """What the network puts out for `images`. Raises InputRefused with the innermost layer that refused."""
    try:
        return model(images)
    except torch.OutOfMemoryError:
        raise
    except _REFUSALS as error:
        name, kind = _innermost(model, error)
        raise InputRefused(
            "the network cannot take this input",
            where=f"{name or 'the network itself'} ({kind})",
            got=f"{'x'.join(map(str, images.shape[1:]))} ({_first_line(error)})",
            next_step="another size with --input, such as --input 3x224x224",
        ) from error


def first_tensor(value: Any) -> Tensor | None:
    """The tensor that `value` is, or the first one in it where it is a tuple, list or dict; None where there is none."""
    if isinstance(value, Tensor):
        return value
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, tuple | list) else ()
    return next((t for part in parts if (t := first_tensor(part)) is not None), None)


def logits_of(output: Any) -> Tensor:
    """The scores (N, K) in what a network returned; of several heads the first. Raises LayerUnsuited for anything else."""
    logits = first_tensor(output)
    if logits is None or logits.dim() != 2:
        got = type(output).__name__ if logits is None else "x".join(["N", *map(str, logits.shape[1:])])
        raise LayerUnsuited("the network puts out no scores of classes", got=got, expected="N x classes")
    return logits


def _innermost(model: nn.Module, error: BaseException) -> tuple[str, str]:
    """Name and kind of the last module on the way to where the error was raised."""
    names = {id(module): name for name, module in model.named_modules()}
    found, trace = ("", type(model).__name__), error.__traceback__
    while trace is not None:
        owner = trace.tb_frame.f_locals.get("self")
        if isinstance(owner, nn.Module) and id(owner) in names:
            found = (names[id(owner)], type(owner).__name__)
        trace = trace.tb_next
    return found


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n")[0] or type(error).__name__
