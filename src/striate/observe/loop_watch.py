"""What a loop does to its network: parameters, modes, gradients left over.

Counts only; whether they are meant is decided elsewhere. Knows nothing about images, or when it is asked to look.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn

from striate.core.inside_records import ParameterSeen

__all__ = ["ModesWatch", "ParametersWatch", "stale_gradients"]

# Positions of a tensor that are kept beside its sum of bits: two tensors that agree in both are the same.
KEPT = 64
LEAST_STEPS = 5
NAMED = 20


@dataclass
class _Print:
    """A fingerprint of a tensor: the sum of its bits as integers, and a few of its entries as bits."""

    total: torch.Tensor
    some: torch.Tensor

    @classmethod
    def of(cls, tensor: torch.Tensor) -> _Print:
        flat = tensor.detach().reshape(-1)
        bits = flat.view({1: torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}[flat.element_size()])
        stride = max(1, len(bits) // KEPT)
        return cls(bits.sum(dtype=torch.int64), bits[::stride][:KEPT].clone())

    def equals(self, other: _Print) -> bool:
        if self.some.device != other.some.device or self.some.dtype != other.some.dtype:
            return False
        return bool(self.total == other.total) and bool(torch.equal(self.some, other.some))


class ParametersWatch:
    """Every parameter of a network over the run: does it get a gradient, is it stepped, does it change."""

    def __init__(self, model: nn.Module, optimizers: Sequence[torch.optim.Optimizer]) -> None:
        self._model, self._optimizers = model, optimizers
        self._start: dict[str, _Print] = {}
        self._gradient: dict[str, str] = {}
        self._rate: dict[str, float] = {}

    @property
    def foreign(self) -> bool:
        """Whether the optimisers hold none of the network's parameters."""
        ours = {id(p) for p in self._model.parameters()}
        return bool(ours) and not ours & self._held()

    def start(self) -> None:
        """Before the first step: what every parameter is."""
        self._start = {name: _Print.of(p) for name, p in self._named() if p.numel() and not p.is_meta}

    def look(self) -> None:
        """When gradients are there, before a step: which parameters got one, and at which rate they are stepped."""
        rates = {id(p): float(g["lr"]) for o in self._optimizers for g in o.param_groups for p in g["params"]}
        for name, p in self._named():
            self._rate[name] = max(self._rate.get(name, 0.0), rates.get(id(p), 0.0))
            if self._gradient.get(name) == "seen":
                continue
            if p.grad is None:
                self._gradient.setdefault(name, "none")
            else:
                values = p.grad if p.grad.layout == torch.strided else p.grad.coalesce().values()
                self._gradient[name] = "seen" if bool(values.any()) else "zero"

    def seen(self, steps: int) -> tuple[ParameterSeen, ...]:
        """All of them after `steps` steps at a positive rate."""
        held, found = self._held(), []
        first: dict[int, str] = {}
        for name, p in self._model.named_parameters(remove_duplicate=False):
            other = first.setdefault(id(p), name)
            found.append(
                ParameterSeen.model_validate(
                    {
                        "name": name,
                        "numel": p.numel(),
                        "requires_grad": p.requires_grad,
                        "in_optimizer": id(p) in held,
                        "gradient": self._gradient.get(name, "none"),
                        "changed": self._changed(name, p, steps, held),
                        "shared_with": "" if other == name else other,
                    }
                )
            )
        return tuple(found)

    def _changed(self, name: str, p: torch.Tensor, steps: int, held: set[int]) -> bool | None:
        if steps < LEAST_STEPS or name not in self._start:
            return None
        # A group whose rate was 0 throughout is a way to freeze.
        if id(p) in held and name in self._rate and self._rate[name] == 0.0:
            return None
        if not self._start[name].equals(_Print.of(p)):
            return True
        # A bias in front of batch norm has no effect: its gradient is rounding, too small to move it, and that harms nothing.
        return None if p.ndim < 2 and self._gradient.get(name) == "seen" and id(p) in held else False

    def _named(self) -> list[tuple[str, torch.Tensor]]:
        return list(self._model.named_parameters())

    def _held(self) -> set[int]:
        return {id(p) for o in self._optimizers for g in o.param_groups for p in g["params"]}


def stale_gradients(model: nn.Module, optimizers: Sequence[torch.optim.Optimizer] = ()) -> bool:
    """Whether any parameter holds a gradient that is not 0; asked before the first backward pass after a step.

    With `optimizers`, only of what they hold: what is left out of them is not zeroed by them either, and never stepped.
    """
    held = {id(p) for o in optimizers for g in o.param_groups for p in g["params"]}
    for p in model.parameters():
        if optimizers and id(p) not in held:
            continue
        if p.grad is not None and p.grad.layout == torch.strided and bool(p.grad.any()):
            return True
    return False


class ModesWatch:
    """Layers that behave differently in train and in eval mode, and in which mode they are used.

    Batch norm without running statistics and dropout of rate 0 do not count; batch norm all of whose parameters are frozen may be in eval
    mode while training: that is how freezing is meant.
    """

    def __init__(self, model: nn.Module) -> None:
        self._model = model
        self.train_looks = 0
        self.all_in_eval = 0
        self.some_in_eval = 0
        self.val_looks = 0
        self.val_in_train = 0
        self.eval_layers: dict[str, None] = {}
        self.layers = 0

    def look_train(self) -> None:
        """At a forward pass that is trained on."""
        sensitive = self._sensitive()
        wanted = [(name, m) for name, m in sensitive if not _frozen(m)]
        off = [name for name, m in wanted if not m.training]
        self.layers = max(self.layers, len(sensitive))
        self.train_looks += 1
        self.all_in_eval += bool(off) and len(off) == len(wanted)
        self.some_in_eval += bool(off) and len(off) < len(wanted)
        for name in off:
            if len(self.eval_layers) < NAMED:
                self.eval_layers[name] = None

    def look_val(self, copy: nn.Module | None = None) -> None:
        """At a forward pass on validation images, of the network or of a `copy` of it."""
        sensitive = self._sensitive(copy)
        self.layers = max(self.layers, len(sensitive))
        self.val_looks += 1
        self.val_in_train += any(m.training for _, m in sensitive)

    def _sensitive(self, copy: nn.Module | None = None) -> list[tuple[str, nn.Module]]:
        return [(name, m) for name, m in (copy or self._model).named_modules() if _sensitive(m)]


def _sensitive(module: nn.Module) -> bool:
    if isinstance(module, nn.modules.batchnorm._BatchNorm):
        return module.track_running_stats
    if isinstance(module, nn.modules.dropout._DropoutNd):
        return module.p > 0
    return False


def _frozen(module: nn.Module) -> bool:
    own = list(module.parameters(recurse=False))
    return bool(own) and not any(p.requires_grad for p in own)
