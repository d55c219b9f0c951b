"""What every non-linearity, module or function, puts out in one forward pass.

Operators are seen as the dispatcher sees them, and measured at once, so that work in place changes nothing. Knows nothing about why a
unit is as it is, or how often it is asked.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook
from torch.utils._python_dispatch import TorchDispatchMode

__all__ = ["Activation", "activations"]

RECTIFIERS = frozenset(
    (
        *("relu", "relu6", "hardtanh", "leaky_relu", "prelu", "_prelu_kernel", "rrelu", "rrelu_with_noise"),
        *("elu", "celu", "selu", "gelu", "silu", "mish", "hardswish", "softplus", "log_sigmoid_forward"),
        *("threshold", "softshrink", "hardshrink"),
    )
)
SQUASHERS = {"sigmoid": (0.03, 0.97), "hardsigmoid": (0.03, 0.97), "tanh": (-0.97, 0.97)}
"""Outside of these bounds a unit is saturated: the slope of either function is then under 12 % (sigmoid) and 6 % (tanh) of its largest."""
CUTS = frozenset(("clamp", "clamp_min"))
"""Non-linearities where their lower bound is 0."""
VALUES = 1 << 22
"""Values of one output beyond which only some of the positions are read: 64 images of 64 channels at 32 x 32."""


@dataclass(frozen=True)
class Activation:
    """One output. A unit is a channel of (N, C, H, W), a feature of (N, F), the last axis of tokens (N, L, F)."""

    kind: str
    channels: int
    mean: float
    std: float
    zero: float
    saturated: float
    rank: float
    """exp(entropy of s / sum s), s the singular values of the (N, C) means over positions, each channel centred; 0 where all is constant."""
    dead: Tensor
    """(C,) bool, on the CPU: no value above 0."""


@contextmanager
def activations(model: nn.Module) -> Iterator[dict[str, Activation]]:
    """Inside: what fills as the network runs, in that order, by the name of the layer.

    A function is named by the module that calls it and by its operator, ``layer1.0.relu``; a second call of the same gets `` #2``. A sigmoid or
    tanh whose output is multiplied with other values is a gate and is left out. To be used inside `shadow`; no hook stays.
    """
    listener = _Listener(model)
    with ExitStack() as stack:
        stack.callback(register_module_forward_pre_hook(listener.enter).remove)
        stack.callback(register_module_forward_hook(listener.leave, always_call=True).remove)
        stack.enter_context(listener)
        yield listener.found


@dataclass
class _Listener(TorchDispatchMode):
    model: nn.Module
    found: dict[str, Activation] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()
        self._names = {id(module): name for name, module in self.model.named_modules()}
        self._running: list[nn.Module] = []
        # Memory of outputs that may turn out to be gates; the tensors are kept, since memory that is free is used again.
        self._squashed: dict[int, tuple[str, Tensor]] = {}

    def enter(self, module: nn.Module, args: Any) -> None:
        """Hook before a module's forward."""
        if id(module) in self._names:
            self._running.append(module)

    def leave(self, module: nn.Module, args: Any, output: Any) -> None:
        """Hook after it, also when it failed."""
        if self._running and self._running[-1] is module:
            self._running.pop()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        out = func(*args, **(kwargs or {}))
        op = func._schema.name.split("::", 1)[1].rstrip("_")
        if op == "hardtanh" and len(args) > 1 and args[1] == 0:
            op = "relu6"  # what F.relu6 is to the dispatcher
        if op == "mul":
            self._multiplied(args)
        elif _is_activation(op, args, kwargs or {}):
            y = out[0] if isinstance(out, tuple) else out
            if isinstance(y, Tensor) and y.dim() > 1 and y.is_floating_point() and y.numel():
                self._note(op, y)
        return out

    def _note(self, op: str, y: Tensor) -> None:
        module = self._running[-1] if self._running else self.model
        name, leaf = self._names.get(id(module), ""), next(module.children(), None) is None
        own = leaf and module is not self.model and not isinstance(module, nn.Conv2d | nn.Linear)
        kind = type(module).__name__ if own else op
        full = name if own else f"{name}.{op}" if name else op
        call = 2
        unique = full
        while unique in self.found:
            unique = f"{full} #{call}"
            call += 1
        self.found[unique] = _measured(kind, op, y)
        if op in SQUASHERS:
            self._squashed[y.untyped_storage().data_ptr()] = (unique, y)

    def _multiplied(self, args: tuple[Any, ...]) -> None:
        factors = [a for a in args if isinstance(a, Tensor)]
        for factor in factors if len(factors) > 1 else ():
            gate = self._squashed.pop(factor.untyped_storage().data_ptr(), None)
            if gate is not None:
                self.found.pop(gate[0], None)


def _is_activation(op: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    if op in CUTS:
        low = args[1] if len(args) > 1 else kwargs.get("min")
        return isinstance(low, int | float) and low == 0
    return op in RECTIFIERS or op in SQUASHERS


def _measured(kind: str, op: str, y: Tensor) -> Activation:
    y = y.detach()
    if y.dim() == 3:  # tokens: features last
        y = y.transpose(1, 2)
    if y.numel() > VALUES and y.dim() > 2:
        step = -(-y.numel() // VALUES)
        y = y.flatten(2)[:, :, ::step]
    y = y.float()
    others = [d for d in range(y.dim()) if d != 1]
    mean = y.mean()
    # In two passes: torch.std_mean takes six times as long.
    spread = torch.linalg.vector_norm(y - mean) / math.sqrt(y.numel())
    largest = y.amax(dim=others)
    above = torch.count_nonzero(y > 0)
    saturated = torch.zeros((), device=y.device)
    if op in SQUASHERS:
        low, high = SQUASHERS[op]
        saturated = ((y < low) | (y > high)).float().mean()
    each = y.flatten(2).mean(2) if y.dim() > 2 else y
    values = torch.stack([mean, spread, above.float() / y.numel(), saturated]).tolist()
    return Activation(
        kind=kind,
        channels=y.shape[1],
        mean=values[0],
        std=values[1],
        zero=1.0 - values[2],
        saturated=values[3],
        rank=_effective_rank(each.cpu()),
        dead=(largest <= 0).cpu(),
    )


def _effective_rank(rows: Tensor) -> float:
    """exp(-sum p ln p) of p = s / sum s (Roy & Vetterli 2007), by the smaller of the two Gram matrices."""
    centred = (rows - rows.mean(0)).double()
    if not bool(torch.isfinite(centred).all()):
        return float("nan")
    gram = centred.T @ centred if centred.shape[1] < centred.shape[0] else centred @ centred.T
    squares = torch.linalg.eigvalsh(gram).clamp_min(0)
    # What is below rounding of the largest is none.
    singular = squares.sqrt()[squares > squares.max() * 1e-12]
    if not len(singular) or float(squares.max()) == 0.0:
        return 0.0
    p = singular / singular.sum()
    return float((-(p * p.log()).sum()).exp())
